"""JSON readings: `{"channel", "value", "type"?, "unit"?}`, in an array or under `sensors` of a version 2 object."""

from typing import Any

from pipeline.errors import MalformedMessageError
from pipeline.normalize.cayenne.values import Readings, check_channel


def read_items(items: Any, readings: Readings) -> None:
    """Add the readings of an array; one bad item refuses the message.

    Raises:
        MessageError: `not-array`, `not-object`, `missing-channel`, `missing-value`, `bad-channel`, `bad-type:type`,
            `bad-type:unit`, `bad-value`, `bad-grammar`, `out-of-range:latitude`, ...
    """
    if not isinstance(items, list):
        raise MalformedMessageError("not-array")
    for item in items:
        if not isinstance(item, dict):
            raise MalformedMessageError("not-object", "a reading is an object")
        _read_item(item, readings)


def _read_item(item: dict[str, Any], readings: Readings) -> None:
    if "channel" not in item:
        raise MalformedMessageError("missing-channel")
    if "value" not in item:
        raise MalformedMessageError("missing-value")
    channel, value = item["channel"], item["value"]
    if isinstance(channel, bool) or not isinstance(channel, int | str):
        raise MalformedMessageError("bad-channel")
    channel = check_channel(str(channel))
    unit = _name(item, "unit")
    values = value if isinstance(value, list) else [value]
    if not values:
        raise MalformedMessageError("bad-value", "empty array")
    readings.add(channel, _name(item, "type"), [] if unit is None else unit.split(","), values)


def _name(item: dict[str, Any], key: str) -> str | None:
    name = item.get(key)
    if name is not None and not isinstance(name, str):
        raise MalformedMessageError(f"bad-type:{key}")
    return name
