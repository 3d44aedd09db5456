"""Pages of history: a device's readings, an aircraft's positions."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import JsonAnswer, present
from api.windhover.caller import Caller, Shared
from api.windhover.cursors import Cursor, Limit, history_cursor, read_history_cursor
from api.windhover.devices import require_device
from api.windhover.models import AircraftPosition, DeviceId, Page, Reading
from api.windhover.moments import From, To, read_range
from pipeline.store.reads import DeviceRange, Order, history_page

router = APIRouter(tags=["history"])

Channel = Annotated[
    str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="This channel's readings alone.")
]


class _Wanted(msgspec.Struct, frozen=True):
    begin: datetime
    end: datetime
    order: Order
    limit: int
    cursor: str | None


def _wanted(
    begin: From = None, end: To = None, order: Order = "asc", limit: Limit = 100, cursor: Cursor = None
) -> _Wanted:
    return _Wanted(*read_range(begin, end, datetime.now(UTC)), order, limit, cursor)


Wanted = Annotated[_Wanted, Depends(_wanted)]


@router.get("/devices/{device}/readings", response_model=Page[Reading])
async def list_readings(
    device: DeviceId, caller: Caller, resources: Shared, wanted: Wanted, channel: Channel = None
) -> Response:
    """A device's readings by time. Going on at a cursor, send the same `from` and `to`."""
    return await _page("readings", device, caller=caller, resources=resources, wanted=wanted, channel=channel)


@router.get("/devices/{device}/positions", response_model=Page[AircraftPosition])
async def list_positions(device: DeviceId, caller: Caller, resources: Shared, wanted: Wanted) -> Response:
    """An aircraft's positions by time, with all that was measured there. Going on, send the same `from` and `to`."""
    return await _page("positions", device, caller=caller, resources=resources, wanted=wanted, channel=None)


async def _page(
    kind: Literal["readings", "positions"],
    device: str,
    *,
    caller: Caller,
    resources: Shared,
    wanted: _Wanted,
    channel: str | None,
) -> Response:
    await require_device(resources.database, caller, device)
    rows, following = await history_page(
        resources.database,
        kind,
        wanted.order,
        DeviceRange(caller.account, device, wanted.begin, wanted.end),
        place=read_history_cursor(wanted.cursor, wanted.order, wanted.begin, wanted.end),
        limit=wanted.limit,
        channel=channel,
    )
    cursor = None if following is None else history_cursor(following, wanted.order)
    return JsonAnswer({"items": [present(row) for row in rows], "next_cursor": cursor})
