"""The live view: a WebSocket that sends every device's newest state as it changes.

The client's first message is `{"type": "auth", "token": "..."}`, within 5 s: a token never stands in an address. Frames
are JSON texts, numbered from 1 without a gap; times in epoch milliseconds; a state as in `pipeline.live`:

    {"type": "snapshot" | "changes", "sequence", "server_time_ms", "lag_seconds", "pipeline", "devices": [state, ...]}
    {"type": "heartbeat", "sequence", "server_time_ms", "lag_seconds", "pipeline"}

`pipeline` is a word of `pipeline.live_feed.Flow`, `lag_seconds` null when it is `silent`. Closed with 4401 when the
token does not count (any more), 4400 when the first message is none, 1013 when the client is too slow or the server
too busy.
"""

import asyncio
import logging
import time

import msgspec
import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from api.resources import Resources
from pipeline import clock
from pipeline.errors import UnavailableError
from pipeline.store.accounts import Identity

router = APIRouter()
log = logging.getLogger(__name__)

_AUTH_SECONDS = 5.0
#: Changes are gathered for this long, so a frame has each device once.
_GATHER_SECONDS = 0.2
_HEARTBEAT_SECONDS = 2.0
#: A client that cannot take one frame in this time is dropped; it comes back to a fresh snapshot.
_SLOW_SECONDS = 10.0
_CHECK_TOKEN_SECONDS = 10.0
_RESTORED_SECONDS = 5.0

CLOSE_BAD_MESSAGE = 4400
CLOSE_UNAUTHORIZED = 4401
CLOSE_TRY_AGAIN = 1013


class _Auth(msgspec.Struct, tag_field="type", tag="auth", frozen=True):
    token: str


class _CloseError(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@router.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """One subscriber, until it or its token ends."""
    resources: Resources = websocket.app.state.resources
    await websocket.accept()
    try:
        await _serve(websocket, resources)
    except _CloseError as end:
        await _close(websocket, end)
    except WebSocketDisconnect:
        pass  # the client left: the usual end


async def _serve(websocket: WebSocket, resources: Resources) -> None:
    if resources.subscribers.locked():
        raise _CloseError(CLOSE_TRY_AGAIN, "too many live subscribers: try again later")
    async with resources.subscribers:
        await _subscribe(websocket, resources)


async def _subscribe(websocket: WebSocket, resources: Resources) -> None:
    token, identity = await _authenticate(websocket, resources)
    try:
        async with asyncio.timeout(_RESTORED_SECONDS):
            await resources.feed.restored.wait()
    except TimeoutError:
        raise _CloseError(CLOSE_TRY_AGAIN, "the server is still starting: try again") from None
    tasks = [
        asyncio.create_task(_send_states(websocket, resources, identity)),
        asyncio.create_task(_watch_token(resources, token)),
        asyncio.create_task(_read_until_gone(websocket)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _authenticate(websocket: WebSocket, resources: Resources) -> tuple[str, Identity]:
    try:
        async with asyncio.timeout(_AUTH_SECONDS):
            message = await websocket.receive()
    except TimeoutError:
        raise _CloseError(CLOSE_UNAUTHORIZED, "no token came within 5 s") from None
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    try:
        auth = msgspec.json.decode(message.get("text") or message.get("bytes") or b"", type=_Auth)
    except (msgspec.DecodeError, UnicodeError):
        reason = 'the first message must be {"type": "auth", "token": "..."}'
        raise _CloseError(CLOSE_BAD_MESSAGE, reason) from None
    try:
        identity = await resources.tokens.identify(auth.token)
    except UnavailableError as error:
        log.warning("live subscriber refused for now", extra={"reason": str(error)})
        raise _CloseError(CLOSE_TRY_AGAIN, "the database does not answer now: try again") from error
    if identity is None:
        raise _CloseError(CLOSE_UNAUTHORIZED, "this token does not count (any more): log in again")
    return auth.token, identity


async def _send_states(websocket: WebSocket, resources: Resources, identity: Identity) -> None:
    """Snapshot, then changes and heartbeats; what changes while a client is slow goes into its next frame once."""
    states, account = resources.states, identity.account
    sequence = 1
    seen, devices = states.snapshot(account)
    await _send(websocket, _frame(resources, "snapshot", sequence, devices))
    while True:
        sent_at = time.monotonic()
        changed = await states.wait_for_changes(account, seen, _HEARTBEAT_SECONDS)
        sequence += 1
        if not changed:
            await _send(websocket, _frame(resources, "heartbeat", sequence, None))
            continue
        await asyncio.sleep(max(0.0, sent_at + _GATHER_SECONDS - time.monotonic()))
        seen, devices = states.changes(account, seen)
        await _send(websocket, _frame(resources, "changes", sequence, devices))


def _frame(resources: Resources, kind: str, sequence: int, devices: list[bytes] | None) -> str:
    flow, lag_seconds = resources.feed.flow()
    head = orjson.dumps(
        {
            "type": kind,
            "sequence": sequence,
            "server_time_ms": clock.now_ms(),
            "lag_seconds": lag_seconds,
            "pipeline": flow,
        }
    )
    if devices is None:
        return head.decode()
    return b"".join((head[:-1], b',"devices":[', b",".join(devices), b"]}")).decode()


async def _send(websocket: WebSocket, text: str) -> None:
    """The server waits for room in the connection's buffer: one frame at most lies there."""
    try:
        async with asyncio.timeout(_SLOW_SECONDS):
            await websocket.send_text(text)
    except TimeoutError:
        raise _CloseError(CLOSE_TRY_AGAIN, "too slow: come again for a fresh snapshot") from None


async def _watch_token(resources: Resources, token: str) -> None:
    """Ends when the token ends. A database that is away ends nobody: the token counted a moment ago."""
    while True:
        await asyncio.sleep(_CHECK_TOKEN_SECONDS)
        try:
            identity = await resources.tokens.identify(token)
        except UnavailableError as error:
            log.warning("live subscriber's token could not be checked", extra={"reason": str(error)})
            continue
        if identity is None:
            raise _CloseError(CLOSE_UNAUTHORIZED, "this token does not count any more: log in again")


async def _read_until_gone(websocket: WebSocket) -> None:
    """Nothing is expected after the token: what comes is not kept."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _close(websocket: WebSocket, end: _CloseError) -> None:
    """A stuck client takes no farewell either; the kernel ends its connection (`api.server`)."""
    try:
        async with asyncio.timeout(1):
            await websocket.close(end.code, end.reason)
    except (TimeoutError, RuntimeError, WebSocketDisconnect):
        log.info("live subscriber took no farewell", extra={"reason": end.reason})
