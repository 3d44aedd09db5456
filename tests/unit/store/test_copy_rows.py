import struct

import msgspec
import pytest

from pipeline.store import copy_rows
from schemas.telemetry import AircraftSample, DeviceReadings, Reading

FULL = AircraftSample(
    "AIR1", 7, 1, 946_684_800_001, 946_684_800_002, 11.5, 48.5, *[float(each) for each in range(10)], "67-0-0", 2.0,
    1, 80.0, 900.0, 5, 3.5, 45.0, 131.5, 20, 21, 2, "track", "GATE1", "clock",
)  # fmt: skip


def columns(row):
    """A binary row as the bytes of its columns, None for null."""
    (count,), at, found = struct.unpack_from("!h", row), 2, []
    for _ in range(count):
        (length,) = struct.unpack_from("!i", row, at)
        at += 4
        found.append(None if length < 0 else row[at : at + length])
        at += max(length, 0)
    assert at == len(row)
    return found


def test_times_are_microseconds_since_2000():
    observed, received, *_ = columns(copy_rows.aircraft_row(FULL))
    assert struct.unpack("!q", observed) == (1000,)
    assert struct.unpack("!q", received) == (2000,)


@pytest.mark.parametrize("name", AircraftSample.__struct_fields__[5:])
def test_a_value_that_is_missing_is_null_and_changes_no_other_column(name):
    full = columns(copy_rows.aircraft_row(FULL))
    part = columns(copy_rows.aircraft_row(msgspec.structs.replace(FULL, **{name: None})))
    assert len(part) == len(full)
    assert [one for one, other in zip(part, full, strict=True) if one != other] == [None]


def test_a_sample_that_says_nothing_has_its_identity_and_nulls():
    row = columns(copy_rows.aircraft_row(AircraftSample("AIR1", 7, 1, 946_684_800_000, 946_684_800_000)))
    assert [each for each in row if each is not None] == [bytes(8), bytes(8), b"\0\0\0\7", b"AIR1"]


def test_false_is_not_null():
    assert b"\0" in columns(copy_rows.aircraft_row(msgspec.structs.replace(FULL, recording=False)))


@pytest.mark.parametrize("values", [{"satellites": 70_000}, {"heading_deg": 1e300}, {"track_id": "\ud800"}])
def test_what_a_column_cannot_hold_is_an_error(values):
    with pytest.raises((struct.error, OverflowError, ValueError)):
        copy_rows.aircraft_row(msgspec.structs.replace(FULL, **values))


def test_readings_are_one_row_each():
    said = DeviceReadings(
        "DOCK1", 7, 1, 946_684_800_000, 946_684_800_000, "dji", "dock",
        [Reading("temperature", 21.5, None, "temp", "c"), Reading("mode", None, "idle")],
    )  # fmt: skip
    first, second = [columns(row)[3:] for row in copy_rows.reading_rows(said)]
    assert first == [b"DOCK1", b"temperature", struct.pack("!d", 21.5), None, b"temp", b"c", None]
    assert second == [b"DOCK1", b"mode", None, b"idle", None, None, None]


def test_no_rows_are_no_file():
    assert copy_rows.file([]) == b""
    assert copy_rows.file([b"row"]) == copy_rows.HEADER + b"row" + copy_rows.TRAILER
