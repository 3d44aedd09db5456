"""Topics: whose they are, and where they lead."""

import pytest
from decoder_checks import decode

from pipeline.errors import MessageError
from pipeline.normalize import DECODERS
from pipeline.normalize.routing import Routes, device_key, system_of


@pytest.mark.parametrize("pattern", DECODERS)
def test_the_record_key_is_the_device_that_the_decoder_sees(pattern):
    topic = pattern.replace("{device}", "DEVICE-1").replace("{user}", "me").replace("{channel}", "7")
    assert Routes(DECODERS).route(topic).device == device_key(topic) == "DEVICE-1"
    assert system_of(topic) in {"dji", "cayenne", "idi"}


@pytest.mark.parametrize(
    "topic", ["", "/", "random/topic", "thing/product/osd", "thing/product//osd", "a/b/c/d", "JOB/STATUS"]
)
def test_a_topic_nobody_knows_is_its_own_key(topic):
    assert device_key(topic) == topic


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("thing/product/15é81/osd", "bad-serial"),
        ("thing/product//osd", "bad-serial"),
        ("thing/product/" + "9" * 65 + "/osd", "bad-serial"),
        ("thing/product/_7SYN_ /services", "unknown-topic"),
        ("Thing/product/7SYN/osd", "unknown-topic"),
        ("thing/product/7SYN/osd/", "unknown-topic"),
        ("", "unknown-topic"),
        ("v3/things/a/data/1", "unknown-topic"),
    ],
)
def test_a_topic_is_matched_exactly(topic, reason):
    with pytest.raises(MessageError) as caught:
        decode(topic, "{}")
    assert caught.value.reason == reason
