"""`{id}/JOB/STATUS`, `{id}/DEVICE/STATUS`, `{id}/SHARE/STATUS`: one JSON object; whose it is stands in the topic only.

Heights are above mean sea level, so the height is a reading of its own; coordinates are longitude, latitude, height.
Every member is optional; unknown members stay in the raw record.
"""

from typing import Any

from pipeline.errors import MalformedMessageError, UnsupportedMessageError
from pipeline.normalize.fields import FieldReader, Members
from pipeline.normalize.knowledge import Knowledge
from pipeline.normalize.outcome import Arrival, Normalized, Outcome
from pipeline.normalize.positions import INCOMPLETE, Position, position
from pipeline.normalize.times import CLOCK, observed_at, read_time
from schemas.device import Device
from schemas.telemetry import DeviceReadings, Reading

UNKNOWN_STATE = "unknown-state"

STATES: dict[str, frozenset[str]] = {
    "jobState": frozenset({"PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"}),
    "droneState": frozenset(
        {"MANUAL", "GPS_NORMAL", "WAYPOINT", "HOVER", "ORBIT", "LANDED", "DOCKED", "RETURNING"}
    ),
    "dockState": frozenset({"OPEN", "CLOSED", "OPENING", "CLOSING", "COOLING", "CHARGING", "TASK_INPROGRESS"}),
}  # fmt: skip

#: Path, lowest and highest value, type, unit. Directions are folded into [0, 360) and need no bounds.
MEASURED: tuple[tuple[tuple[str, ...], float, float, str, str], ...] = (
    (("navigation", "orientation", "heading"), -1e6, 1e6, "ori_azim", "deg"),
    (("navigation", "orientation", "pitch"), -360, 360, "ori_pitch", "deg"),
    (("navigation", "orientation", "roll"), -360, 360, "ori_roll", "deg"),
    (("navigation", "velocity", "groundSpeed"), -150, 150, "velo", "mps"),
    (("navigation", "velocity", "verticalSpeed"), -150, 150, "velo", "mps"),
    (("sensorPayload", "camera", "orientation", "pitch"), -360, 360, "ori_pitch", "deg"),
    (("sensorPayload", "camera", "orientation", "yaw"), -360, 360, "ori_azim", "deg"),
    (("sensorPayload", "camera", "orientation", "roll"), -360, 360, "ori_roll", "deg"),
    (("weather", "windSpeed"), 0, 150, "wind_speed", "mps"),
    (("weather", "windDirection"), -1e6, 1e6, "ori_azim", "deg"),
    (("weather", "temperature"), -273.15, 1000, "temp", "c"),
    (("weather", "humidity"), 0, 100, "rel_hum", "p"),
)
FOLDED = frozenset({"heading", "windDirection"})
HEIGHT_CHANNEL = "navigation.position.height_msl"
HEIGHT_LOW_M, HEIGHT_HIGH_M = -500.0, 20_000.0
_WITH_HEIGHT = 3


def read_status(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """The readings and the position of a status message.

    Raises:
        MessageError: as in `limits`; `not-object`, `bad-timestamp`, `bad-type:navigation`, `bad-type:position`,
            `out-of-range:latitude`, `out-of-range:longitude`, `unknown-device`.
    """
    message = arrival.message
    value = knowledge.json.read(message.payload)
    if not isinstance(value, dict):
        raise MalformedMessageError("not-object")
    device, devices = _see(arrival.device, knowledge)
    read = FieldReader()
    observed_at_ms = _observed_at(value.get("timestamp"), message.received_at_ms, read.flags)
    place, height = _position(value, read)
    readings = [*_states(value, read), *_measured(value, read)]
    if height is not None:
        readings.append(Reading(HEIGHT_CHANNEL, height, None, "alt", "m"))
    longitude, latitude = place or (None, None)
    telemetry = DeviceReadings(
        device=device.device,
        account=device.account,
        source_offset=arrival.source_offset,
        observed_at_ms=observed_at_ms,
        received_at_ms=message.received_at_ms,
        family="idi",
        kind=device.kind,
        readings=readings,
        longitude_deg=longitude,
        latitude_deg=latitude,
        flags=",".join(read.flags) or None,
    )
    sent = value.get("timestamp")
    identity = (message.topic, sent) if isinstance(sent, str | int) else None
    return Normalized(telemetry, devices=devices, flags=tuple(read.flags)), identity


def _see(device_id: str, knowledge: Knowledge) -> tuple[Device, list[Device]]:
    """Jobs come and go, so an id is registered when it is first seen."""
    known = knowledge.registry.get(device_id)
    if known is None:
        new = Device(device_id, knowledge.first_sight_account, "idi")
        return new, [new]
    if known.family != "idi" or not known.active:
        raise UnsupportedMessageError("unknown-device", "deactivated, or registered as another family's device")
    return known, []


def _observed_at(value: Any, received_at_ms: int, flags: list[str]) -> int:
    if value is None:
        flags.append(CLOCK)
        return received_at_ms
    if read_time(value)[0] is None:
        raise MalformedMessageError("bad-timestamp")
    return observed_at(value, received_at_ms, flags)


def _position(value: Members, read: FieldReader) -> tuple[Position | None, float | None]:
    """Longitude and latitude, and the height above mean sea level in metres."""
    navigation = value.get("navigation")
    if navigation is None:
        return None, None
    if not isinstance(navigation, dict):
        raise MalformedMessageError("bad-type:navigation")
    point = navigation.get("position")
    if point is None:
        return None, None
    if not isinstance(point, dict) or point.get("type", "Point") != "Point":
        raise MalformedMessageError("bad-type:position")
    coordinates = point.get("coordinates")
    if coordinates is None:
        return None, None
    if not isinstance(coordinates, list):
        raise MalformedMessageError("bad-type:position")
    longitude, latitude, height, *_ = [*coordinates, None, None, None]
    if len(coordinates) == 1:
        read.flags.append(INCOMPLETE)
    metres = read.number({"height": height}, "height", HEIGHT_LOW_M, HEIGHT_HIGH_M)
    return position(longitude, latitude), metres if len(coordinates) >= _WITH_HEIGHT else None


def _states(value: Members, read: FieldReader) -> list[Reading]:
    readings = []
    for name, known in STATES.items():
        state = read.text(value, name)
        if state is None:
            continue
        if name == "jobState" and state == "INPROGRESS":
            state = "IN_PROGRESS"  # as the same interface spells it elsewhere
        if state not in known and UNKNOWN_STATE not in read.flags:
            read.flags.append(UNKNOWN_STATE)
        readings.append(Reading(name, text=state))
    return readings


def _measured(value: Members, read: FieldReader) -> list[Reading]:
    readings = []
    for path, low, high, code, unit in MEASURED:
        *groups, leaf = path
        parent = value
        for group in groups:
            parent = read.members(parent, group)
        number = read.number(parent, leaf, low, high)
        if number is not None:
            folded = number % 360.0 if leaf in FOLDED else number
            readings.append(Reading(".".join(path), folded, None, code, unit))
    rain = read.members(value, "weather").get("rain")
    if isinstance(rain, bool):
        readings.append(Reading("weather.rain", float(rain)))
    elif rain is not None:
        read.bad("rain")
    return readings
