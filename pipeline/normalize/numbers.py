"""Numbers as devices write them: JSON numbers, and numbers in text."""

import re

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST = 400


def number_in_text(text: str) -> float | int | None:
    """The decimal number that the text is, blanks around it aside; infinite beyond a float's range; None for others."""
    text = text.strip(" \t\r\n")
    if len(text) > _LONGEST or _NUMBER.fullmatch(text) is None:
        return None
    return int(text) if text.lstrip("+-").isdigit() else float(text)
