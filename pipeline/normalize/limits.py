"""What every payload must keep to before anybody reads it: size, UTF-8, depth, strict JSON, one value per key.

`parse_json` is the exact way and takes its time (about 30 us for an aircraft's message); `json_reader` and
`dji.known_aircraft` are the ways around it for messages whose shape it has proven.
"""

import json
import re
from typing import Any, NoReturn

import msgspec

from pipeline.errors import ImplausibleValueError, MalformedMessageError

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
_LONGEST_INTEGER_DIGITS = 40
_REASON_CHARACTERS = 64

#: A string (closed or not), or one opening or closing bracket. Possessive: linear on any input.
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def check_size(payload: bytes) -> None:
    """Refuse what is empty or larger than 1 MiB.

    Raises:
        MalformedMessageError: `empty`, `too-large`.
    """
    if not payload:
        raise MalformedMessageError("empty")
    if len(payload) > MAX_BYTES:
        raise MalformedMessageError("too-large", f"{len(payload)} bytes, at most {MAX_BYTES}")


def decode_text(payload: bytes) -> str:
    """The payload as text without a byte order mark.

    Raises:
        MalformedMessageError: `empty`, `too-large`, `not-utf8`.
    """
    check_size(payload)
    try:
        return payload.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise MalformedMessageError("not-utf8", f"byte {error.start}") from error


def check_depth(text: str) -> None:
    """Refuse JSON nested deeper than 64 levels, well formed or not, without recursion.

    Raises:
        MalformedMessageError: `too-deep`.
    """
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRUCTURE.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedMessageError("too-deep", f"more than {MAX_DEPTH} levels")
        elif mark in "]}":
            depth -= 1


def storable_text(text: str) -> str:
    """The text with U+0000 and lone surrogates, which no database takes, replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def storable(value: Any) -> Any:
    """A JSON value with every text in it storable."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable_text(key): storable(item) for key, item in value.items()}
    return value


def in_reason(name: str) -> str:
    """A name from a message as it may stand in a reason: storable, short, on one line."""
    return "".join(c if c.isprintable() else "\ufffd" for c in storable_text(name[:_REASON_CHARACTERS]))


class Parsed(msgspec.Struct, frozen=True):
    """A JSON value, and whether some object in it gave a key twice (with equal values)."""

    value: Any
    repeats: bool


def parse_json(text: str) -> Parsed:
    """The JSON value of the text.

    Numbers beyond a float's range become infinite: `check_finite` or the reader of the field refuses them.

    Raises:
        MalformedMessageError: `not-json`, `too-deep`, `duplicate-key:<key>` (given twice with different values).
    """
    check_depth(text)
    repeats = False

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeats
        members = dict(pairs)
        if len(members) != len(pairs):
            repeats = True
            _check_equal(pairs)
        return members

    decoder = json.JSONDecoder(object_pairs_hook=unique, parse_int=_integer, parse_constant=_constant)
    try:
        value = decoder.decode(text)
    except ValueError as error:
        raise MalformedMessageError("not-json", str(error)) from error
    return Parsed(storable(value) if "\\u" in text else value, repeats)


def check_finite(value: Any, name: str = "value") -> None:
    """Refuse a JSON value that holds a number beyond a float's range.

    Raises:
        ImplausibleValueError: `out-of-range:<key>`.
    """
    if isinstance(value, float):
        if value in (float("inf"), float("-inf")):
            raise ImplausibleValueError(f"out-of-range:{in_reason(name)}")
    elif isinstance(value, list):
        for item in value:
            check_finite(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_finite(item, key)


def _check_equal(pairs: list[tuple[str, Any]]) -> None:
    first: dict[str, Any] = {}
    for key, value in pairs:
        known = first.setdefault(key, value)
        if known != value or isinstance(known, bool) != isinstance(value, bool):
            raise MalformedMessageError(f"duplicate-key:{in_reason(key)}")


def _integer(digits: str) -> int | float:
    """Python refuses to read integers of thousands of digits; one of more than 40 is no count of anything."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER_DIGITS else float(digits)


def _constant(word: str) -> NoReturn:
    raise MalformedMessageError("not-json", f"{word} is not JSON")
