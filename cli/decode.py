"""`windhover decode`: what messages mean, one JSON line each, without a running system.

In:  {"topic", "payload" | "payload_base64", "retain"?, "duplicate"?, "received_at_ms"?, "user"?}
Out: {"outcome": "accept" | "dead-letter", "reason", "flags", "telemetry", "events", "replies"}, and for a dead letter
     "detail", a hint for people

Each message is judged by itself: none is dropped for being like one before it. Devices are remembered from line to
line.
"""

import base64
import binascii
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from pipeline.clock import now_ms
from pipeline.errors import ConfigurationError, MessageError
from pipeline.normalize.normalizer import Normalized, Normalizer, RecentMessages, Registry
from pipeline.normalize.routing import device_key, system_of
from schemas import device as device_schema
from schemas import telemetry
from schemas.device import Device
from schemas.raw import Message

#: Whoever decodes offline owns everything.
ACCOUNT = 1


def decode(
    files: Annotated[list[Path] | None, typer.Argument(help="JSON lines; standard input without.")] = None,
    devices: Annotated[
        Path | None,
        typer.Option(
            help="Known devices, JSON lines; without it every Cayenne thing belongs to the user of its topic."
        ),
    ] = None,
) -> None:
    """Say what messages mean: reads JSON lines of topic and payload, writes a JSON line for each."""
    registry = _registry(devices)
    normalizer = Normalizer(registry, ACCOUNT)
    failed = False
    for place, line in _lines(files or []):
        try:
            message = read_line(line)
        except ValueError as error:
            print(f"{place}: {error}", file=sys.stderr, flush=True)
            failed = True
            continue
        if devices is None:
            _provision(registry, message.topic)
        print(json.dumps(judge(normalizer, message), ensure_ascii=False), flush=True)
    if failed:
        raise typer.Exit(2)


def read_line(line: str) -> Message:
    """The message a line describes.

    Raises:
        ValueError: not such a line; says what to change.
    """
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({error}): give one object a line") from error
    if not isinstance(given, dict) or not isinstance(given.get("topic"), str):
        raise ValueError(  # noqa: TRY004 - like every other fault of a line
            'no "topic": give {"topic": text, "payload": text or JSON}'
        )
    received_at_ms = given.get("received_at_ms", now_ms())
    user = given.get("user")
    times_and_names = type(received_at_ms) is int and isinstance(user, str | None)
    if not times_and_names:
        raise ValueError('"received_at_ms" is epoch milliseconds, "user" the name that the publisher logged in with')
    retain, duplicate = bool(given.get("retain")), bool(given.get("duplicate"))
    return Message(given["topic"], _payload(given), received_at_ms, retain, duplicate, user)


def judge(normalizer: Normalizer, message: Message) -> dict[str, Any]:
    """The line to print for a message."""
    try:
        result = normalizer.normalize(message, 0, RecentMessages())
    except MessageError as error:
        return {**_verdict("dead-letter", error.reason, Normalized()), "detail": error.detail}
    return _verdict("accept", None, result)


def _verdict(outcome: str, reason: str | None, result: Normalized) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "reason": reason,
        "flags": list(result.flags),
        "telemetry": [telemetry.to_json(result.telemetry)] if result.telemetry else [],
        "events": [_plain(result.event)] if result.event else [],
        "replies": [_plain(reply) for reply in result.replies],
    }


def _plain(record: msgspec.Struct) -> Any:
    return json.loads(msgspec.json.encode(record))


def _payload(given: dict[str, Any]) -> bytes:
    if "payload_base64" in given:
        try:
            return base64.b64decode(given["payload_base64"], validate=True)
        except (TypeError, ValueError, binascii.Error) as error:
            raise ValueError(f'"payload_base64" is not base64 ({error}): encode the bytes') from error
    if "payload" not in given:
        raise ValueError('no "payload": give text or JSON, or bytes as "payload_base64"')
    payload = given["payload"]
    return (payload if isinstance(payload, str) else json.dumps(payload)).encode("utf-8", "surrogatepass")


def _lines(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Every line that is not blank, with where it stands."""
    paths = list(files)
    if not paths:
        yield from _numbered("standard input", sys.stdin)
    for path in paths:
        try:
            with path.open(encoding="utf-8", errors="surrogateescape") as lines:
                yield from _numbered(str(path), lines)
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}: name a readable file") from error


def _numbered(name: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{name} line {number}", line


def _registry(path: Path | None) -> Registry:
    registry = Registry()
    for place, line in _lines([path]) if path else ():
        try:
            registry.put(device_schema.DECODER.decode(line))
        except msgspec.DecodeError as error:
            raise ConfigurationError(f"{place}: {error}: give one device a line") from error
    return registry


def _provision(registry: Registry, topic: str) -> None:
    """Let a Cayenne thing belong to the user under whose topic it is first seen."""
    thing = device_key(topic)
    if system_of(topic) == "cayenne" and registry.get(thing) is None:
        user = topic.split("/")[1] if topic.startswith("v1/") else None
        registry.put(Device(thing, ACCOUNT, "cayenne", "thing", mqtt_user=user))
