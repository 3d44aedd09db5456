"""A device's track as GeoJSON, streamed from a cursor of the database: memory stays the same however long it is."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.problems import TooManyRequestsError
from api.windhover.caller import Caller, Shared
from api.windhover.devices import require_device
from api.windhover.geojson import track_feature
from api.windhover.models import DeviceId
from api.windhover.moments import From, To, read_range
from pipeline.store.reads import DeviceRange, open_track

router = APIRouter(tags=["history"])

_MEDIA_TYPE = "application/geo+json"
#: A client that reads slower than this loses its stream: it holds a connection to the database meanwhile.
_STREAM_SECONDS = 300.0
_RETRY_AFTER_SECONDS = 5


class _HeldStream(StreamingResponse):
    """A stream that lets go of what it holds at its end, however it ends, and ends in bounded time."""

    media_type = _MEDIA_TYPE

    def __init__(self, content: AsyncGenerator[bytes, None], held: AsyncExitStack) -> None:
        super().__init__(content, headers={"Cache-Control": "no-store"})
        self._content = content
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Closed in this order: a cursor that outlived its transaction would be closed in somebody else's.
        async with self._held, aclosing(self._content), asyncio.timeout(_STREAM_SECONDS):
            await super().__call__(scope, receive, send)


@router.get(
    "/devices/{device}/track",
    response_class=StreamingResponse,
    responses={200: {"description": "A GeoJSON Feature", "content": {_MEDIA_TYPE: {"schema": {"type": "object"}}}}},
)
async def read_track(
    device: DeviceId, caller: Caller, resources: Shared, begin: From = None, end: To = None
) -> Response:
    """A Feature whose geometry is the way flown: `[longitude_deg, latitude_deg, height_ellipsoid_m]`, oldest first.

    A LineString, or a MultiLineString when more than 60 s lie between two positions, or null when there is none.
    `properties.times` has the time of each position in the same shape; a position that stands alone is given twice,
    because a line needs two.
    """
    await require_device(resources.database, caller, device)
    of = DeviceRange(caller.account, device, *read_range(begin, end, datetime.now(UTC)))
    if resources.streams.locked():
        raise TooManyRequestsError("too many tracks are being read: try again", _RETRY_AFTER_SECONDS)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(resources.streams)
        track = await stack.enter_async_context(open_track(resources.database, of))
        return _HeldStream(track_feature(track), stack.pop_all())
    raise AssertionError("unreachable")
