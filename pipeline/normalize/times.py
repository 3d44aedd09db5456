"""When a message says it was observed, and whether that can be believed.

Epoch milliseconds from 2017-01-01 to one day after arrival are believed; numeric and ISO 8601 text is read too.
Anything else means the device's clock is wrong: the time of arrival counts and the message gets the flag `clock`.
"""

import math
from datetime import UTC, datetime
from typing import Any

from pipeline.normalize.numbers import number_in_text

EARLIEST_MS = 1_483_228_800_000
AHEAD_MS = 86_400_000
CLOCK = "clock"


def believable(time_ms: int, received_at_ms: int) -> bool:
    """Whether a device's clock may say this (both epoch milliseconds)."""
    return EARLIEST_MS <= time_ms <= received_at_ms + AHEAD_MS


def read_time(value: Any) -> tuple[int | None, bool]:
    """Epoch milliseconds from a number, numeric text or ISO 8601 text, and whether the zone had to be guessed (UTC).

    None when it is none of these.
    """
    if isinstance(value, bool):
        return None, False
    if isinstance(value, str):
        number = number_in_text(value)
        if number is None:
            return _read_iso(value)
        value = number
    if isinstance(value, int):
        return value, False
    if isinstance(value, float) and math.isfinite(value):
        return int(value), False
    return None, False


def _read_iso(text: str) -> tuple[int | None, bool]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None, False
    zoneless = moment.tzinfo is None
    try:
        seconds = moment.replace(tzinfo=UTC).timestamp() if zoneless else moment.timestamp()
    except (OverflowError, ValueError):
        return None, False
    return round(seconds * 1000), zoneless


def observed_at(value: Any, received_at_ms: int, flags: list[str]) -> int:
    """When the message was observed, in epoch milliseconds; adds the flag `clock` when that had to be decided."""
    time_ms, guessed = read_time(value)
    if time_ms is None or not believable(time_ms, received_at_ms):
        flags.append(CLOCK)
        return received_at_ms
    if guessed:
        flags.append(CLOCK)
    return time_ms
