"""Duplicates, replays, first sight, answers: what the normalizer does around the decoders."""

import json

import pytest
from decoder_checks import (
    OFFSET,
    RECEIVED_AT_MS,
    THING,
    USER,
    decode,
    load,
    message_of,
    normalizer,
    payload_of,
    registry,
)

from pipeline.errors import MessageError
from pipeline.normalize.normalizer import Normalizer, RecentMessages, Registry
from schemas.device import Device
from schemas.raw import Message

AIRCRAFT = "1581SYNG4JJ7U280LFXW"
DOCK = "7SYNGHYJDQ0JXA"
OSD = f"thing/product/{AIRCRAFT}/osd"
TEXT = f"v1/{USER}/things/{THING}/data/3"
FLIGHT = load("dji_flights.jsonl")
EVENT = {"tid": "a", "bid": "b", "timestamp": RECEIVED_AT_MS, "need_reply": 1, "method": "drone_open", "data": {}}


def test_a_dji_message_that_comes_twice_goes_on_once():
    by, recent = normalizer(), RecentMessages()
    first = decode(OSD, payload_of(FLIGHT[5]), by=by, recent=recent)
    second = decode(OSD, payload_of(FLIGHT[5]), by=by, recent=recent)
    assert first.dropped is None
    assert (second.dropped, second.telemetry, second.flags) == ("duplicate", None, ("duplicate",))


def test_messages_that_share_a_tid_but_not_a_time_both_go_on():
    by, recent = normalizer(), RecentMessages()
    for number in range(3):
        payload = json.dumps({**json.loads(payload_of(FLIGHT[5])), "timestamp": RECEIVED_AT_MS - number})
        assert decode(OSD, payload, by=by, recent=recent).dropped is None


@pytest.mark.parametrize(("latitude", "reason"), [(412, "out-of-range:latitude"), ("north", "bad-type:latitude")])
def test_an_impossible_place_refuses_an_osd_whatever_the_device_is(latitude, reason):
    payload = json.dumps({"timestamp": RECEIVED_AT_MS, "data": {"latitude": latitude, "longitude": 1}})
    with pytest.raises(MessageError) as refused:
        decode(OSD, payload)
    assert refused.value.reason == reason


def test_an_osd_of_an_unknown_kind_of_device_is_kept_unread():
    payload = json.dumps({"timestamp": RECEIVED_AT_MS, "data": {"latitude": 41.2, "longitude": 1}})
    assert decode(OSD, payload).event.reason == "unknown-class"


def test_messages_without_a_time_are_never_compared():
    by, recent = normalizer(), RecentMessages()
    for _ in range(2):
        assert decode(f"thing/product/{DOCK}/drc/up", '{"method":"heart_beat","seq":1}', by=by, recent=recent).event


def test_an_event_that_comes_twice_is_answered_twice_and_told_once():
    by, recent = normalizer(), RecentMessages()
    topic = f"thing/product/{DOCK}/events"
    first, second = (decode(topic, json.dumps(EVENT), by=by, recent=recent) for _ in range(2))
    assert first.event is not None
    assert second.event is None
    assert second.replies == first.replies != []


def test_a_cayenne_value_that_comes_twice_is_two_readings_unless_the_broker_says_otherwise():
    by, recent = normalizer(), RecentMessages()
    assert decode(TEXT, "temp,c=20", by=by, recent=recent).telemetry
    assert decode(TEXT, "temp,c=20", by=by, recent=recent).telemetry
    assert decode(TEXT, "temp,c=20", by=by, recent=recent, duplicate=True).dropped == "duplicate"
    assert decode(TEXT, "temp,c=21", by=by, recent=recent, duplicate=True).telemetry


def test_beyond_its_bound_a_message_is_forgotten():
    recent = RecentMessages(capacity=2)
    assert [recent.remember(item) for item in ("a", "b", "c", "b", "a")] == [False, False, False, True, False]
    assert len(recent) == 2


@pytest.mark.parametrize("topic", [OSD, f"thing/product/{DOCK}/events"])
def test_a_retained_message_is_a_replay_and_teaches_nothing(topic):
    known, recent = registry(), RecentMessages()
    payload = payload_of(FLIGHT[5]) if topic == OSD else json.dumps(EVENT)
    result = decode(topic, payload, by=Normalizer(known, 1), recent=recent, retain=True)
    assert (result.telemetry, result.event, result.replies, result.devices) == (None, None, [], [])
    assert (result.dropped, result.flags) == ("replay", ("replay",))
    assert known.get(AIRCRAFT) is None
    assert len(recent) == 0


def test_a_broken_retained_message_is_still_broken():
    with pytest.raises(MessageError, match="not-json"):
        decode(OSD, "{", retain=True)


def test_an_unknown_aircraft_gets_its_gateways_account():
    known = Registry()
    known.put(Device(DOCK, 9, "dji", "dock"))
    result = Normalizer(known, 1).normalize(message_of(FLIGHT[5]), OFFSET, RecentMessages())
    assert result.telemetry.account == 9
    assert result.devices == [Device(AIRCRAFT, 9, "dji", "aircraft", gateway=DOCK)]


def test_an_unknown_aircraft_of_an_unknown_gateway_gets_the_first_sight_account():
    assert Normalizer(Registry(), 3).normalize(message_of(FLIGHT[5]), 0, RecentMessages()).telemetry.account == 3


def test_a_known_aircraft_keeps_its_account_under_a_foreign_gateway():
    known = Registry()
    known.put(Device(DOCK, 9, "dji", "dock"))
    known.put(Device(AIRCRAFT, 4, "dji", "aircraft", gateway="7SYNMYOWNDOCK0"))
    result = Normalizer(known, 1).normalize(message_of(FLIGHT[5]), 0, RecentMessages())
    assert result.telemetry.account == 4
    assert result.telemetry.gateway == "7SYNMYOWNDOCK0"
    assert result.devices == []


def test_a_device_is_news_once():
    by = normalizer()
    assert decode(OSD, payload_of(FLIGHT[5]), by=by).devices
    assert decode(OSD, payload_of(FLIGHT[6]), by=by).devices == []


def test_topology_decides_the_kind_that_keys_cannot_show():
    by = normalizer()
    decode(f"sys/product/{DOCK}/status", payload_of(FLIGHT[0]), by=by)
    sample = decode(OSD, '{"timestamp":1772964030000,"data":{}}', by=by).telemetry
    assert sample.gateway == DOCK
    assert sample.longitude_deg is None


def test_a_kind_seen_once_stays():
    by = normalizer()
    topic = f"thing/product/{DOCK}/osd"
    decode(topic, '{"timestamp":1772964030000,"data":{"cover_state":0}}', by=by)
    # Alone, a message with only a capacity would look like a remote controller's.
    assert decode(topic, '{"timestamp":1772964031000,"data":{"capacity_percent":5}}', by=by).telemetry.kind == "dock"


def test_a_deactivated_device_is_unknown():
    known = registry()
    known.put(Device(AIRCRAFT, 1, "dji", "aircraft", active=False))
    known.put(Device(THING, 7, "cayenne", "thing", mqtt_user=USER, active=False))
    by = Normalizer(known, 1)
    for topic, payload in ((OSD, payload_of(FLIGHT[5])), (TEXT, b"1")):
        with pytest.raises(MessageError, match="unknown-device"):
            by.normalize(Message(topic, payload, RECEIVED_AT_MS), 0, RecentMessages())


def test_a_thing_nobody_provisioned_is_unknown():
    with pytest.raises(MessageError, match="unknown-device"):
        decode(f"v1/{USER}/things/nobody/data/1", "1")


def test_a_publisher_that_logged_in_as_another_user_is_not_authorised():
    assert decode(TEXT, "1", user=USER).telemetry
    with pytest.raises(MessageError, match="not-authorised"):
        decode(TEXT, "1", user="somebody-else")


def test_secrets_of_a_topology_message_go_nowhere():
    result = decode(f"sys/product/{DOCK}/status", payload_of(FLIGHT[0]))
    assert "synthetic" in payload_of(FLIGHT[0]).decode()
    assert "synthetic" not in repr(result)


def test_a_sub_device_of_another_account_stays_there():
    known = Registry()
    known.put(Device(AIRCRAFT, 4, "dji", "aircraft"))
    known.put(Device(DOCK, 9, "dji", "dock", "Dock 3"))
    result = Normalizer(known, 1).normalize(message_of(FLIGHT[0]), 0, RecentMessages())
    assert [(d.device, d.account, d.gateway) for d in result.devices] == [(AIRCRAFT, 4, None)]
    assert result.replies


def test_a_bug_in_a_decoder_costs_one_message_and_is_named(monkeypatch):
    by = normalizer()
    message = message_of(FLIGHT[5])
    by.normalize(message, 0, RecentMessages())
    monkeypatch.setattr("pipeline.normalize.dji.known_aircraft.KnownAircraft.read", lambda *_: 1 / 0)
    with pytest.raises(MessageError, match="internal-error") as caught:
        by.normalize(message, 0, RecentMessages())
    assert "ZeroDivisionError" in caught.value.detail
