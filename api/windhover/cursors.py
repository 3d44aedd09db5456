"""Cursors: where a list goes on, as text that clients hand back and never read."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import msgspec
from fastapi import Query

from pipeline.errors import RequestError
from pipeline.store.reads import Order, Place

MAX_LIMIT = 1000

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many items one answer holds at most.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="`next_cursor` of the answer before; absent: from the start.")
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T")


class _HistoryCursor(msgspec.Struct, array_like=True, frozen=True):
    """Times in epoch microseconds, as exact as the store's. `order` guards against reading on the other way round."""

    order: Order
    at_us: Annotated[int, msgspec.Meta(ge=-(10**17), le=2 * 10**17)]
    stored_us: Annotated[int, msgspec.Meta(ge=-(10**17), le=2 * 10**17)]
    skip: Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class _DeviceCursor(msgspec.Struct, array_like=True, frozen=True):
    after: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00]*$")]


def device_cursor(after: str) -> str:
    """The cursor after this device."""
    return _write(_DeviceCursor(after))


def read_device_cursor(cursor: str | None) -> str:
    """The device id that a list goes on after; the empty text at the start.

    Raises:
        RequestError: not a cursor of such a list.
    """
    return "" if cursor is None else _read(cursor, _DeviceCursor).after


def history_cursor(place: Place, order: Order) -> str:
    """The cursor at this place."""
    return _write(_HistoryCursor(order, _us(place.at), _us(place.stored), place.skip))


def read_history_cursor(cursor: str | None, order: Order, begin: datetime, end: datetime) -> Place:
    """Where a page of history begins.

    Raises:
        RequestError: not a cursor of such a list, or one of the other order.
    """
    if cursor is None:
        return Place(begin if order == "asc" else end, _EPOCH, 0)
    found = _read(cursor, _HistoryCursor)
    if found.order != order:
        raise RequestError("this cursor belongs to a list in the other order", "cursor")
    return Place(_EPOCH + found.at_us * _MICROSECOND, _EPOCH + found.stored_us * _MICROSECOND, found.skip)


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _write(value: msgspec.Struct) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


def _read(cursor: str, of: type[T]) -> T:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=of)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise RequestError("this is no cursor of this list: take `next_cursor` as it came", "cursor") from None
