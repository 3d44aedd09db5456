"""The text grammar of `data/{channel}`.

    text  = typed | value
    typed = type *("," unit) "=" value *("," value)      split on the first "="

A value may be a JSON object (kept as text) or, for several values, a JSON array.
"""

from typing import Any

from pipeline.errors import MalformedMessageError
from pipeline.normalize.cayenne.values import Readings
from pipeline.normalize.limits import in_reason, parse_json, storable_text

_LONGEST_NAME = 64


def read_payload(channel: str, text: str, readings: Readings) -> None:
    """Add the readings of one text payload.

    Raises:
        MessageError: `bad-grammar`, `bad-value`, `out-of-range:latitude`, ...
    """
    head, equals, tail = text.partition("=")
    if not equals or text.lstrip().startswith(("{", "[")):
        readings.add(channel, None, [], [_bare(text)])
        return
    code, *units = (storable_text(name.strip()) for name in head.split(","))
    if not code or any(len(name) > _LONGEST_NAME for name in (code, *units)):
        raise MalformedMessageError("bad-grammar", in_reason(head))
    readings.add(channel, code, units, _values(tail.strip()))


def _bare(text: str) -> Any:
    text = text.strip()
    if text.startswith(("{", "[")):
        return _json(text)
    if not text or "," in text:
        raise MalformedMessageError("bad-grammar", "neither type,unit=value nor one value")
    return text


def _values(text: str) -> list[Any]:
    if text.startswith("{"):
        return [_json(text)]
    if text.startswith("["):
        values = _json(text)
        if not values:
            raise MalformedMessageError("bad-value", "empty array")
        return list(values)
    return text.split(",")


def _json(text: str) -> Any:
    """A value that begins like JSON must be JSON, or the payload is not what the grammar allows."""
    try:
        return parse_json(text).value
    except MalformedMessageError as error:
        if error.reason != "not-json":
            raise
        raise MalformedMessageError("bad-value", error.detail) from error
