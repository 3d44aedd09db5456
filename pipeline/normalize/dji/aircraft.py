"""An aircraft's `osd` message to an AircraftSample: the exact way, field by field, that takes any message.

Wire units: degrees, metres, metres per second, wind in 0.1 m/s, `attitude_head` -180...180, `height` above the
ellipsoid, `elevation` above the take-off point. `known_aircraft` reads the same fields faster where the message allows
it; a test holds the two together.
"""

from typing import Any

import msgspec

from pipeline.normalize.dji.payloads import payload_keys
from pipeline.normalize.fields import FieldReader, Members
from pipeline.normalize.positions import position_in

SPEED_LIMIT_MPS = 150.0
HEIGHT_LOW_M, HEIGHT_HIGH_M = -500.0, 20_000.0
DISTANCE_LIMIT_M = 1_000_000.0
WIND_LIMIT_DECI_MPS = 1_500.0
ANGLE_LIMIT_DEG = 360.0
TURN_DEG = 360.0
ZOOM_LIMIT = 1_000.0
SECONDS_LIMIT = 1_000_000.0
#: What fits the column that keeps counts.
COUNT_LIMIT = 32_766
CODE_LIMIT = 2_147_483_647
TEXT_LIMIT = 64
WIND_SECTORS = 8


class Values(msgspec.Struct, gc=False):
    """The values of an AircraftSample that come from the message's data, under the sample's names."""

    longitude_deg: float | None = None
    latitude_deg: float | None = None
    height_ellipsoid_m: float | None = None
    height_takeoff_m: float | None = None
    ground_speed_mps: float | None = None
    climb_mps: float | None = None
    heading_deg: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None
    gimbal_pitch_deg: float | None = None
    gimbal_roll_deg: float | None = None
    gimbal_yaw_deg: float | None = None
    payload_index: str | None = None
    zoom_factor: float | None = None
    recording: bool | None = None
    battery_percent: float | None = None
    flight_time_left_seconds: float | None = None
    mode_code: int | None = None
    wind_speed_mps: float | None = None
    wind_direction_deg: float | None = None
    home_distance_m: float | None = None
    satellites: int | None = None
    rtk_satellites: int | None = None
    rtk_state: int | None = None
    track_id: str | None = None


def read_aircraft(data: Members, flags: list[str]) -> Values:
    """The values of an aircraft's `data`; what is odd is added to `flags`.

    Raises:
        MessageError: a position of the wrong type or out of range, a number beyond a float's range.
    """
    read = FieldReader()
    read.flags = flags
    values = Values()
    _read_motion(data, values, read)
    _read_state(data, values, read)
    _read_camera(data, values, read)
    # Last: it takes the satellites into account.
    place = position_in(data, flags)
    if place and values.satellites != 0:
        values.longitude_deg, values.latitude_deg = place
    return values


def fold_heading(degrees: float) -> float:
    """The same direction in [0, 360)."""
    folded = degrees % TURN_DEG
    return folded if folded < TURN_DEG else 0.0  # -1e-17 % 360 is 360


def _read_motion(data: Members, values: Values, read: FieldReader) -> None:
    values.height_ellipsoid_m = read.number(data, "height", HEIGHT_LOW_M, HEIGHT_HIGH_M)
    values.height_takeoff_m = read.number(data, "elevation", HEIGHT_LOW_M, HEIGHT_HIGH_M)
    values.ground_speed_mps = read.number(data, "horizontal_speed", -SPEED_LIMIT_MPS, SPEED_LIMIT_MPS)
    values.climb_mps = read.number(data, "vertical_speed", -SPEED_LIMIT_MPS, SPEED_LIMIT_MPS)
    heading = read.number(data, "attitude_head", float("-inf"), float("inf"))
    values.heading_deg = None if heading is None else fold_heading(heading)
    values.pitch_deg = read.number(data, "attitude_pitch", -ANGLE_LIMIT_DEG, ANGLE_LIMIT_DEG)
    values.roll_deg = read.number(data, "attitude_roll", -ANGLE_LIMIT_DEG, ANGLE_LIMIT_DEG)
    values.home_distance_m = read.number(data, "home_distance", 0, DISTANCE_LIMIT_M)
    wind = read.number(data, "wind_speed", 0, WIND_LIMIT_DECI_MPS)
    values.wind_speed_mps = None if wind is None else wind / 10
    sector = read.integer(data, "wind_direction", 0, WIND_SECTORS)
    values.wind_direction_deg = (sector - 1) * TURN_DEG / WIND_SECTORS if sector else None


def _read_state(data: Members, values: Values, read: FieldReader) -> None:
    values.mode_code = read.integer(data, "mode_code", 0, CODE_LIMIT)
    values.track_id = read.text(data, "track_id", TEXT_LIMIT)
    battery = read.members(data, "battery")
    values.battery_percent = read.number(battery, "capacity_percent", 0, 100)
    values.flight_time_left_seconds = read.number(battery, "remain_flight_time", 0, SECONDS_LIMIT)
    state = read.members(data, "position_state")
    values.satellites = read.integer(state, "gps_number", 0, COUNT_LIMIT)
    values.rtk_satellites = read.integer(state, "rtk_number", 0, COUNT_LIMIT)
    values.rtk_state = read.integer(state, "is_fixed", 0, COUNT_LIMIT)


def _read_camera(data: Members, values: Values, read: FieldReader) -> None:
    keys = payload_keys(data)
    for key in keys[1:]:
        read.members(data, key)
    if keys:
        gimbal = read.members(data, keys[0])
        if isinstance(data[keys[0]], dict):
            values.payload_index = keys[0]
        values.gimbal_pitch_deg = read.number(gimbal, "gimbal_pitch", -ANGLE_LIMIT_DEG, ANGLE_LIMIT_DEG)
        values.gimbal_roll_deg = read.number(gimbal, "gimbal_roll", -ANGLE_LIMIT_DEG, ANGLE_LIMIT_DEG)
        values.gimbal_yaw_deg = read.number(gimbal, "gimbal_yaw", -ANGLE_LIMIT_DEG, ANGLE_LIMIT_DEG)
    camera = _camera_of(data.get("cameras"), keys, read)
    values.payload_index = values.payload_index or read.text(camera, "payload_index", TEXT_LIMIT)
    # `zoom_factor` of the payload struct is not the zoom.
    values.zoom_factor = read.number(camera, "zoom_factor", 0, ZOOM_LIMIT)
    recording = read.integer(camera, "recording_state", 0, 1)
    values.recording = None if recording is None else recording == 1


def _camera_of(cameras: Any, keys: tuple[str, ...], read: FieldReader) -> Members:
    """The entry of `cameras` that belongs to the main payload; the first when no payload is named; else nothing."""
    if cameras is None:
        return {}
    if not isinstance(cameras, list) or not all(isinstance(camera, dict) for camera in cameras):
        read.bad("cameras")
        return {}
    wanted: list[Members] = [c for c in cameras if not keys or c.get("payload_index") == keys[0]]
    return wanted[0] if wanted else {}
