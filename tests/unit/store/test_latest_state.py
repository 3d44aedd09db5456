import orjson

from pipeline.store.latest_state import AIRCRAFT_FIELDS, LatestStates, parameter
from schemas.telemetry import AircraftSample, DeviceReadings, Reading


def aircraft(at, device="AIR1", **more):
    return AircraftSample(device, 1, at, at, at + 5, **more)


def merge(records, known=None):
    merged = LatestStates().merge(records, lambda devices: {d: t for d, t in (known or {}).items() if d in devices})
    return {row["device_id"]: row for row in orjson.loads(parameter(merged))}


def state(row):
    return row["state"], row["state_at"]


def test_a_device_costs_one_row_and_its_newest_values_count():
    rows = merge([aircraft(1, battery_percent=80.0), aircraft(2, battery_percent=79.0), aircraft(1, device="AIR2")])
    assert list(rows) == ["AIR1", "AIR2"]
    assert state(rows["AIR1"]) == ({"battery_percent": 79.0}, {"battery_percent": 2})
    assert (rows["AIR1"]["observed_ms"], rows["AIR1"]["received_ms"]) == (2, 7)


def test_a_field_that_the_newest_sample_does_not_mention_keeps_its_own_time():
    rows = merge([aircraft(1, wind_speed_mps=3.0), aircraft(2, battery_percent=79.0)])
    assert state(rows["AIR1"]) == (
        {"battery_percent": 79.0, "wind_speed_mps": 3.0},
        {"battery_percent": 2, "wind_speed_mps": 1},
    )


def test_false_and_zero_are_values():
    assert state(merge([aircraft(1, recording=False, mode_code=0)])["AIR1"])[0] == {"recording": False, "mode_code": 0}


def test_a_sample_older_than_what_is_known_moves_nothing():
    assert merge([aircraft(5, battery_percent=80.0)], known={"AIR1": 6}) == {}
    assert list(merge([aircraft(6, battery_percent=80.0)], known={"AIR1": 6})) == ["AIR1"]


def test_within_a_batch_an_older_sample_moves_nothing_either():
    rows = merge([aircraft(9, battery_percent=50.0), aircraft(5, battery_percent=80.0, wind_speed_mps=3.0)])
    assert state(rows["AIR1"])[0] == {"battery_percent": 50.0}


def test_late_samples_move_nothing_and_other_flags_do_not_matter():
    assert merge([aircraft(1, battery_percent=80.0, flags="clock,late")]) == {}
    assert list(merge([aircraft(1, battery_percent=80.0, flags="clock,bad-field:late_x")])) == ["AIR1"]


def test_the_position_is_the_newest_one_that_there_is():
    placed = aircraft(1, longitude_deg=11.5, latitude_deg=48.5, height_ellipsoid_m=600.0)
    row = merge([placed, aircraft(2, battery_percent=80.0)])["AIR1"]
    assert (row["longitude_deg"], row["latitude_deg"], row["height_ellipsoid_m"], row["position_ms"]) == (
        11.5,
        48.5,
        600.0,
        1,
    )
    assert "position_ms" not in merge([aircraft(2)])["AIR1"]


def test_a_position_on_the_equator_or_at_time_zero_is_a_position():
    row = merge([aircraft(0, longitude_deg=0.0, latitude_deg=0.0)])["AIR1"]
    assert (row["longitude_deg"], row["latitude_deg"], row["position_ms"]) == (0.0, 0.0, 0)


def test_channels_of_things_are_fields_and_the_last_of_one_message_counts():
    said = DeviceReadings(
        "THING1", 1, 1, 1, 1, "cayenne", "thing", [Reading("3", 1.0), Reading("3", 2.0), Reading("4", None, "on")]
    )
    assert state(merge([said])["THING1"]) == ({"3": 2.0, "4": "on"}, {"3": 1, "4": 1})


def test_what_is_remembered_is_not_asked_again():
    asked, states = [], LatestStates()

    def ask(devices):
        asked.append(list(devices))
        return {}

    states.remember(states.merge([aircraft(5)], ask))
    assert len(states.merge([aircraft(4)], ask)) == 0
    states.forget()
    states.merge([aircraft(4)], ask)
    assert asked == [["AIR1"], ["AIR1"]]


def test_identity_and_position_are_no_state_fields():
    assert "battery_percent" in AIRCRAFT_FIELDS
    assert not {"device", "account", "longitude_deg", "flags", "gateway", "observed_at_ms"} & set(AIRCRAFT_FIELDS)
