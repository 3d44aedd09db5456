"""Cayenne LPP frames: records of channel (1 byte), type (1 byte) and data, big-endian; raw, or as hex or base64 text.

A frame that breaks off or holds a type nobody knows gives the records before that place and a flag that names the place
(`truncated-record:<offset>`, `unknown-record:<offset>`); without a record before it the frame is refused.
"""

import base64
import binascii
import re

import msgspec

from pipeline.errors import MalformedMessageError
from pipeline.normalize.cayenne.values import Readings

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
_HEADER_BYTES = 2


class Kind(msgspec.Struct, frozen=True):
    """A record type: bytes and divisor of each of its values, and how a reading names it."""

    sizes: tuple[int, ...]
    divisors: tuple[float, ...]
    type: str
    units: tuple[str, ...]
    signed: bool = False


KINDS: dict[int, Kind] = {
    0x00: Kind((1,), (1,), "digital_sensor", ("d",)),
    0x01: Kind((1,), (1,), "digital_actuator", ("d",)),
    0x02: Kind((2,), (100,), "analog_sensor", ("null",), signed=True),
    0x03: Kind((2,), (100,), "analog_actuator", ("null",), signed=True),
    0x64: Kind((4,), (1,), "counter", ("null",)),
    0x65: Kind((2,), (1,), "lum", ("lux",)),
    0x66: Kind((1,), (1,), "motion", ("d",)),
    0x67: Kind((2,), (10,), "temp", ("c",), signed=True),
    0x68: Kind((1,), (2,), "rel_hum", ("p",)),
    0x71: Kind((2, 2, 2), (1000, 1000, 1000), "accel", ("g",), signed=True),
    0x73: Kind((2,), (10,), "bp", ("hpa",)),
    0x74: Kind((2,), (100,), "voltage", ("v",)),
    0x75: Kind((2,), (1000,), "current", ("a",)),
    0x76: Kind((4,), (1,), "freq", ("hz",)),
    0x78: Kind((1,), (1,), "batt", ("p",)),
    0x79: Kind((2,), (1,), "alt", ("m",), signed=True),
    0x7D: Kind((2,), (1,), "co2", ("ppm",)),
    0x80: Kind((2,), (1,), "pow", ("w",)),
    0x82: Kind((4,), (1000,), "len", ("m",)),
    0x83: Kind((4,), (1000,), "energy", ("kwh",)),
    0x84: Kind((2,), (1,), "ori_azim", ("deg",)),
    0x85: Kind((4,), (1,), "time", ("sec",)),
    0x86: Kind((2, 2, 2), (100, 100, 100), "gyro", ("dps",), signed=True),
    0x87: Kind((1, 1, 1), (1, 1, 1), "color", ("null", "null", "null")),
    0x88: Kind((3, 3, 3), (10_000, 10_000, 100), "gps", ("m",), signed=True),
    0x8E: Kind((1,), (1,), "switch", ("d",)),
}


def frame_bytes(payload: bytes) -> bytes:
    """The frame of a payload: hex or base64 text that holds a sound frame, else the payload itself."""
    text = payload.strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(text.decode())
    if _end_of(payload) == len(payload):
        return payload
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        return payload
    return decoded if decoded and _end_of(decoded) == len(decoded) else payload


def read_records(frame: bytes, readings: Readings) -> None:
    """Add the readings of a frame.

    Raises:
        MessageError: `truncated-record at offset 0`, `unknown-type`, `out-of-range:latitude`, `out-of-range:longitude`.
    """
    end = _end_of(frame)
    place = 0
    while place < end:
        channel, kind = frame[place], KINDS[frame[place + 1]]
        place += _HEADER_BYTES
        values = []
        for size, divisor in zip(kind.sizes, kind.divisors, strict=True):
            number = int.from_bytes(frame[place : place + size], "big", signed=kind.signed)
            values.append(number / divisor)
            place += size
        readings.add(str(channel), kind.type, list(kind.units), values)
    if end < len(frame):
        unknown = len(frame) - end >= _HEADER_BYTES and frame[end + 1] not in KINDS
        if end == 0:
            raise MalformedMessageError("unknown-type" if unknown else "truncated-record at offset 0")
        readings.flag(f"unknown-record:{end}" if unknown else f"truncated-record:{end}")


def _end_of(frame: bytes) -> int:
    """Where the last whole record ends."""
    place = 0
    while place + _HEADER_BYTES <= len(frame):
        kind = KINDS.get(frame[place + 1])
        after = place + _HEADER_BYTES + sum(kind.sizes) if kind else len(frame) + 1
        if after > len(frame):
            break
        place = after
    return place
