"""Longitude and latitude in WGS-84 degrees, by the one rule that all decoders share.

Out of range or of the wrong type refuses the whole message. A missing or null part, 0/0 and a satellite count of 0 mean
that there is no position; one part without a trace of the other gets the flag `incomplete-position`.
"""

import math
from typing import Any

from pipeline.errors import ImplausibleValueError, MalformedMessageError
from pipeline.normalize.numbers import number_in_text

LATITUDE_LIMIT = 90.0
LONGITUDE_LIMIT = 180.0
INCOMPLETE = "incomplete-position"

#: Longitude, latitude.
Position = tuple[float, float]


def degrees(value: Any, name: str, limit: float) -> float | None:
    """An angle of at most `limit` either way; None for null and empty text.

    Raises:
        MalformedMessageError: `bad-type:<name>`.
        ImplausibleValueError: `out-of-range:<name>`.
    """
    if isinstance(value, str) and value:
        value = number_in_text(value)
        if value is None:
            raise MalformedMessageError(f"bad-type:{name}")
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedMessageError(f"bad-type:{name}")
    if not -limit <= value <= limit:
        detail = "" if math.isfinite(value) else "beyond a float's range"
        raise ImplausibleValueError(f"out-of-range:{name}", detail)
    return float(value)


def position(longitude: Any, latitude: Any) -> Position | None:
    """Longitude and latitude if both are there and not both 0.

    Raises:
        MalformedMessageError: `bad-type:longitude`, `bad-type:latitude`.
        ImplausibleValueError: `out-of-range:longitude`, `out-of-range:latitude`.
    """
    north = degrees(latitude, "latitude", LATITUDE_LIMIT)
    east = degrees(longitude, "longitude", LONGITUDE_LIMIT)
    if north is None or east is None or north == east == 0:
        return None
    return east, north


def position_in(members: dict[str, Any], flags: list[str]) -> Position | None:
    """The position under the keys `longitude` and `latitude`; errors as in `position`."""
    if ("longitude" in members) != ("latitude" in members):
        flags.append(INCOMPLETE)
    return position(members.get("longitude"), members.get("latitude"))
