"""Cayenne's grammar beyond the samples: text, arrays, frames, answers."""

import json

import pytest
from decoder_checks import RECEIVED_AT_MS, THING, THING_V2, USER, decode, normalizer, verdict

from pipeline.errors import MessageError
from pipeline.normalize.cayenne.lpp import KINDS, frame_bytes
from schemas.raw import Message

V1 = f"v1/{USER}/things/{THING}"
V2 = f"v2/things/{THING_V2}"


def told(topic, payload):
    result = decode(topic, payload)
    values = [
        (r.channel, r.text if r.value is None else pytest.approx(r.value), r.unit) for r in result.telemetry.readings
    ]
    return values, list(result.flags)


@pytest.mark.parametrize(
    ("payload", "readings", "flags"),
    [
        ("temp,null=5", [("3", 5, None)], []),
        ("temp,=5", [("3", 5, None)], []),
        ("temp=5", [("3", 5, "c")], []),
        ("temp,f=68", [("3", 20, "c")], []),
        ("temp,c=-300", [("3", -300, "c")], ["implausible"]),
        ("temp,psi=3", [("3", 3, "psi")], ["unknown-unit"]),
        ("null,null=5", [("3", 5, None)], []),
        ("6.600", [("3", 6.6, None)], []),
        ("on", [("3", "on", None)], []),
        ("a\x00b", [("3", "a\ufffdb", None)], []),
        ("probe,widgets=many", [("3", "many", "widgets")], ["unknown-type"]),
        ("accel,g=[1,0,-1]", [("3.x", 9.80665, "ms2"), ("3.y", 0, "ms2"), ("3.z", -9.80665, "ms2")], []),
        ("gps,m=0,0,1", [("3.latitude", 0, "lat"), ("3.longitude", 0, "long"), ("3.altitude", 1, "m")], []),
        ("press,psi=1", [("3", 6894.757, "pa")], []),
        ("rel_hum,r=0.5", [("3", 50, "p")], []),
        ('{"a":1,"b":"=x"}', [("3", '{"a":1,"b":"=x"}', None)], []),
    ],
)
def test_text_becomes_readings_in_canonical_units(payload, readings, flags):
    assert told(f"{V1}/data/3", payload) == (readings, flags)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("temp,c=abc", "bad-value"),
        ("temp,c=", "bad-value"),
        ("temp,c=1e999", "bad-value"),
        ("temp,c=1_000", "bad-value"),
        ("temp,c=0x10", "bad-value"),
        ("nan", "bad-value"),
        ("1,2,3", "bad-grammar"),
        ("accel,g=1,2", "bad-grammar"),
        ("accel,g,g=1,2,3", "bad-grammar"),
        ("gps,m=95,0", "out-of-range:latitude"),
        ("gps,m=0,181", "out-of-range:longitude"),
        ("loc_lat,lat=91", "out-of-range:latitude"),
        ('{"a":1', "bad-value"),
        ('{"a":1,"a":2}', "duplicate-key:a"),
        (" ", "bad-grammar"),
    ],
)
def test_text_that_breaks_the_grammar_is_refused(payload, reason):
    with pytest.raises(MessageError) as caught:
        decode(f"{V1}/data/3", payload)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("{}", "not-array"),
        ("[1]", "not-object"),
        ('[{"channel":-1,"value":1}]', None),
        ('[{"channel":65534,"value":1}]', "bad-channel"),
        ('[{"channel":"","value":1}]', "bad-channel"),
        ('[{"channel":1,"value":true}]', "bad-value"),
        ('[{"channel":1,"value":[]}]', "bad-value"),
        ('[{"channel":1,"value":1,"type":5}]', "bad-type:type"),
        ('[{"channel":1,"value":[44.5,-30.5,9],"type":"gps","unit":"m"}]', None),
        ("[]", None),
    ],
)
def test_an_array_is_accepted_or_refused_whole(payload, reason):
    result = verdict(normalizer(), Message(f"{V1}/data.json", payload.encode(), RECEIVED_AT_MS))
    if isinstance(result, str):
        assert result == reason
    else:
        assert reason is None
        assert len(result.telemetry.readings) == {"[]": 0}.get(payload, 3 if "gps" in payload else 1)


def test_a_position_comes_from_gps_and_names_no_height():
    telemetry = decode(f"{V1}/data/1", "gps,m=44.5,-30.5,87.5").telemetry
    assert (telemetry.longitude_deg, telemetry.latitude_deg, telemetry.height_ellipsoid_m) == (-30.5, 44.5, None)


def test_data_without_a_channel_is_channel_0():
    assert told(f"{V1}/data", "7") == ([("0", 7, None)], [])


def test_an_empty_payload_clears_a_retained_message_and_says_nothing():
    event = decode(f"{V1}/data/3", "").event
    assert (event.type, event.reason) == ("unread", "retained-cleared")


def test_an_error_response_keeps_its_message():
    event = decode(f"{V1}/response", "error,seq1=no such=channel").event
    assert json.loads(bytes(event.data)) == {"ok": False, "seq": "seq1", "message": "no such=channel"}


@pytest.mark.parametrize("payload", ["ok", "ok,", "error", "error,", "error,=x", "OK,1", "maybe,1"])
def test_a_response_that_is_none_is_refused(payload):
    with pytest.raises(MessageError, match="bad-grammar"):
        decode(f"{V1}/response", payload)


@pytest.mark.parametrize("suffix", ["conf/3", "jobs.json", "data/defaults", "digital/3-conf", "analog/3-cmd"])
def test_the_agents_own_topics_are_accepted_and_not_read(suffix):
    assert decode(f"{V1}/{suffix}", "x").event.reason == "agent-internal"


def test_an_uplink_keeps_its_own_time_and_flags_a_wrong_one():
    sensors = [{"channel": 1, "value": 2}]
    good = decode(f"{V2}/data.json", json.dumps({"timestamp": 1773400000000, "sensors": sensors}))
    late = decode(f"{V2}/data.json", json.dumps({"timestamp": 5, "sensors": sensors}))
    assert (good.telemetry.observed_at_ms, good.flags) == (1773400000000, ())
    assert (late.telemetry.observed_at_ms, late.flags) == (late.telemetry.received_at_ms, ("clock",))


@pytest.mark.parametrize(
    ("payload", "reason"), [("[]", "not-object"), ("{}", "missing-data"), ('{"sensors":1}', "bad-type:sensors")]
)
def test_an_uplink_of_another_form_is_refused(payload, reason):
    with pytest.raises(MessageError) as caught:
        decode(f"{V2}/data.json", payload)
    assert caught.value.reason == reason


FRAME = bytes.fromhex("036701100567ffd7")


@pytest.mark.parametrize("payload", [FRAME, FRAME.hex().encode(), FRAME.hex().upper().encode(), b"A2cBEAVn/9c="])
def test_a_frame_is_read_raw_as_hex_and_as_base64(payload):
    assert frame_bytes(payload) == FRAME
    assert told(f"{V2}/data.bin", payload) == ([("3", 27.2, "c"), ("5", -4.1, "c")], [])


def test_a_frame_that_breaks_off_keeps_what_was_before():
    assert told(f"{V2}/data.bin", FRAME[:7]) == ([("3", 27.2, "c")], ["truncated-record:4"])


def test_a_frame_with_an_unknown_type_keeps_what_was_before():
    assert told(f"{V2}/data.bin", FRAME[:4] + b"\x01\x50\x00") == ([("3", 27.2, "c")], ["unknown-record:4"])


def test_a_frame_that_begins_with_an_unknown_type_is_refused():
    with pytest.raises(MessageError, match="unknown-type"):
        decode(f"{V2}/data.bin", b"\x01\x50\x00")


@pytest.mark.parametrize("number", KINDS)
def test_every_record_type_can_be_read(number):
    frame = bytes([1, number]) + bytes(sum(KINDS[number].sizes))
    readings = decode(f"{V2}/data.bin", frame, by=normalizer()).telemetry.readings
    assert [reading.value for reading in readings] == [0] * len(KINDS[number].sizes)
