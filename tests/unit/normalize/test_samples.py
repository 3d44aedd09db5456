"""Every sample message by one table; its meaning stands in tests/samples/expected and in malformed.jsonl itself."""

import json
import math
import re

import pytest
from decoder_checks import (
    FIRST_SIGHT_ACCOUNT,
    OFFSET,
    THING_ACCOUNT,
    check_plausible,
    load,
    message_of,
    normalizer,
    verdict,
)

from pipeline.normalize.normalizer import RecentMessages
from schemas import telemetry
from schemas.dead_letter import REASONS, reason_word

#: Systems whose samples do not arrive over MQTT: webhooks and sockets, read elsewhere.
NOT_OVER_MQTT = {"iottly", "openflighthub"}

FILES = ("dji_mqtt.jsonl", "dji_flights.jsonl", "cayenne.jsonl", "idi.jsonl")
SOUND = [sample for name in FILES for sample in load(name) if "topic" in sample]
EXPECTED = {row["name"]: row for name in FILES for row in load(f"expected/{name}")}
MALFORMED = [sample for sample in load("malformed.jsonl") if sample["system"] not in NOT_OVER_MQTT]
TREATED = {row["name"]: row for row in load("expected/malformed.jsonl")}


def named(samples):
    return [pytest.param(sample, id=sample["name"]) for sample in samples]


@pytest.mark.parametrize("sample", named(SOUND))
def test_a_sample_means_what_was_worked_out_by_hand(sample):
    message = message_of(sample)
    result = normalizer().normalize(message, OFFSET, RecentMessages())
    check_plausible(result)
    expected = EXPECTED[sample["name"]]
    assert (result.telemetry is not None) == ("telemetry" in expected)
    assert (result.event is not None) == ("event" in expected)
    check({"flags": [], "replies": [], **expected}, result, message, sample)


@pytest.mark.parametrize("sample", named(MALFORMED))
def test_a_broken_sample_is_treated_as_it_says(sample):
    message = message_of(sample)
    outcome, _, words = sample["expected"].partition(": ")
    result = verdict(normalizer(), message)
    if isinstance(result, str):
        assert outcome == "dead-letter"
        assert result == words.split(" (")[0]
        assert reason_word(result) in REASONS
        return
    assert outcome == "accept"
    check_plausible(result)
    for flag in re.findall(r"flag ([a-z][A-Za-z:_-]+)", words):
        assert flag in result.flags
    check(TREATED.get(sample["name"], {}), result, message, sample)


def test_every_accepted_broken_sample_has_its_meaning_written_down():
    accepted = {sample["name"] for sample in MALFORMED if sample["expected"].startswith("accept")}
    assert accepted == set(TREATED)


def test_every_sound_sample_has_its_meaning_written_down():
    assert {sample["name"] for sample in SOUND} == set(EXPECTED)


def test_a_flight_means_the_same_message_by_message_and_as_a_stream():
    stream, recent = normalizer(), RecentMessages()
    for sample in load("dji_flights.jsonl"):
        message = message_of(sample)
        result = stream.normalize(message, OFFSET, recent)
        check({"flags": [], **EXPECTED[sample["name"]]}, result, message, sample)


def check(expected, result, message, sample):
    if "telemetry" in expected:
        compare(plain(result.telemetry, sample), at_arrival(expected["telemetry"], message), whole=True)
    if "has" in expected:
        compare(plain(result.telemetry, sample), at_arrival(expected["has"], message), whole=False)
    if "event" in expected:
        check_event(result.event, at_arrival(expected["event"], message), sample)
    if "replies" in expected:
        assert [plain_reply(reply, message) for reply in result.replies] == expected["replies"]
    if "devices" in expected:
        assert [[d.device, d.kind, d.model, d.gateway] for d in result.devices] == expected["devices"]
    if "flags" in expected:
        assert list(result.flags) == expected["flags"]


def check_event(event, expected, sample):
    expected = dict(expected)
    changes = expected.pop("data_as_sent_but", None)
    if changes is not None:
        expected["data"] = sample["payload"].get("data")
        for path, value in changes.items():
            put(expected["data"], path.split("."), value)
    if "data" in expected:
        assert json.loads(bytes(event.data)) == expected.pop("data")
    assert {name: getattr(event, name) for name in expected} == expected
    assert event.topic == sample["topic"]
    assert event.device in sample["topic"].split("/")
    assert event.account == account(sample)
    assert event.source_offset == OFFSET


def put(data, path, value):
    for part in path[:-1]:
        data = data[int(part) if part.isdigit() else part]
    assert path[-1] in data
    data[path[-1]] = value


def plain(record, sample):
    """What is common to all is checked here and left out below."""
    assert record is not None
    named_values = telemetry.to_json(record)
    assert named_values.pop("device") in sample["topic"].split("/")
    assert named_values.pop("account") == account(sample)
    assert named_values.pop("source_offset") == OFFSET
    if "readings" in named_values:
        named_values["readings"] = {reading["channel"]: value_of(reading) for reading in named_values["readings"]}
    return named_values


def value_of(reading):
    value = reading.get("text", reading.get("value"))
    return [value, reading["unit"]] if "unit" in reading else value


def compare(actual, expected, *, whole):
    if whole:
        ignored = {"received_at_ms", "flags"} | ({"observed_at_ms"} - set(expected))
        assert set(actual) - ignored == set(expected) - ignored
    for name, value in expected.items():
        assert same(actual.get(name), value), name


def same(actual, expected):
    if isinstance(expected, dict):
        return set(actual) == set(expected) and all(same(actual[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(actual) == len(expected) and all(map(same, actual, expected))
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return isinstance(actual, int | float) and math.isclose(actual, expected, rel_tol=1e-12, abs_tol=1e-12)
    return actual == expected


def at_arrival(expected, message):
    return {name: message.received_at_ms if value == "received" else value for name, value in expected.items()}


def plain_reply(reply, message):
    payload = json.loads(reply.payload)
    assert payload.pop("data") == {"result": 0}
    assert payload.pop("timestamp") == message.received_at_ms
    assert message.received_at_ms < reply.expires_at_ms <= message.received_at_ms + 10_000
    assert reply.source_offset == OFFSET
    return {"topic": reply.topic, **payload}


def account(sample):
    return THING_ACCOUNT if sample["system"] == "cayenne" else FIRST_SIGHT_ACCOUNT
