"""Whatever arrives on whatever topic: a result or a MessageError, the same each time, and never an impossible value."""

import json

import pytest
from decoder_checks import RECEIVED_AT_MS, THING, THING_V2, USER, check_plausible, load, normalizer, payload_of, verdict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.normalize import DECODERS
from schemas.dead_letter import REASONS, reason_word
from schemas.raw import Message

BRIEF = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def topic_of(pattern):
    device = "1581SYNG4JJ7U280LFXW"
    if pattern.startswith("v1"):
        device = THING
    if pattern.startswith("v2"):
        device = THING_V2
    return pattern.replace("{device}", device).replace("{user}", USER).replace("{channel}", "3")


TOPICS = [topic_of(pattern) for pattern in DECODERS]
TEXTS = [
    "temp",
    "gps",
    "accel",
    "null",
    "c",
    "m",
    "k",
    "=",
    ",",
    "-1",
    "1e999",
    "nan",
    "[",
    "]",
    "{",
    '"',
    "ok",
    "\x00",
    "é",
]
MEMBERS = [
    "latitude", "longitude", "height", "elevation", "attitude_head", "horizontal_speed", "wind_speed",
    "wind_direction", "mode_code", "battery", "capacity_percent", "remain_flight_time", "position_state",
    "gps_number", "cameras", "66-0-0", "39-0-7", "gimbal_pitch", "gimbal_yaw", "payload_index", "zoom_factor",
    "recording_state", "track_id", "cover_state", "network_state", "quality", "rate", "humidity", "sub_device",
    "device_sn", "channel", "value", "type", "unit", "sensors", "timestamp", "data", "gateway", "method",
    "need_reply", "list", "sub_devices", "sn", "domain", "navigation", "position", "coordinates", "velocity",
    "groundSpeed", "weather", "rain", "jobState", "tid", "seq",
]  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 90.1, -180.0, 32767, 65535, 9999999.9, 1772964030000, -1e-17]),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.text(max_size=8), st.sampled_from([*TEXTS, "5", "44.5", "\ud800"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=8),
    max_leaves=30,
)
MESSAGES = st.builds(
    lambda envelope, data: json.dumps({**envelope, "data": data}).encode(),
    st.dictionaries(st.sampled_from(MEMBERS), LEAVES, max_size=4),
    st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=14),
)
PAYLOADS = st.one_of(
    st.binary(max_size=64),
    st.lists(st.sampled_from(TEXTS), max_size=9).map(lambda parts: "".join(parts).encode()),
    VALUES.map(lambda value: json.dumps(value).encode()),
    MESSAGES,
)


def outcome(topic, payload, by):
    result = verdict(by, Message(topic, payload, RECEIVED_AT_MS))
    if isinstance(result, str):
        assert reason_word(result) in REASONS
        assert result != "internal-error"
    else:
        check_plausible(result)
    return result


@pytest.mark.parametrize("topic", TOPICS)
@BRIEF
@given(payload=PAYLOADS)
def test_any_bytes_give_a_result_or_a_message_error_the_same_each_time(topic, payload):
    first, again = outcome(topic, payload, normalizer()), outcome(topic, payload, normalizer())
    assert first == again
    knowing = normalizer()
    outcome(topic, payload, knowing)
    third = outcome(topic, payload, knowing)
    # What was learnt from the first message changes how the second is read, not what it means.
    assert meaning(third) == meaning(outcome(topic, payload, knowing))


def meaning(result):
    return result if isinstance(result, str) else (result.telemetry, result.event, result.replies, result.flags)


@BRIEF
@given(
    topic=st.text(max_size=40)
    | st.lists(st.sampled_from(["thing", "product", "", "v1", "osd", "JOB", "STATUS", "a b"])).map("/".join)
)
def test_any_topic_gives_a_result_or_a_message_error(topic):
    outcome(topic, b"{}", normalizer())


OSDS = [payload_of(sample) for sample in load("dji_mqtt.jsonl") if sample["kind"] == "osd"]


@BRIEF
@given(data=st.data())
def test_a_damaged_message_never_gives_an_impossible_value(data):
    payload = bytearray(data.draw(st.sampled_from(OSDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(payload) - 1))
        payload[place] = data.draw(st.integers(0, 255))
    by = normalizer()
    topic = "thing/product/1581SYNG4JJ7U280LFXW/osd"
    outcome(topic, data.draw(st.sampled_from(OSDS)), by)
    known = outcome(topic, bytes(payload), by)
    fresh = normalizer()
    assert isinstance(known, str) == isinstance(outcome(topic, bytes(payload), fresh), str)
