"""What a landing transaction promises, on the real database."""

import math
import random

import msgspec
import psycopg
import pytest
from engine_processes import BASE_MS, sample

from pipeline.errors import ConfigurationError
from pipeline.store.batch import FencedError, NotStorableError, Span
from pipeline.store.land import Landing
from schemas.device import Device
from schemas.telemetry import ENCODER, DeviceReadings, Reading


class Record(msgspec.Struct):
    offset: int
    value: bytes


def span(first, samples, starts_at=None):
    records = [Record(first + place, ENCODER.encode(each)) for place, each in enumerate(samples)]
    return Span(0, first if starts_at is None else starts_at, first + len(records), records)


def land(landing, first, samples, refused=()):
    return landing.commit(landing.prepare([span(first, samples)], dict.fromkeys(refused, "")))


def rows(settings, statement):
    with psycopg.connect(settings.database) as connection:
        return connection.execute(statement).fetchall()


def count(settings):
    return rows(settings, "select count(*) from store.aircraft_sample")[0][0]


@pytest.fixture
def landing(settings, topic_prefix):
    made = Landing(settings.database, topic_prefix + "telemetry", "first")
    made.claim({0: (0, 1000)})
    yield made
    made.close()


def numbered(first, last, device="AIR1"):
    return [sample(device, number) for number in range(first, last)]


def test_a_restarted_normalizer_says_again_what_it_said_and_it_lands_once(landing, settings):
    land(landing, 0, numbered(0, 10))
    batch = landing.prepare([span(10, numbered(5, 15))], {})
    landing.commit(batch)
    assert batch.repeats == 5
    assert count(settings) == 15


def test_a_gap_is_refused_and_nothing_of_it_is_written(landing, settings):
    land(landing, 0, numbered(0, 10))
    with pytest.raises(FencedError, match=r"gap .*: 10 expected, 12 came"):
        land(landing, 12, numbered(12, 15))
    assert count(settings) == 10


def test_a_hole_that_the_transport_vouches_for_is_landed(landing, settings):
    land(landing, 0, numbered(0, 10))
    landing.commit(landing.prepare([span(12, numbered(12, 15), starts_at=10)], {}))
    assert count(settings) == 13


def test_a_process_that_lost_its_partition_fails_before_it_writes(landing, settings, topic_prefix):
    land(landing, 0, numbered(0, 10))
    other = Landing(settings.database, topic_prefix + "telemetry", "second")
    assert other.claim({0: (0, 1000)})[0].next_offset == 10
    with pytest.raises(FencedError, match="another process"):
        land(landing, 10, numbered(10, 20))
    land(other, 10, numbered(10, 20))
    other.close()
    assert count(settings) == 20


def test_a_batch_prepared_before_partitions_changed_hands_is_dropped(landing, settings):
    batch = landing.prepare([span(0, numbered(0, 10))], {})
    landing.claim({0: (0, 1000)})
    assert landing.commit(batch) is False
    assert count(settings) == 0


def test_a_batch_whose_commit_was_not_heard_of_is_noticed_and_not_written_again(landing, settings):
    batch = landing.prepare([span(0, numbered(0, 10))], {})
    assert landing.commit(batch)
    assert landing.commit(batch)  # as after a connection lost during COMMIT
    assert count(settings) == 10


def test_records_that_expired_before_they_were_landed_are_passed(landing, settings):
    land(landing, 0, numbered(0, 10))
    assert landing.claim({0: (50, 1000)})[0].next_offset == 50
    land(landing, 50, numbered(50, 60))
    assert count(settings) == 20


def test_a_topic_that_was_made_anew_is_noticed(landing):
    land(landing, 0, numbered(0, 10))
    with pytest.raises(ConfigurationError, match="made anew"):
        landing.claim({0: (0, 3)})


POISON = {
    "a NUL in a text": {"flags": "bad\0"},
    "a number that the column cannot hold": {"satellites": 70_000},
    "a time before all times": {"observed_at_ms": -(10**15)},
    "an account that does not exist": {"device": "OTHER", "account": 999},
    "an id too long for an index": {"device": random.Random(1).randbytes(10_000).hex()},
}


@pytest.mark.parametrize("values", [pytest.param(values, id=name) for name, values in POISON.items()])
def test_a_record_that_cannot_be_stored_is_found_and_the_rest_lands(landing, settings, values):
    samples = numbered(0, 20)
    samples[7] = msgspec.structs.replace(samples[7], **values)
    with pytest.raises(NotStorableError) as caught:
        land(landing, 0, samples)
    assert list(caught.value.refused) == [(0, 7)]
    assert count(settings) == 0
    land(landing, 0, samples, caught.value.refused)
    assert count(settings) == 19


def test_bytes_that_are_not_telemetry_are_refused_too(landing):
    with pytest.raises(NotStorableError) as caught:
        landing.prepare([Span(0, 0, 2, [Record(0, b"\xc1"), Record(1, ENCODER.encode(sample("AIR1", 1)))])], {})
    assert list(caught.value.refused) == [(0, 0)]


def test_every_column_holds_what_the_sample_said(landing, settings):
    said = sample(
        "AIR1", 1, height_takeoff_m=80.5, ground_speed_mps=5.5, climb_mps=-0.5, heading_deg=359.5, pitch_deg=1.5,
        roll_deg=-2.5, gimbal_pitch_deg=-90.0, gimbal_roll_deg=0.5, gimbal_yaw_deg=10.5, payload_index="67-0-0",
        zoom_factor=2.0, recording=True, flight_time_left_seconds=900.0, wind_speed_mps=3.5, wind_direction_deg=45.0,
        home_distance_m=131.5, satellites=20, rtk_satellites=21, rtk_state=2, track_id="track", gateway="GATE1",
        flags="clock",
    )  # fmt: skip
    land(landing, 0, [said])
    with psycopg.connect(settings.database, row_factory=psycopg.rows.dict_row) as connection:
        row = connection.execute("select * from store.aircraft_sample").fetchone()
    row["observed_at_ms"] = round(row["observed_at"].timestamp() * 1000)
    row["received_at_ms"] = round(row["received_at"].timestamp() * 1000)
    names = {"device": "device_id", "account": "account_id", "gateway": "gateway_id"}
    for name in said.__struct_fields__:
        if name != "source_offset":
            assert row[names.get(name, name)] == getattr(said, name), name


def test_readings_land_one_row_each(landing, settings):
    said = DeviceReadings(
        "DOCK1", 1, 0, BASE_MS, BASE_MS, "dji", "dock",
        [Reading("temperature", 21.5, None, "temp", "c"), Reading("mode", None, "idle")], flags="clock",
    )  # fmt: skip
    land(landing, 0, [said])
    found = rows(settings, "select device_id, channel, value, text, type, unit, flags from store.reading order by 2")
    assert found == [
        ("DOCK1", "mode", None, "idle", None, None, "clock"),
        ("DOCK1", "temperature", 21.5, None, "temp", "c", "clock"),
    ]
    assert rows(settings, "select family, kind from store.device") == [("dji", "dock")]


def latest(settings):
    return rows(settings, "select state, state_at, longitude_deg, observed_at, position_at from store.device_latest")[0]


def test_the_newest_state_keeps_what_a_later_message_does_not_mention(landing, settings):
    def dock(number, *readings):
        at = BASE_MS + number
        return DeviceReadings("DOCK1", 1, number, at, at, "dji", "dock", [Reading(*each) for each in readings])

    land(landing, 0, [dock(0, ("a", 1.0), ("b", 2.0)), dock(1, ("b", 3.0))])
    land(landing, 2, [dock(2, ("c", None, "on"))])
    state, state_at, *_ = latest(settings)
    assert state == {"a": 1.0, "b": 3.0, "c": "on"}
    assert state_at == {"a": BASE_MS, "b": BASE_MS + 1, "c": BASE_MS + 2}


def test_older_and_late_samples_land_but_do_not_move_the_newest_state(landing, settings):
    land(landing, 0, [sample("AIR1", 100, battery_percent=50.0)])
    older = sample("AIR1", 101, observed_at_ms=BASE_MS + 1, battery_percent=99.0, wind_speed_mps=9.0)
    late = sample("AIR1", 102, battery_percent=98.0, flags="clock,late")
    land(landing, 1, [older, late])
    state, *_ = latest(settings)
    assert state["battery_percent"] == 50.0
    assert "wind_speed_mps" not in state
    assert count(settings) == 3


def test_a_claim_forgets_nothing_that_the_database_knows(landing, settings):
    land(landing, 0, [sample("AIR1", 100, battery_percent=50.0)])
    landing.claim({0: (0, 1000)})
    land(landing, 1, [sample("AIR1", 101, observed_at_ms=BASE_MS + 1, battery_percent=99.0)])
    assert latest(settings)[0]["battery_percent"] == 50.0


def test_a_sample_without_a_position_leaves_the_last_position(landing, settings):
    land(landing, 0, [sample("AIR1", 0)])
    land(landing, 1, [sample("AIR1", 1, longitude_deg=None, latitude_deg=None)])
    _, _, longitude, observed_at, position_at = latest(settings)
    assert math.isclose(longitude, 11.5)
    assert (observed_at - position_at).total_seconds() == pytest.approx(0.001)


def test_what_people_set_of_a_device_stays_when_telemetry_says_more(landing, settings):
    landing.note_devices({"AIR1": Device("AIR1", 1, "dji", model="M30", name="Heron")})
    land(landing, 0, [sample("AIR1", 0, gateway="GATE1")])
    landing.note_devices({"AIR1": Device("AIR1", 1, "dji", kind="aircraft", name="renamed by an old record")})
    assert rows(settings, "select name, model, kind, gateway_id from store.device") == [
        ("Heron", "M30", "aircraft", "GATE1")
    ]


def test_a_device_that_cannot_be_stored_does_not_keep_others_out(landing, settings):
    landing.note_devices(
        {"A": Device("A", 1, "dji"), "B": Device("B", 1, "dji", model="\0"), "C": Device("C", 1, "dji")}
    )
    assert rows(settings, "select device_id from store.device order by 1") == [("A",), ("C",)]
