"""One flight as a chain of straight legs, and where an aircraft is on it at a time. Pure: seconds in, place out.

Within a leg everything changes linearly, so reported speeds agree with the positions by construction.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from simulate.survey import Point, bearing_deg, distance_m

#: DJI reference, section 4.1.
STANDBY, PREPARING, TAKE_OFF, WAYLINE, RETURN, LANDING = 0, 1, 4, 5, 9, 10
CLIMB_MPS, DESCENT_MPS, TRANSIT_MPS, TURN_SECONDS = 4.0, 3.0, 12.0, 3.0
SAFE_HEIGHT_M = 40.0
NADIR_DEG = -90.0


class Leg(msgspec.Struct, frozen=True):
    """From one place to another in `seconds`. Heights above take-off; `turn_deg` is what the heading changes by."""

    seconds: float
    mode_code: int
    start: Point
    end: Point
    start_height_m: float
    end_height_m: float
    heading_deg: float
    turn_deg: float = 0.0
    gimbal_pitch_deg: float = 0.0
    surveying: bool = False


class Place(msgspec.Struct, frozen=True):
    """Where on a flight an aircraft is. Speeds are those of its leg; `turning` while the heading changes."""

    mode_code: int
    east_m: float
    north_m: float
    height_m: float
    heading_deg: float
    ground_speed_mps: float
    climb_mps: float
    gimbal_pitch_deg: float
    surveying: bool


class Flight:
    """Legs one after the other; `seconds` is how long all of them take."""

    def __init__(self, legs: Sequence[Leg]) -> None:
        self.legs = legs
        self._starts = [0.0]
        for leg in legs:
            self._starts.append(self._starts[-1] + leg.seconds)
        self.seconds = self._starts[-1]

    def place(self, seconds: float) -> Place:
        """Where the aircraft is `seconds` after the flight began; before and after it, its first and last place."""
        index = min(max(bisect_right(self._starts, seconds) - 1, 0), len(self.legs) - 1)
        leg = self.legs[index]
        part = min(max((seconds - self._starts[index]) / leg.seconds, 0.0), 1.0)
        return Place(
            mode_code=leg.mode_code,
            east_m=leg.start[0] + part * (leg.end[0] - leg.start[0]),
            north_m=leg.start[1] + part * (leg.end[1] - leg.start[1]),
            height_m=leg.start_height_m + part * (leg.end_height_m - leg.start_height_m),
            heading_deg=(leg.heading_deg + part * leg.turn_deg) % 360.0,
            ground_speed_mps=distance_m(leg.start, leg.end) / leg.seconds,
            climb_mps=(leg.end_height_m - leg.start_height_m) / leg.seconds,
            gimbal_pitch_deg=leg.gimbal_pitch_deg,
            surveying=leg.surveying,
        )


def survey_flight(corners: Sequence[Point], height_m: float, speed_mps: float) -> Flight:
    """Take-off at home, climb, fly to the first corner, survey all corners, return, land at home."""
    home = (0.0, 0.0)
    heading = bearing_deg(home, corners[0])
    legs = [
        _vertical(TAKE_OFF, home, 0.0, height_m, heading),
        *_turn_and_fly(WAYLINE, home, corners[0], height_m, speed_mps=TRANSIT_MPS, heading_deg=heading),
    ]
    for start, end in pairwise(corners):
        heading = _final_heading(legs)
        legs += _turn_and_fly(WAYLINE, start, end, height_m, speed_mps=speed_mps, heading_deg=heading, surveying=True)
    heading = _final_heading(legs)
    legs += _turn_and_fly(RETURN, corners[-1], home, height_m, speed_mps=TRANSIT_MPS, heading_deg=heading)
    heading = _final_heading(legs)
    return Flight(
        [
            *legs,
            _vertical(RETURN, home, height_m, SAFE_HEIGHT_M, heading),
            _vertical(LANDING, home, SAFE_HEIGHT_M, 0.0, heading),
        ]
    )


def _vertical(mode_code: int, point: Point, start_m: float, end_m: float, heading_deg: float) -> Leg:
    speed = CLIMB_MPS if end_m > start_m else DESCENT_MPS
    return Leg(abs(end_m - start_m) / speed, mode_code, point, point, start_m, end_m, heading_deg)


def _turn_and_fly(
    mode_code: int,
    start: Point,
    end: Point,
    height_m: float,
    *,
    speed_mps: float,
    heading_deg: float,
    surveying: bool = False,
) -> list[Leg]:
    course = bearing_deg(start, end)
    turn = (course - heading_deg + 180.0) % 360.0 - 180.0
    gimbal = NADIR_DEG if surveying else 0.0
    fly = Leg(
        distance_m(start, end) / speed_mps,
        mode_code,
        start,
        end,
        height_m,
        height_m,
        course,
        gimbal_pitch_deg=gimbal,
        surveying=surveying,
    )
    if abs(turn) < 1.0:
        return [fly]
    hover = Leg(TURN_SECONDS, mode_code, start, start, height_m, height_m, heading_deg, turn, gimbal_pitch_deg=gimbal)
    return [hover, fly]


def _final_heading(legs: Sequence[Leg]) -> float:
    return (legs[-1].heading_deg + legs[-1].turn_deg) % 360.0
