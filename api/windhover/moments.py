"""Times as clients write them: ISO 8601 with an offset, or epoch milliseconds. Never naive."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

from pipeline.errors import RequestError

#: History without a range: the last hour.
DEFAULT_RANGE = timedelta(hours=1)

_EPOCH_MS = re.compile(r"[0-9]{1,15}")
#: A plus sign that was not escaped arrives as a space: `2026-05-04T03:02:01 02:00`.
_LOST_PLUS = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)")
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999


def read_moment(text: object) -> datetime:
    """The aware UTC time that a text says.

    Raises:
        ValueError: naive, out of range (years 1970 to 9999) or no time at all; the message says what to write.
    """
    if not isinstance(text, str):
        raise ValueError("a time is text: ISO 8601 with an offset, or epoch milliseconds")  # noqa: TRY004 - pydantic
    if _EPOCH_MS.fullmatch(text):
        if int(text) > _LATEST_MS:
            raise ValueError("later than the year 9999: epoch milliseconds are expected")
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub("+", text) if "T" in text else text)
    except ValueError:
        raise ValueError("no time: write ISO 8601 with an offset (2026-05-04T03:02:01Z) or epoch ms") from None
    if moment.tzinfo is None:
        raise ValueError("without an offset it is unclear which moment is meant: add Z or an offset such as +02:00")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None
    if moment.year < 1970:  # noqa: PLR2004 - the epoch
        raise ValueError("before 1970")
    return moment


Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "examples": ["2026-05-04T03:02:01Z", "1777863721000"]}),
]
From = Annotated[Moment | None, Query(alias="from", description="Begin, included. Default: one hour before the end.")]
To = Annotated[Moment | None, Query(alias="to", description="End, excluded. Default: now.")]


def read_range(begin: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Begin and end of a request.

    Raises:
        RequestError: the begin is not before the end.
    """
    if end is None:
        end = now if begin is None or begin < now else begin + DEFAULT_RANGE
    if begin is None:
        begin = end - DEFAULT_RANGE
    if begin >= end:
        raise RequestError("the begin must lie before the end", "from")
    return begin, end
