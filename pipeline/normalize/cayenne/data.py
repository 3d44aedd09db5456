"""Cayenne's data topics. Version 1 carries no time: a reading is observed when it arrives."""

from collections.abc import Callable
from typing import Any

from pipeline.errors import MalformedMessageError
from pipeline.normalize.cayenne.arrays import read_items
from pipeline.normalize.cayenne.lpp import frame_bytes, read_records
from pipeline.normalize.cayenne.notices import cleared, ignore
from pipeline.normalize.cayenne.text import read_payload
from pipeline.normalize.cayenne.things import known_thing
from pipeline.normalize.cayenne.values import Readings, check_channel
from pipeline.normalize.knowledge import Knowledge
from pipeline.normalize.limits import check_size, decode_text
from pipeline.normalize.outcome import Arrival, Normalized, Outcome, WhenFlagged
from pipeline.normalize.times import observed_at
from schemas.device import Device
from schemas.telemetry import DeviceReadings

#: The agent's library publishes channel 0 on `data` itself.
CHANNEL_OF_NONE = "0"
_ANALOG_PARTS = 2


def read_text(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`data/{channel}`: `type,unit=value` or a bare value."""
    return _read_text(arrival, knowledge, arrival.channel)


def read_text_without_channel(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`data`: as `data/0`."""
    return _read_text(arrival, knowledge, CHANNEL_OF_NONE)


def read_array(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`data/json` and `data.json`: an array of readings."""

    def read(payload: bytes, readings: Readings) -> None:
        read_items(knowledge.json.read(payload), readings)

    return _read(arrival, knowledge, read)


def read_digital_pin(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`digital/{n}`: a bare value, channel `digital/{n}`; the `-cmd` and `-conf` twins are the agent's own business."""
    return _read_pin(arrival, knowledge, "digital", "digital_sensor")


def read_analog_pin(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`analog/{n}`: `value` or `value,resolution`, channels `analog/{n}` and `analog/{n}.resolution`."""
    return _read_pin(arrival, knowledge, "analog", "analog_sensor")


def read_uplink(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """Version 2 `data.json`: an object with `timestamp` (epoch milliseconds) and `sensors`, an array of readings."""
    thing = known_thing(arrival, knowledge)
    if not arrival.message.payload:
        return cleared(arrival, thing)
    value = knowledge.json.read(arrival.message.payload)
    if not isinstance(value, dict):
        raise MalformedMessageError("not-object")
    if "sensors" not in value:
        raise MalformedMessageError("missing-data", "sensors")
    if not isinstance(value["sensors"], list):
        raise MalformedMessageError("bad-type:sensors")
    readings = Readings()
    observed_at_ms = observed_at(value.get("timestamp"), arrival.message.received_at_ms, readings.flags)
    read_items(value["sensors"], readings)
    return _outcome(arrival, thing, readings, observed_at_ms)


def read_frame(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """Version 2 `data.bin`: an LPP frame."""

    def read(payload: bytes, readings: Readings) -> None:
        check_size(payload)
        read_records(frame_bytes(payload), readings)

    return _read(arrival, knowledge, read)


def _read_text(arrival: Arrival, knowledge: Knowledge, channel: str) -> Outcome:
    def read(payload: bytes, readings: Readings) -> None:
        read_payload(check_channel(channel), decode_text(payload), readings)

    return _read(arrival, knowledge, read)


def _read_pin(arrival: Arrival, knowledge: Knowledge, group: str, code: str) -> Outcome:
    pin = arrival.channel
    if pin.endswith(("-cmd", "-conf")):
        return ignore(arrival, knowledge)

    def read(payload: bytes, readings: Readings) -> None:
        channel = f"{group}/{check_channel(pin)}"
        value, *resolution = decode_text(payload).split(",")
        if len(resolution) >= _ANALOG_PARTS or (resolution and group != "analog"):
            raise MalformedMessageError("bad-grammar", "value or value,resolution")
        readings.add(channel, code, [], [value])
        if resolution:
            readings.add(f"{channel}.resolution", "counter", [], resolution)

    return _read(arrival, knowledge, read)


def _read(arrival: Arrival, knowledge: Knowledge, read: Callable[[bytes, Readings], Any]) -> Outcome:
    thing = known_thing(arrival, knowledge)
    payload = arrival.message.payload
    if not payload:
        return cleared(arrival, thing)
    readings = Readings()
    read(payload, readings)
    return _outcome(arrival, thing, readings, arrival.message.received_at_ms)


def _outcome(arrival: Arrival, thing: Device, readings: Readings, observed_at_ms: int) -> Outcome:
    longitude, latitude = readings.position or (None, None)
    telemetry = DeviceReadings(
        thing.device,
        thing.account,
        arrival.source_offset,
        observed_at_ms,
        arrival.message.received_at_ms,
        "cayenne",
        "thing",
        readings.readings,
        longitude,
        latitude,
        flags=",".join(readings.flags) or None,
    )
    outcome = Normalized(telemetry, flags=tuple(readings.flags))
    return outcome, WhenFlagged(arrival.message.topic, arrival.message.payload)
