"""The structs whose key is data: `53-0-0` is camera type, sub type and gimbal position of one payload."""

import re
from collections.abc import Iterable
from typing import Any

PAYLOAD_KEY = re.compile(r"[0-9]{1,5}-[0-9]{1,5}-[0-9]{1,5}")
#: From here on the type numbers are payload SDK devices, which have no gimbal of DJI's.
_PAYLOAD_SDK = 65534


def payload_keys(data: dict[str, Any]) -> tuple[str, ...]:
    """The payload keys of an aircraft's data, the main camera's first.

    The main camera is the one at the lowest gimbal position (0 left or main, 7 the pilot's view); payload SDK devices
    come last.
    """
    return order_payloads(key for key in data if PAYLOAD_KEY.fullmatch(key))


def order_payloads(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys, the main camera's first."""
    return tuple(sorted(keys, key=_rank))


def _rank(key: str) -> tuple[bool, int, int, str]:
    kind, _, place = (int(part) for part in key.split("-"))
    return kind >= _PAYLOAD_SDK, place, kind, key
