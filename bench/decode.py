"""What decoding costs: microseconds per message by kind, and the ratio to a bare typed decode of the same bytes.

The ratio is what counts: it does not depend on the machine. Target: 3 for an aircraft's `osd` (6 us where the bare
decode takes 2 us). Every message has its own time stamp, so none is a duplicate of another.
"""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec

from bench import decode_messages
from pipeline.normalize.normalizer import Normalizer, RecentMessages, Registry
from schemas.device import Device
from schemas.raw import Message

MESSAGES = 4_000
ROUNDS = 7
FIRST_TIME_MS = 1_772_800_000_000
RECEIVED_AT_MS = FIRST_TIME_MS + 60_000

_AIRCRAFT = "thing/product/1581SYNBENCH00000001"
_DOCK = "thing/product/7SYNBENCH0DOCK"
_REMOTE = "thing/product/4SYNBENCH000RC"
_THING = f"v1/{decode_messages.THING_USER}/things/{decode_messages.THING}"


class _Part(msgspec.Struct, gc=False):
    gps_number: int | None = None
    rtk_number: int | None = None
    capacity_percent: float | None = None
    remain_flight_time: float | None = None


class _Wanted(msgspec.Struct, gc=False):
    latitude: float | None = None
    longitude: float | None = None
    height: float | None = None
    elevation: float | None = None
    horizontal_speed: float | None = None
    vertical_speed: float | None = None
    attitude_head: float | None = None
    attitude_pitch: float | None = None
    attitude_roll: float | None = None
    mode_code: int | None = None
    home_distance: float | None = None
    wind_speed: float | None = None
    battery: _Part | None = None
    position_state: _Part | None = None


class _Bare(msgspec.Struct, gc=False):
    """The least that a typed decode of an aircraft's `osd` takes: plain numbers, no gimbal, no camera, no bounds."""

    data: _Wanted
    timestamp: int
    gateway: str


def measure() -> dict[str, Any]:
    """Microseconds per message by kind, and for the aircraft's `osd` the bare typed decode and the ratio to it."""
    osd = _stamped(f"{_AIRCRAFT}/osd", decode_messages.AIRCRAFT_OSD)
    bare = msgspec.json.Decoder(_Bare).decode
    bare_us = _best(lambda: [bare(message.payload) for message in osd], len(osd))
    decode_us = {
        "aircraft osd": _normalize_us(osd),
        "aircraft osd, first of its shape": _first_us(osd[:500]),
        "dock osd": _normalize_us(_stamped(f"{_DOCK}/osd", decode_messages.DOCK_OSD)),
        "remote controller osd": _normalize_us(_stamped(f"{_REMOTE}/osd", decode_messages.REMOTE_CONTROLLER_OSD)),
        "event with reply": _normalize_us(_stamped(f"{_DOCK}/events", decode_messages.PROGRESS_EVENT)),
        "cayenne text, 1 reading": _normalize_us(_repeated(f"{_THING}/data/1", decode_messages.TEXT_READING)),
        "cayenne json, 3 readings": _normalize_us(
            _repeated(f"{_THING}/data.json", json.dumps(decode_messages.JSON_READINGS))
        ),
    }
    return {
        "messages": MESSAGES,
        "aircraft_osd_bytes": len(osd[0].payload),
        "bare_typed_decode_us": round(bare_us, 2),
        "normalize_us": {kind: round(us, 2) for kind, us in decode_us.items()},
        "ratio_to_bare_decode": round(decode_us["aircraft osd"] / bare_us, 2),
    }


def describe(figures: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [f"{'kind':<34} us/message"]
    lines += [f"{kind:<34} {us:>10.2f}" for kind, us in figures["normalize_us"].items()]
    size, bare = figures["aircraft_osd_bytes"], figures["bare_typed_decode_us"]
    lines.append(f"bare typed decode of the aircraft osd ({size} bytes): {bare:.2f} us")
    lines.append(f"aircraft osd: {figures['ratio_to_bare_decode']:.2f} times the bare decode (target 3)")
    return "\n".join(lines)


def _stamped(topic: str, message: dict[str, Any]) -> list[Message]:
    return [
        Message(
            topic,
            json.dumps({**message, "timestamp": FIRST_TIME_MS + number}, separators=(",", ":")).encode(),
            RECEIVED_AT_MS,
        )
        for number in range(MESSAGES)
    ]


def _repeated(topic: str, payload: str) -> list[Message]:
    return [Message(topic, payload.encode(), RECEIVED_AT_MS + number) for number in range(MESSAGES)]


def _normalizer() -> Normalizer:
    registry = Registry()
    user = decode_messages.THING_USER
    registry.put(Device(decode_messages.THING, 1, "cayenne", "thing", mqtt_user=user))
    return Normalizer(registry, first_sight_account=1)


def _normalize_us(messages: list[Message]) -> float:
    normalizer = _normalizer()

    def run() -> None:
        recent = RecentMessages()
        for offset, message in enumerate(messages):
            normalizer.normalize(message, offset, recent)

    return _best(run, len(messages))


def _first_us(messages: list[Message]) -> float:
    """The exact way: nothing is known of the device or the shape of its message."""
    spent = 0.0
    for message in messages:
        normalizer, recent = _normalizer(), RecentMessages()
        started = time.process_time()
        normalizer.normalize(message, 0, recent)
        spent += time.process_time() - started
    return spent / len(messages) * 1e6


def _best(run: Callable[[], object], count: int) -> float:
    """Microseconds of processor time per message in the best of some rounds, so that other work counts little."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        run()
        best = min(best, time.process_time() - started)
    return best / count * 1e6


if __name__ == "__main__":
    print(describe(measure()))
