"""What devices said, read back: latest states, pages of history, tracks, the start of the live view."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from typing import Literal

import msgspec

import sql
from pipeline.store.pool import Connection, Database, Row, one, stream

Order = Literal["asc", "desc"]

#: Rows of these kinds are paged by `history_page`.
_QUERIES = {
    ("readings", "asc"): "readings_ascending",
    ("readings", "desc"): "readings_descending",
    ("positions", "asc"): "positions_ascending",
    ("positions", "desc"): "positions_descending",
}


class Place(msgspec.Struct, frozen=True):
    """Where a page of history goes on: after `skip` rows that were observed at `at` and stored at `stored`.

    Two rows can have the same times, and even be equal in everything; rows of one time are ordered by when they were
    stored, so that counting them loses and repeats none, also while further rows land.
    """

    at: datetime
    stored: datetime
    skip: int


class DeviceRange(msgspec.Struct, frozen=True):
    """A stretch of history: one device of one account, begin included, end excluded."""

    account: int
    device: str
    begin: datetime
    end: datetime


async def latest(database: Database, account: int, device: str) -> Row | None:
    """The merged newest state of one device of the account; its columns are null while it has not reported."""
    return await database.one("latest", {"account": account, "device": device})


async def latest_page(database: Database, account: int, after: str, limit: int) -> list[Row]:
    """The newest states of up to `limit` devices of the account whose id follows `after`."""
    return await database.all("latest_page", {"account": account, "after": after, "limit": limit})


async def history_page(
    database: Database,
    kind: Literal["readings", "positions"],
    order: Order,
    of: DeviceRange,
    *,
    place: Place,
    limit: int,
    channel: str | None = None,
) -> tuple[list[Row], Place | None]:
    """Up to `limit` rows from `place` on, and the place of the next page; None when nothing follows."""
    rows = await database.all(
        _QUERIES[kind, order],
        {
            "account": of.account,
            "device": of.device,
            "begin": of.begin,
            "end": of.end,
            "channel": channel,
            "at": place.at,
            "stored": place.stored,
            "skip": place.skip,
            "limit": limit + 1,
        },
    )
    if len(rows) <= limit:
        return rows, None
    del rows[limit:]
    return rows, next_place(rows, place)


def next_place(rows: list[Row], place: Place) -> Place:
    """The place after these rows, which were read from `place` on."""
    at, stored = rows[-1]["observed_at"], rows[-1]["stored_at"]
    same = 0
    for row in reversed(rows):
        if (row["observed_at"], row["stored_at"]) != (at, stored):
            break
        same += 1
    if (at, stored) == (place.at, place.stored):
        same += place.skip
    return Place(at, stored, same)


class Track:
    """One track, read several times from one snapshot of the database."""

    def __init__(self, connection: Connection, of: DeviceRange, points: int, lines: int) -> None:
        self._connection = connection
        self.of = of
        self.points = points
        self.lines = lines

    def chunks(self) -> AsyncGenerator[list[Row], None]:
        """Its positions in lists: time, longitude, latitude and height as in the store, and `starts_line`."""
        return stream(self._connection, "track_points", msgspec.structs.asdict(self.of))


@asynccontextmanager
async def open_track(database: Database, of: DeviceRange) -> AsyncIterator[Track]:
    """A track that can be read while the block lasts; holds one connection."""
    async with database.transaction() as connection:
        await connection.execute(sql.query("read_one_snapshot"))
        counts = await one(connection, "track_summary", msgspec.structs.asdict(of))
        assert counts is not None
        yield Track(connection, of, counts["points"], counts["lines"])


async def live_devices(database: Database) -> AsyncGenerator[list[Row], None]:
    """Every active device of every account with its newest state, in lists."""
    async with database.transaction() as connection, aclosing(stream(connection, "live_devices", {})) as found:
        async for rows in found:
            yield rows
