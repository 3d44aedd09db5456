"""From an MQTT topic to whose it is: the record key for the ingress, the decoder for normalize.

Patterns are topics with parameters: `thing/product/{device}/osd`. Matching is exact and case-sensitive.
"""

import re
from collections.abc import Mapping

import msgspec

from pipeline.errors import MalformedMessageError, UnsupportedMessageError
from pipeline.normalize.outcome import Decoder

_SERIAL = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WHITE_SPACE = re.compile(r"\s")
_LONGEST_TOPIC = 65_535


class Route(msgspec.Struct, frozen=True):
    """Where a topic leads. `user` and `channel` are empty where the pattern has none."""

    decoder: Decoder
    device: str
    user: str
    channel: str


def device_key(topic: str) -> str:
    """The record key of a topic: serial number, thing id, job id...; the topic itself when unknown. Never raises."""
    parts = topic.split("/")
    if len(parts) == 3:  # noqa: PLR2004 - {job}/JOB/STATUS
        place = 0 if parts[2] == "STATUS" and parts[1] in {"JOB", "DEVICE", "SHARE"} else -1
    elif len(parts) > 3:  # noqa: PLR2004 - thing/product/{serial}/osd, v1/{user}/things/{thing}/...
        place = _device_place(parts)
    else:
        place = -1
    return (parts[place] or topic) if place >= 0 else topic


def _device_place(parts: list[str]) -> int:
    if parts[1] == "product" and parts[0] in {"thing", "sys"}:
        return 2
    if parts[0] == "v1" and parts[2] == "things":
        return 3
    return 2 if parts[0] == "v2" and parts[1] == "things" else -1


def system_of(topic: str) -> str:
    """`dji`, `cayenne`, `idi` or `unknown`: the system of a topic, as dead letters name it."""
    head = topic.split("/", 1)[0]
    if head in {"thing", "sys"}:
        return "dji"
    if head in {"v1", "v2"}:
        return "cayenne"
    return "idi" if device_key(topic) != topic else "unknown"


def is_serial(value: object) -> bool:
    """Whether this may be a device's id in a topic: 1 to 64 of `A-Z a-z 0-9 _ -`."""
    return isinstance(value, str) and _SERIAL.fullmatch(value) is not None


class Routes:
    """Patterns and their decoders. Of two patterns that fit, the one given first counts: literal ones go first."""

    def __init__(self, decoders: Mapping[str, Decoder]) -> None:
        self._patterns: dict[int, list[tuple[list[str], Decoder]]] = {}
        for pattern, decoder in decoders.items():
            parts = pattern.split("/")
            self._patterns.setdefault(len(parts), []).append((parts, decoder))

    def route(self, topic: str) -> Route:
        """The route of a topic.

        Raises:
            UnsupportedMessageError: `unknown-topic`.
            MalformedMessageError: `bad-serial`, the device's id is not one.
        """
        parts = topic.split("/")
        if not _WHITE_SPACE.search(topic) and len(topic) <= _LONGEST_TOPIC:
            for pattern, decoder in self._patterns.get(len(parts), ()):
                names = _match(pattern, parts)
                if names is None:
                    continue
                if not is_serial(names["{device}"]):
                    raise MalformedMessageError("bad-serial", "1 to 64 of A-Z a-z 0-9 _ -")
                return Route(decoder, names["{device}"], names.get("{user}", ""), names.get("{channel}", ""))
        raise UnsupportedMessageError("unknown-topic")


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    names = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected.startswith("{"):
            names[expected] = part
        elif expected != part:
            return None
    return names
