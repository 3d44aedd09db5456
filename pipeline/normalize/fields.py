"""One field of a message at a time: coerced where the rules allow it, dropped with a flag where they do not.

The rules: numeric text counts as the number; empty text, null and the sentinels 32767, 65535 and 9999999.9 count as
missing; the wrong type or a value outside the bounds is dropped with the flag `bad-field:<name>`; a number too large
for a float refuses the message.
"""

import math
from typing import Any

from pipeline.errors import ImplausibleValueError
from pipeline.normalize.numbers import number_in_text

SENTINELS = frozenset({32767, 65535, 9999999.9})

Members = dict[str, Any]


class FieldReader:
    """Reads the fields of one message and collects its flags."""

    def __init__(self) -> None:
        self.flags: list[str] = []

    def bad(self, name: str) -> None:
        """Note a dropped field, once."""
        flag = f"bad-field:{name}"
        if flag not in self.flags:
            self.flags.append(flag)

    def members(self, parent: Members, name: str) -> Members:
        """The object under a name; empty when missing or dropped."""
        value = parent.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.bad(name)
            return {}
        return value

    def number(self, parent: Members, name: str, low: float, high: float) -> float | None:
        """The number under a name if it lies in low...high.

        Raises:
            ImplausibleValueError: `out-of-range:<name>`, the number is beyond a float's range.
        """
        value = parent.get(name)
        if value is None or value == "":
            return None
        number = number_in_text(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | float):
            self.bad(name)
            return None
        if isinstance(number, float) and math.isinf(number):
            raise ImplausibleValueError(f"out-of-range:{name}")
        if number in SENTINELS:
            return None
        if not low <= number <= high:
            self.bad(name)
            return None
        return float(number)

    def integer(self, parent: Members, name: str, low: int, high: int) -> int | None:
        """The whole number under a name if it lies in low...high."""
        value = self.number(parent, name, low, high)
        if value is None:
            return None
        if not value.is_integer():
            self.bad(name)
            return None
        return int(value)

    def text(self, parent: Members, name: str, longest: int = 256) -> str | None:
        """The text under a name; None when missing or empty."""
        value = parent.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > longest:
            self.bad(name)
            return None
        return value
