"""A type, its units and its values to readings in canonical units, and to a position where the type is `gps`."""

import json
import math
import re
from typing import Any

from pipeline.errors import MalformedMessageError
from pipeline.normalize.limits import in_reason, storable_text
from pipeline.normalize.numbers import number_in_text
from pipeline.normalize.positions import Position, position
from pipeline.quantities import QUANTITIES, canonical
from schemas.telemetry import Reading

IMPLAUSIBLE = "implausible"
LONGEST_CHANNEL = 128
_HIGHEST_CHANNEL = 65_533
_DIGITS = re.compile(r"[0-9]+")
_NUMBERED = re.compile(r"0|[1-9][0-9]{0,4}")
_GPS_WITHOUT_HEIGHT = 2
_NULL = "null"


def check_channel(channel: str) -> str:
    """The channel if it is one: text without control characters; digits are 0...65533 without leading zeros.

    Raises:
        MalformedMessageError: `bad-channel`.
    """
    if _DIGITS.fullmatch(channel):
        fits = _NUMBERED.fullmatch(channel) is not None and int(channel) <= _HIGHEST_CHANNEL
    else:
        fits = 0 < len(channel) <= LONGEST_CHANNEL and channel.isprintable()
    if not fits:
        raise MalformedMessageError("bad-channel", in_reason(channel))
    return channel


class Readings:
    """The readings of one message, its position and its flags."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.flags: list[str] = []
        self.position: Position | None = None

    def flag(self, flag: str | None) -> None:
        """Note what is odd, once."""
        if flag and flag not in self.flags:
            self.flags.append(flag)

    def add(self, channel: str, code: str | None, units: list[str], values: list[Any]) -> None:
        """Add the values of one channel.

        Args:
            channel: checked.
            code: the type; None, empty and `null` mean none.
            units: none (the type's default), one for all values, or one each; empty and `null` mean no unit.
            values: text or JSON values, at least one.

        Raises:
            MalformedMessageError: `bad-grammar`, the counts do not fit the type; `bad-value`, no number.
            ImplausibleValueError: `out-of-range:latitude`, `out-of-range:longitude`.
        """
        code = None if code in {None, "", _NULL} else code
        quantity = QUANTITIES.get(code) if code else None
        parts = quantity.parts if quantity else ()
        _check_counts(code, len(units), len(values))
        if len(values) == 1:
            self._add_one(channel, code, units[0] if units else None, values[0])
            return
        if code == "gps" and units != ["utm"]:
            self._add_gps(channel, values)
            return
        spread = units if len(units) == len(values) else (units or [None]) * len(values)  # type: ignore[list-item]
        for place, (unit, value) in enumerate(zip(spread, values, strict=True)):
            part = parts[place] if place < len(parts) else str(place)
            self._add_one(f"{channel}.{part}", code, unit, value)

    def _add_gps(self, channel: str, values: list[Any]) -> None:
        numbers = [_number(value) for value in values]
        if None in numbers:
            raise MalformedMessageError("bad-value", "gps")
        place = position(numbers[1], numbers[0])
        self.position = self.position or place
        names = zip(QUANTITIES["gps"].parts, ("lat", "long", "m"), numbers, strict=False)
        for part, unit, number in names:
            self.readings.append(Reading(f"{channel}.{part}", number, None, "gps", unit))

    def _add_one(self, channel: str, code: str | None, unit: str | None, value: Any) -> None:
        number = _number(value)
        quantity = QUANTITIES.get(code) if code else None
        if number is None:
            if quantity is not None and quantity.numeric:
                raise MalformedMessageError("bad-value", code or "")
            unit = None if unit in {None, "", _NULL} else unit
            self.flag("unknown-type" if code and quantity is None else None)
            self.readings.append(Reading(channel, None, _text(value), code, unit))
            return
        conversion = canonical(code, None if code is None and unit in {"", _NULL} else unit)
        converted = conversion.value(number)
        if not math.isfinite(converted):
            raise MalformedMessageError("bad-value", "beyond a float's range")
        self.flag(conversion.flag)
        if not conversion.low <= converted <= conversion.high:
            self.flag(IMPLAUSIBLE)
        if code in _ANGLES:
            _check_angle(code, converted)
        self.readings.append(Reading(channel, converted, None, code, conversion.unit or None))


_ANGLES = {"loc_lat", "loc_lon"}


def _check_angle(code: str, value: float) -> None:
    if code == "loc_lat":
        position(0, value)
    else:
        position(value, 0)


def _check_counts(code: str | None, units: int, values: int) -> None:
    quantity = QUANTITIES.get(code) if code else None
    parts = len(quantity.parts) if quantity and quantity.numeric else 0
    if parts:
        counts = {parts, _GPS_WITHOUT_HEIGHT} if code == "gps" else {parts}
        fits = values in counts and units in {0, 1, values}
    elif values == 1:
        fits = units <= 1
    else:
        fits = units == values
    if not fits:
        raise MalformedMessageError("bad-grammar", f"{values} values, {units} units")


def _number(value: Any) -> float | None:
    """The number a value is or spells; None for other text and for objects.

    Raises:
        MalformedMessageError: `bad-value` for null, booleans, empty text, nan and infinity.
    """
    if isinstance(value, str):
        if not value.strip():
            raise MalformedMessageError("bad-value", "empty")
        number = number_in_text(value)
        if number is None and value.strip().lower().lstrip("+-") in {"nan", "inf", "infinity"}:
            raise MalformedMessageError("bad-value", "not a finite number")
        value = value if number is None else number
    if value is None or isinstance(value, bool):
        raise MalformedMessageError("bad-value")
    if not isinstance(value, int | float):
        return None
    try:
        finite = float(value)
    except OverflowError as error:
        raise MalformedMessageError("bad-value", "beyond a float's range") from error
    if not math.isfinite(finite):
        raise MalformedMessageError("bad-value", "beyond a float's range")
    return finite


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return storable_text(text)
