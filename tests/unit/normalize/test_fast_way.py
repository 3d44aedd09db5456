"""The fast way for known shapes and the exact way say the same of every message."""

import json

import pytest
from decoder_checks import OFFSET, RECEIVED_AT_MS, decode, load, message_of, normalizer, payload_of
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MessageError
from pipeline.normalize.dji import known_aircraft
from pipeline.normalize.limits import decode_text, parse_json
from pipeline.normalize.normalizer import Normalizer, RecentMessages, Registry
from pipeline.normalize.shapes import KnownShapes, prove, shape_of
from schemas.device import Device
from schemas.raw import Message

AIRCRAFT = [
    s for s in [*load("dji_mqtt.jsonl"), *load("dji_flights.jsonl")] if s["kind"] == "osd" and "/1581" in s["topic"]
]
TOPIC = "thing/product/1581SYNG4JJ7U280LFXW/osd"
FLIGHT = json.loads(payload_of(load("dji_flights.jsonl")[20]))


def both(learnt, judged):
    """What the second message means to a normalizer that learnt from the first, and to one that learnt nothing."""
    knowing = normalizer()
    decode(TOPIC, learnt, by=knowing)
    return judge(knowing, judged), judge(knows_the_aircraft(), judged)


def knows_the_aircraft():
    known = Registry()
    known.put(Device("1581SYNG4JJ7U280LFXW", 1, "dji", "aircraft", gateway="7SYNGHYJDQ0JXA"))
    return Normalizer(known, 1)


def judge(by, payload):
    try:
        result = decode(TOPIC, payload, by=by)
    except MessageError as error:
        return error.reason
    return result.telemetry, result.flags


def text(**data):
    return json.dumps({**FLIGHT, "data": {**FLIGHT["data"], **data}})


@pytest.mark.parametrize("sample", [pytest.param(s, id=s["name"]) for s in AIRCRAFT])
def test_a_message_means_the_same_when_its_shape_is_known(sample, monkeypatch):
    message, knowing, ways = message_of(sample), normalizer(), []
    original = known_aircraft.KnownAircraft.read

    def watched(self, *arguments):
        ways.append(original(self, *arguments))
        return ways[-1]

    monkeypatch.setattr(known_aircraft.KnownAircraft, "read", watched)
    first = knowing.normalize(message, OFFSET, RecentMessages())
    second = knowing.normalize(message, OFFSET, RecentMessages())
    assert ways[-1] is not None, "the second message did not go the fast way"
    assert second.telemetry == first.telemetry
    assert second.flags == first.flags


@pytest.mark.parametrize(
    "data",
    [
        {"latitude": 95.1},
        {"longitude": True},
        {"latitude": None},
        {"latitude": 0, "longitude": 0},
        {"height": 32767},
        {"height": 9999999.9},
        {"height": "high"},
        {"wind_speed": -1},
        {"wind_direction": 0},
        {"wind_direction": 9},
        {"attitude_head": -180},
        {"attitude_head": -1e-17},
        {"attitude_head": 540},
        {"mode_code": 77},
        {"mode_code": "5"},
        {"mode_code": 5.0},
        {"battery": None},
        {"battery": {"capacity_percent": 180, "remain_flight_time": 65535}},
        {"99-0-0": 5},
        {"99-0-0": None},
        {"99-0-0": {}},
        {"track_id": ""},
        {"track_id": "x" * 65},
        {"position_state": {"gps_number": 0}},
        {"cameras": [{"payload_index": "99-0-0", "zoom_factor": 2, "recording_state": 1}]},
    ],
    ids=json.dumps,
)
def test_an_odd_value_means_the_same_either_way(data):
    fast, exact = both(text(), text(**data))
    assert fast == exact
    fast, exact = both(text(**{**data, "latitude": 1.5, "longitude": 2.5}), text(**data))
    assert fast == exact


def test_a_key_given_twice_is_noticed_in_a_message_of_a_known_length_and_key_count():
    good = '{"timestamp":1772964030000,"data":{"elevation":1,"height":2,"other":3}}'
    bad = '{"timestamp":1772964030000,"data":{"elevation":1,"height":2,"height":3}}'
    assert both(good, bad)[0] == "duplicate-key:height"


def test_an_equal_key_given_twice_does_not_let_a_different_one_pass():
    equal = '{"timestamp":1772964030000,"data":{"elevation":1,"height":2,"height":2}}'
    different = '{"timestamp":1772964030000,"data":{"elevation":1,"height":2,"height":3}}'
    assert both(equal, different)[0] == "duplicate-key:height"


def test_a_payload_given_twice_is_noticed_though_payload_keys_look_alike():
    two = text(**{"66-0-0": {"gimbal_pitch": 1}})
    twice = two.replace('"66-0-0"', '"99-0-0"')
    assert twice != two
    assert both(two, twice)[0] == "duplicate-key:99-0-0"


def test_latitude_and_altitude_look_alike_and_are_told_apart():
    laser = {"measure_target_latitude": 1, "measure_target_altitude": 2}
    good = text(**{"99-0-0": laser})
    twice = good.replace('"measure_target_altitude"', '"measure_target_latitude"')
    assert both(good, twice)[0] == "duplicate-key:measure_target_latitude"
    knowing = normalizer()
    decode(TOPIC, good, by=knowing)
    assert judge(knowing, good) == judge(knows_the_aircraft(), good)


def test_a_look_alike_elsewhere_does_not_hide_a_key_given_twice():
    good = '{"data":{"elevation":1,"o":{"xa":1,"xb":2},"p":{"xc":3}},"timestamp":1772964030000}'
    bad = '{"data":{"elevation":1,"o":{"xa":1,"xa":2},"p":{"xb":3}},"timestamp":1772964030000}'
    assert both(good, bad)[0] == "duplicate-key:xa"


def test_another_payload_than_the_known_one_is_read():
    fast, exact = both(text(), text().replace('"99-0-0"', '"88-0-0"'))
    assert fast == exact
    assert fast[0].payload_index == "88-0-0"


def test_a_message_as_deep_as_no_known_one_is_too_deep():
    deep = text(other=0).replace('"other": 0', '"other": ' + "[" * 70 + "]" * 70)
    assert both(text(other=[]), deep)[0] == "too-deep"


def test_broken_utf8_in_an_unread_member_is_noticed():
    bad = text(other="?").encode().replace(b'"?"', b'"\xff"')
    knowing = normalizer()
    decode(TOPIC, text(other="?"), by=knowing)
    assert judge(knowing, bad) == "not-utf8"


def test_another_gateway_is_news():
    knowing = normalizer()
    decode(TOPIC, text(), by=knowing)
    moved = json.dumps({**json.loads(text()), "gateway": "7SYNOTHERDOCK0"})
    result = decode(TOPIC, moved, by=knowing)
    assert [device.gateway for device in result.devices] == ["7SYNOTHERDOCK0"]
    assert result.telemetry.gateway == "7SYNOTHERDOCK0"
    assert decode(TOPIC, moved, by=knowing).devices == []


def test_a_wrong_clock_is_noticed_in_a_known_shape():
    knowing = normalizer()
    decode(TOPIC, text(), by=knowing)
    early = text().replace(str(FLIGHT["timestamp"]), "1483228799999")
    result = decode(TOPIC, early, by=knowing)
    assert result.flags == ("clock",)
    assert result.telemetry.observed_at_ms == RECEIVED_AT_MS


KEYS = st.text("abgxyz019_-. AZ", min_size=1, max_size=4)
OBJECTS = st.recursive(
    st.integers(-5, 5) | st.booleans() | st.none() | st.text("agz0 {}[]:,", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(value=OBJECTS, data=st.data())
def test_a_message_of_a_proven_shape_never_contradicts_itself(value, data):
    payload = json.dumps(value)
    parsed = parse_json(decode_text(payload.encode()))
    proof = prove(payload.encode(), parsed)
    keys = sorted(keys_of(value))
    if proof is None or not keys:
        return
    known = KnownShapes()
    known.add(shape_of(payload.encode()), proof)
    # Another text: some key replaced by another key of the message, or by a new one.
    other = data.draw(st.sampled_from(keys) | KEYS)
    changed = payload.replace(json.dumps(data.draw(st.sampled_from(keys))) + ":", json.dumps(other) + ":", 1)
    if known.sound(shape_of(changed.encode()), changed.encode()):
        assert not parse_json(changed).repeats


def keys_of(value):
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys_of(item)}
    if isinstance(value, list):
        return {key for item in value for key in keys_of(item)}
    return set()


def test_a_message_of_another_family_on_the_topic_is_refused():
    known = Registry()
    known.put(Device("1581SYNG4JJ7U280LFXW", 1, "cayenne", "thing"))
    with pytest.raises(MessageError, match="unknown-device"):
        Normalizer(known, 1).normalize(Message(TOPIC, text().encode(), RECEIVED_AT_MS), 0, RecentMessages())
