"""Writes a track as one GeoJSON Feature (RFC 7946), piece by piece.

The times come before the geometry: two passes over one snapshot of the database, because neither fits in memory for a
long track, and JSON wants each in one place.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import orjson

from pipeline.store.pool import Row
from pipeline.store.reads import Track

Part = Callable[[Row], object]


async def track_feature(track: Track) -> AsyncGenerator[bytes, None]:
    """The Feature of a track, in pieces of about a thousand positions. Close it before the track."""
    properties = {
        "device": track.of.device,
        "from": track.of.begin,
        "to": track.of.end,
        "positions": track.points,
        "lines": track.lines,
    }
    head = orjson.dumps(properties, option=orjson.OPT_UTC_Z)[:-1]
    yield b'{"type":"Feature","properties":' + head + b',"times":'
    async with aclosing(_lines(track, _time)) as pieces:
        async for piece in pieces:
            yield piece
    if track.points == 0:
        yield b'},"geometry":null}'
        return
    kind = b"MultiLineString" if track.lines > 1 else b"LineString"
    yield b'},"geometry":{"type":"' + kind + b'","coordinates":'
    async with aclosing(_lines(track, _coordinates)) as pieces:
        async for piece in pieces:
            yield piece
    yield b"}}"


def _time(row: Row) -> object:
    return row["observed_at"]


def _coordinates(row: Row) -> object:
    place = [row["longitude_deg"], row["latitude_deg"]]
    height = row["height_ellipsoid_m"]
    return place if height is None else [*place, height]


async def _lines(track: Track, part: Part) -> AsyncGenerator[bytes, None]:
    """A part of each row: a list of them, or a list of lists when the track has several lines."""
    nested = track.lines > 1
    yield b"[[" if nested else b"["
    first: bytes | None = None
    count = 0
    async with aclosing(track.chunks()) as chunks:
        async for rows in chunks:
            piece = bytearray()
            for row in rows:
                item = orjson.dumps(part(row), option=orjson.OPT_UTC_Z)
                if row["starts_line"] and count:
                    piece += _second(first, count) + b"],["
                    count = 0
                piece += b"," + item if count else item
                first = item
                count += 1
            yield bytes(piece)
    yield _second(first, count) + (b"]]" if nested else b"]")


def _second(only: bytes | None, count: int) -> bytes:
    """The end of a line: its only position again, because a line has two."""
    return b"," + only if only is not None and count == 1 else b""
