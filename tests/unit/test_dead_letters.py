from types import SimpleNamespace

import pytest

from pipeline.dead_letters import decode_record, encode_headers, system_of
from schemas.raw import Message
from schemas.raw import decode_record as decode_raw
from schemas.raw import encode_headers as encode_raw

MESSAGE = Message("thing/product/AIR1/osd", b"{oops", 1_700_000_000_000, retain=True)


def letter(headers, value=MESSAGE.payload):
    return decode_record(
        SimpleNamespace(partition=2, offset=7, timestamp=1_700_000_000_500, key=b"AIR1", value=value, headers=headers)
    )


def test_a_dead_letter_keeps_the_message_where_it_came_from_and_why():
    found = letter(encode_headers(encode_raw(MESSAGE), "not-json", "at 1", "windhover.raw:2:99"))
    assert decode_raw(found.payload, found.headers, 0) == MESSAGE
    assert (found.reason, found.detail, found.system, found.origin) == ("not-json", "at 1", "dji", "windhover.raw:2:99")
    assert (found.device, found.mqtt_topic) == ("AIR1", MESSAGE.topic)


def test_a_requeued_message_that_fails_again_has_only_its_newest_reason():
    once = encode_headers(encode_raw(MESSAGE), "not-json", "first", "raw:2:99")
    twice = encode_headers(once, "too-deep", "", "raw:2:120")
    assert [value for name, value in twice if name == "reason"] == [b"too-deep"]
    assert letter(twice).detail == ""


def test_a_detail_is_bounded_and_odd_text_does_no_harm():
    found = letter(encode_headers([], "bad-value", "\ud800" + "x" * 10_000, "raw:0:1"))
    assert len(found.detail) == 500


def test_a_record_without_headers_is_a_letter_without_a_reason():
    found = letter([], value=None)
    assert (found.reason, found.system, found.payload, found.mqtt_topic) == ("", "unknown", b"", "")


@pytest.mark.parametrize(
    ("topic", "system"),
    [
        ("thing/product/S/osd", "dji"), ("sys/product/S/status", "dji"), ("v1/u/things/t/data/1", "cayenne"),
        ("v2/things/t/data", "cayenne"), ("job-1/JOB/STATUS", "idi"), ("", "unknown"), ("other/topic", "unknown"),
    ],
)  # fmt: skip
def test_the_topic_tells_the_system(topic, system):
    assert system_of(topic) == system
