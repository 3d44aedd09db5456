"""Live states: telemetry records in, newest states out; no Kafka, no clock."""

import asyncio

import orjson

from pipeline.live import DeviceRow, LiveStates, worth_decoding
from schemas.telemetry import DECODER, ENCODER, AircraftSample, DeviceReadings, Reading


def sample(device="A", at_ms=1000, account=1, **values):
    return AircraftSample(device, account, 0, at_ms, at_ms + 5, **values)


def readings(device="T", at_ms=1000, kind="thing", **values):
    items = [
        Reading(name, value) if isinstance(value, float) else Reading(name, text=value)
        for name, value in values.items()
    ]
    return DeviceReadings(device, 1, 0, at_ms, at_ms + 5, "cayenne", kind, items)


def decoded(states, account=1):
    return {state["device"]: state for state in map(orjson.loads, states.snapshot(account)[1])}


def test_the_newest_sample_is_the_state_and_unknown_values_are_absent():
    states = LiveStates()
    states.apply([sample(at_ms=1000, battery_percent=80.0), sample(at_ms=2000, heading_deg=90.0)], 2100)
    assert decoded(states) == {
        "A": {
            "device": "A",
            "family": "dji",
            "kind": "aircraft",
            "observed_at_ms": 2000,
            "received_at_ms": 2005,
            "battery_percent": 80.0,
            "heading_deg": 90.0,
        }
    }


def test_older_and_late_samples_move_nothing():
    states = LiveStates()
    states.apply([sample(at_ms=2000, battery_percent=80.0)], 2100)
    version, _ = states.snapshot(1)
    states.apply([sample(at_ms=1999, battery_percent=1.0), sample(at_ms=3000, battery_percent=2.0, flags="late")], 3100)
    assert states.changes(1, version) == (version, [])


def test_changes_are_each_devices_newest_state_once():
    states = LiveStates()
    states.apply([sample("A"), sample("B"), sample("C")], 1100)
    seen, _ = states.snapshot(1)
    states.apply([sample("B", 2000), sample("A", 2000), sample("B", 3000)], 3100)
    version, changed = states.changes(1, seen)
    assert {(s["device"], s["observed_at_ms"]) for s in map(orjson.loads, changed)} == {("A", 2000), ("B", 3000)}
    assert states.changes(1, version) == (version, [])


def test_accounts_have_states_of_their_own_and_a_moved_device_leaves_nothing_behind():
    states = LiveStates()
    states.apply([sample("A", account=1, battery_percent=50.0), sample("B", account=2)], 1100)
    assert (set(decoded(states, 1)), set(decoded(states, 2))) == ({"A"}, {"B"})
    states.apply([sample("A", 2000, account=2)], 2100)
    assert (set(decoded(states, 1)), set(decoded(states, 2))) == (set(), {"A", "B"})
    assert "battery_percent" not in decoded(states, 2)["A"]


def test_parts_of_a_report_merge_whatever_their_order():
    states = LiveStates()
    states.apply([readings(at_ms=2000, a=2.0), readings(at_ms=1000, a=1.0, b=1.0), readings(at_ms=2000, c="on")], 2100)
    assert decoded(states)["T"]["fields"] == {"a": 2.0, "b": 1.0, "c": "on"}


def test_a_thing_cannot_grow_its_state_without_bound():
    states = LiveStates()
    states.apply([readings(at_ms=n, **{f"c{n}": "x" * 1000}) for n in range(100)], 2100)
    fields = decoded(states)["T"]["fields"]
    assert len(fields) == 16
    assert max(map(len, fields.values())) == 120


def test_a_dock_shows_its_headlines_and_a_controller_its_battery():
    states = LiveStates()
    dock = readings("D", kind="dock", mode_code=4.0, acc_time=9.0)
    controller = readings("R", kind="remote-controller", capacity_percent=55.0)
    states.apply([dock, controller], 1100)
    found = decoded(states)
    assert found["D"]["fields"] == {"mode_code": 4.0}
    assert found["D"]["mode_code"] == 4
    assert found["R"]["battery_percent"] == 55.0


def test_the_store_fills_what_telemetry_did_not_tell_and_takes_nothing_back():
    states = LiveStates()
    states.apply([sample("A", 5000, battery_percent=80.0)], 5100)
    assert states.take_unnamed()
    stored = {"battery_percent": 99.0}
    states.restore(
        [
            DeviceRow(
                device="A", account=1, family="dji", kind="aircraft", name="Kestrel", observed_at_ms=4000, state=stored
            ),
            DeviceRow(device="B", account=1, family="dji", kind="aircraft", observed_at_ms=4000, state=stored),
            DeviceRow(device="C", account=1, family="cayenne", kind="thing"),
        ]
    )
    found = decoded(states)
    assert (found["A"]["name"], found["A"]["battery_percent"]) == ("Kestrel", 80.0)
    assert found["B"]["battery_percent"] == 99.0
    assert found["C"] == {"device": "C", "family": "cayenne", "kind": "thing"}
    assert not states.take_unnamed()


def test_restoring_what_is_known_changes_nothing():
    states = LiveStates()
    rows = [
        DeviceRow(device="B", account=1, family="dji", kind="aircraft", observed_at_ms=4000, state={"mode_code": 1})
    ]
    states.restore(rows)
    version, _ = states.snapshot(1)
    states.restore(rows)
    assert states.changes(1, version) == (version, [])


def test_lag_is_the_age_of_the_newest_record_when_it_came():
    states = LiveStates()
    assert not states.flows(0)
    states.apply([sample(at_ms=1000), sample(at_ms=2000)], 2505)
    assert states.lag_seconds == 0.5
    assert states.flows(7000)
    assert not states.flows(8000)


def test_of_an_aircraft_only_the_last_record_is_worth_decoding_and_of_others_all():
    records = [
        sample("A", 1000),
        readings("T", 1000, a=1.0),
        sample("B", 1000),
        sample("A", 2000),
        readings("T", 1000, b=1.0),
    ]
    values = worth_decoding((record.device.encode(), ENCODER.encode(record)) for record in records)
    assert [(each.device, each.observed_at_ms) for each in map(DECODER.decode, values)] == [
        ("A", 2000),
        ("B", 1000),
        ("T", 1000),
        ("T", 1000),
    ]


def test_who_waits_is_woken_by_a_change_of_its_account_alone():
    async def story():
        states = LiveStates()
        waiting = asyncio.create_task(states.wait_for_changes(1, 0, seconds=10))
        await asyncio.sleep(0)
        states.apply([sample(account=2)], 1100)
        await asyncio.sleep(0)
        assert not waiting.done()
        states.apply([sample("B", account=1)], 1100)
        assert await waiting
        assert not await states.wait_for_changes(1, states.snapshot(1)[0], seconds=0)

    asyncio.run(story())
