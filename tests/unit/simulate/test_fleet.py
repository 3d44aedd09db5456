"""The simulated fleet: physically possible, repeatable, and in the shapes that the decoders know."""

import itertools
import math
from collections import Counter
from itertools import pairwise

import orjson
import pytest

from pipeline.errors import RequestError
from simulate.aircraft import Aircraft
from simulate.clock import Timestamps
from simulate.fleet import (
    CENTRE_LATITUDE_DEG,
    CENTRE_LONGITUDE_DEG,
    GROUND_HEIGHT_M,
    Fleet,
    SimulatedFleet,
    thing_ids,
)
from simulate.load import Load, serial_number
from simulate.payload import prepared_osd
from simulate.run import Address, FleetRun
from simulate.survey import bearing_deg, lawn_mower, moved

SEEDS = (1, 2, 3, 7, 11)
METRES_A_DEGREE = 111_195.0


def aircraft(seed: int) -> Aircraft:
    return Aircraft("1581FSIM000000000001", CENTRE_LONGITUDE_DEG, CENTRE_LATITUDE_DEG, GROUND_HEIGHT_M, seed)


def metres_between(first, second) -> float:
    north = (second.latitude_deg - first.latitude_deg) * METRES_A_DEGREE
    scale = METRES_A_DEGREE * math.cos(math.radians(first.latitude_deg))
    return math.hypot(north, (second.longitude_deg - first.longitude_deg) * scale)


@pytest.fixture(params=SEEDS)
def flown(request):
    """A whole cycle and a half of one aircraft, second by second."""
    flying = aircraft(request.param)
    return flying, [flying.state(float(second)) for second in range(int(flying.cycle_seconds * 1.5))]


def test_an_aircraft_moves_as_far_as_its_speed_says(flown):
    _, states = flown
    for before, after in pairwise(states):
        fastest = max(before.ground_speed_mps, after.ground_speed_mps)
        assert metres_between(before, after) <= fastest * 1.01 + 0.05
        climbed = abs(after.height_takeoff_m - before.height_takeoff_m)
        assert climbed <= max(abs(before.climb_mps), abs(after.climb_mps)) * 1.01 + 0.05


def test_a_steady_leg_covers_what_its_speed_says(flown):
    _, states = flown
    legs = [
        (before, after)
        for before, after in pairwise(states)
        if before.ground_speed_mps == after.ground_speed_mps > 0 and before.heading_deg == after.heading_deg
    ]
    assert len(legs) > 200
    assert all(metres_between(*leg) == pytest.approx(leg[0].ground_speed_mps, rel=0.02) for leg in legs)


def test_an_aircraft_points_where_it_flies(flown):
    _, states = flown
    for before, after in pairwise(states):
        if before.ground_speed_mps == after.ground_speed_mps > 0 and before.heading_deg == after.heading_deg:
            scale = math.cos(math.radians(before.latitude_deg))
            course = bearing_deg(
                (before.longitude_deg * scale, before.latitude_deg), (after.longitude_deg * scale, after.latitude_deg)
            )
            assert abs((course - before.heading_deg + 180) % 360 - 180) < 1.0


def test_values_stay_within_what_is_possible(flown):
    _, states = flown
    for state in states:
        assert 0 <= state.height_takeoff_m <= 120
        assert state.height_ellipsoid_m == pytest.approx(GROUND_HEIGHT_M + state.height_takeoff_m)
        assert 10 < state.battery_percent <= 100
        assert 0 <= state.heading_deg < 360
        assert state.ground_speed_mps <= 15
        assert state.home_distance_m < 1000
        assert state.gimbal_pitch_deg in {0.0, -90.0}
        assert bool(state.track_id) == (state.mode_code not in {0, 1})


def test_a_battery_drains_in_the_air_and_is_swapped_on_the_ground(flown):
    _, states = flown
    rises = [(before, after) for before, after in pairwise(states) if after.battery_percent > before.battery_percent]
    assert 1 <= len(rises) <= 2
    assert all(not before.airborne and not after.airborne for before, after in rises)
    assert min(state.battery_percent for state in states) < 60


def test_a_survey_looks_straight_down_from_80_to_120_metres(flown):
    _, states = flown
    surveying = [state for state in states if state.gimbal_pitch_deg == -90.0]
    assert len(surveying) > 200
    assert all(80 <= state.height_takeoff_m <= 120 and state.mode_code == 5 for state in surveying)
    assert any(state.taking_photo or state.recording_seconds for state in surveying)


def test_a_flight_goes_through_all_its_phases(flown):
    _, states = flown
    assert {0, 1, 4, 5, 9, 10} == {state.mode_code for state in states}


def test_a_lawn_mower_covers_its_rectangle_line_by_line():
    corners = lawn_mower(3, 100.0, 20.0, 0.0, (5.0, 7.0))
    assert corners == [(5, 7), (5, 107), (25, 107), (25, 7), (45, 7), (45, 107)]


def test_metres_become_degrees():
    longitude, latitude = moved(11.0, 60.0, 1000.0, 1000.0)
    assert (latitude - 60.0) * METRES_A_DEGREE == pytest.approx(1000.0, rel=1e-3)
    assert (longitude - 11.0) * METRES_A_DEGREE / 2 == pytest.approx(1000.0, rel=1e-3)


def test_the_same_seed_gives_the_same_fleet():
    def messages(seed: int) -> list[tuple[str, bytes]]:
        fleet = SimulatedFleet(Fleet(aircraft=3, docks=1, things=2, seed=seed))
        stamps = itertools.count(1_763_600_000_000)
        return [each for stream in fleet.streams for each in stream.messages(30.0, lambda: next(stamps))]

    assert messages(1) == messages(1)
    assert messages(1) != messages(2)


def test_every_gateway_announces_its_aircraft_before_anything_else():
    fleet = SimulatedFleet(Fleet(aircraft=3, docks=2, things=0))
    announced = {}
    for client in fleet.clients:
        ((topic, payload),) = client.greeting(lambda: 1)
        body = orjson.loads(payload)
        assert topic == f"sys/product/{client.device}/status"
        assert body["method"] == "update_topo"
        announced[client.device] = ([each["sn"] for each in body["data"]["sub_devices"]], body["data"]["domain"])
    assert [serials for serials, _ in announced.values()] == [[each.serial] for each in fleet.aircraft]
    assert [domain for _, domain in announced.values()] == ["3", "3", "2"]


def test_rates_are_the_documented_ones():
    fleet = SimulatedFleet(Fleet(aircraft=10, docks=4, things=5))
    assert fleet.messages_per_second() == pytest.approx(10 * 0.5 + 4 * 4 * 0.5 + 6 * 0.5 + 5 / 5)
    counted = {stream.device: len(stream.messages(10.0, lambda: 1)) for stream in fleet.streams}
    assert counted == {stream.device: stream.messages_a_round for stream in fleet.streams}


def test_a_docks_partial_messages_have_no_key_in_common():
    fleet = SimulatedFleet(Fleet(aircraft=1, docks=1, things=0))
    stream = next(stream for stream in fleet.streams if not stream.aircraft_osd)
    keys = Counter(key for _, payload in stream.messages(5.0, lambda: 1) for key in orjson.loads(payload)["data"])
    assert set(keys.values()) == {1}
    assert {"cover_state", "job_number", "flighttask_step_code", "drone_charge_state"} <= set(keys)


def test_an_aircraft_message_is_as_large_as_a_real_one():
    fleet = SimulatedFleet(Fleet(aircraft=1, docks=0, things=0))
    stream = next(stream for stream in fleet.streams if stream.aircraft_osd)
    ((_, payload),) = stream.messages(300.0, lambda: 1_763_600_000_000)
    assert 1500 < len(payload) < 2500


def test_a_device_with_a_dock_but_no_aircraft_is_possible():
    fleet = SimulatedFleet(Fleet(aircraft=0, docks=2, things=0))
    assert len(fleet.clients) == 2
    assert not fleet.aircraft


def test_things_speak_under_the_fleets_user_and_use_text_and_json():
    fleet = SimulatedFleet(Fleet(aircraft=0, docks=0, things=1, user="someone"))
    (stream,) = fleet.streams
    sent = dict(stream.messages(float(number), lambda: 1)[0] for number in range(4))
    prefix = f"v1/someone/things/{thing_ids(1)[0]}/data"
    assert set(sent) == {f"{prefix}/3", f"{prefix}/4", f"{prefix}/5", f"{prefix}/json"}
    assert sent[f"{prefix}/3"].startswith(b"temp,c=")
    assert {reading["channel"] for reading in orjson.loads(sent[f"{prefix}/json"])} == {3, 4, 5}


def test_timestamps_of_a_device_grow_even_when_the_clock_stands():
    stamps = Timestamps()
    assert [stamps.next("a", 1000), stamps.next("a", 1000), stamps.next("b", 1000), stamps.next("a", 900)] == [
        1000,
        1001,
        1000,
        1002,
    ]


def test_a_rate_that_cannot_be_reached_is_refused_with_what_to_do():
    fleet = SimulatedFleet(Fleet(aircraft=2, docks=2, things=0))
    with pytest.raises(RequestError, match="ask for more"):
        FleetRun(fleet, Address("127.0.0.1", 1, "u", "p"), rate=3.0)


def test_the_prepared_load_is_one_aircraft_message_around_a_timestamp():
    before, after = prepared_osd()
    body = orjson.loads(before + b"1763600000000" + after)
    assert body["timestamp"] == 1_763_600_000_000
    assert body["data"]["mode_code"] == 5
    assert 1700 < len(before + after) < 2000


def test_serial_numbers_of_a_load_are_twenty_characters_and_all_different():
    load = Load(host="h", port=1, username="u", password="p", seconds=1)
    serials = {serial_number(load, number) for number in range(2000)}
    assert len(serials) == 2000
    assert {len(serial) for serial in serials} == {20}
