"""Rows in PostgreSQL's binary COPY format, packed by hand: one `struct` call per aircraft sample in the usual case.

A file is HEADER, rows, TRAILER. A row is its number of columns and, per column, its length (-1: null) and its bytes.
The column order is that of `sql/queries/copy_aircraft_samples.sql` and `copy_readings.sql`, not that of the tables.
"""

import struct
from collections.abc import Iterator

from schemas.telemetry import AircraftSample, DeviceReadings

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)

#: PostgreSQL counts microseconds from 2000-01-01.
EPOCH_MS = 946_684_800_000
_NULL = struct.pack("!i", -1)
_LENGTH = struct.Struct("!i").pack
#: Encoded texts that repeat (ids, channels, units); emptied when it is full.
_TEXTS: dict[str | None, bytes] = {None: _NULL}
_TEXTS_LIMIT = 200_000

_AIRCRAFT_COLUMNS = struct.pack("!h", 31)
_READING_COLUMNS = 10

# observed_at, received_at, account_id; longitude, latitude; 16 heights, speeds, angles and so on; mode_code;
# satellites, rtk_satellites, rtk_state; recording. Each with its length in front.
_AIRCRAFT_TYPES = "qqi" + "dd" + "f" * 16 + "i" + "hhh" + "b"
_AIRCRAFT_NUMBERS = struct.Struct("!" + "".join("i" + each for each in _AIRCRAFT_TYPES)).pack
_ONE = {each: struct.Struct("!i" + each).pack for each in "qidfhb"}
_BYTES = {each: struct.calcsize("!" + each) for each in "qidfhb"}
_AIRCRAFT_ONES = [(_ONE[each], _BYTES[each]) for each in _AIRCRAFT_TYPES]
_READING_HEAD = struct.Struct("!hiqiqii").pack
_VALUE = struct.Struct("!id").pack


def file(rows: list[bytes]) -> bytes:
    """The rows as one file for COPY; nothing when there are none."""
    return b"".join((HEADER, *rows, TRAILER)) if rows else b""


def _text(value: str | None) -> bytes:
    """A text column. Raises UnicodeEncodeError for lone surrogates, which no database takes."""
    found = _TEXTS.get(value)
    if found is not None:
        return found
    data = value.encode() if value is not None else b""
    packed = _LENGTH(len(data)) + data
    if len(_TEXTS) >= _TEXTS_LIMIT:
        _TEXTS.clear()
        _TEXTS[None] = _NULL
    _TEXTS[value] = packed
    return packed


def aircraft_row(sample: AircraftSample) -> bytes:
    """One row of store.aircraft_sample.

    Raises:
        ValueError, OverflowError, struct.error: a value that the column cannot hold.
    """
    s = sample
    observed, received = (s.observed_at_ms - EPOCH_MS) * 1000, (s.received_at_ms - EPOCH_MS) * 1000
    try:
        numbers = _AIRCRAFT_NUMBERS(
            8, observed, 8, received, 4, s.account, 8, s.longitude_deg, 8, s.latitude_deg,
            4, s.height_ellipsoid_m, 4, s.height_takeoff_m, 4, s.ground_speed_mps, 4, s.climb_mps,
            4, s.heading_deg, 4, s.pitch_deg, 4, s.roll_deg,
            4, s.gimbal_pitch_deg, 4, s.gimbal_roll_deg, 4, s.gimbal_yaw_deg, 4, s.zoom_factor,
            4, s.battery_percent, 4, s.flight_time_left_seconds, 4, s.wind_speed_mps, 4, s.wind_direction_deg,
            4, s.home_distance_m, 4, s.mode_code, 2, s.satellites, 2, s.rtk_satellites, 2, s.rtk_state, 1, s.recording,
        )  # fmt: skip
    except struct.error:
        values = (
            observed, received, s.account, s.longitude_deg, s.latitude_deg,
            s.height_ellipsoid_m, s.height_takeoff_m, s.ground_speed_mps, s.climb_mps,
            s.heading_deg, s.pitch_deg, s.roll_deg,
            s.gimbal_pitch_deg, s.gimbal_roll_deg, s.gimbal_yaw_deg, s.zoom_factor,
            s.battery_percent, s.flight_time_left_seconds, s.wind_speed_mps, s.wind_direction_deg,
            s.home_distance_m, s.mode_code, s.satellites, s.rtk_satellites, s.rtk_state, s.recording,
        )  # fmt: skip
        numbers = b"".join(
            [
                _NULL if value is None else one(size, value)
                for value, (one, size) in zip(values, _AIRCRAFT_ONES, strict=True)
            ]
        )
    texts = (_text(s.device), _text(s.payload_index), _text(s.track_id), _text(s.gateway), _text(s.flags))
    return b"".join((_AIRCRAFT_COLUMNS, numbers, *texts))


def reading_rows(record: DeviceReadings) -> Iterator[bytes]:
    """The rows of store.reading of one record, one per reading.

    Raises:
        ValueError, OverflowError, struct.error: a value that the column cannot hold.
    """
    observed, received = (record.observed_at_ms - EPOCH_MS) * 1000, (record.received_at_ms - EPOCH_MS) * 1000
    head = _READING_HEAD(_READING_COLUMNS, 8, observed, 8, received, 4, record.account) + _text(record.device)
    flags = _text(record.flags)
    for each in record.readings:
        value = _NULL if each.value is None else _VALUE(8, each.value)
        text = _NULL if each.text is None else _uncached(each.text)
        yield b"".join((head, _text(each.channel), value, text, _text(each.type), _text(each.unit), flags))


def _uncached(value: str) -> bytes:
    data = value.encode()
    return _LENGTH(len(data)) + data
