"""The newest state of devices, merged within a batch so that each device costs one row of one statement.

Each field has its own time: a dock says what it knows in several messages, and a field that is missing from one is no
news. A sample moves the state of its device only when it was not observed before what is known, and is not `late`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from schemas.telemetry import AircraftSample, DeviceReadings, Telemetry

#: Fields of an aircraft sample that are state. Position and `height_ellipsoid_m` have columns of their own.
AIRCRAFT_FIELDS = tuple(
    name
    for name in AircraftSample.__struct_fields__
    if name
    not in {
        "device", "account", "source_offset", "observed_at_ms", "received_at_ms",
        "longitude_deg", "latitude_deg", "height_ellipsoid_m", "gateway", "flags",
    }
)  # fmt: skip
#: More devices than this are not remembered: they are asked from the database again.
REMEMBERED_DEVICES = 500_000

#: Gives the known observation times (epoch ms) of devices; those that have no state yet are left out.
Ask = Callable[[list[str]], Mapping[str, int]]


class LatestStates:
    """Chooses and merges what moves the newest state; remembers when that of each device was observed."""

    def __init__(self) -> None:
        self._observed: dict[str, int] = {}

    def forget(self) -> None:
        """Partitions changed hands: others may have moved the states."""
        self._observed.clear()

    def merge(self, records: Iterable[Telemetry], ask: Ask) -> "Merged":
        """What the records change; `remember` it after the commit."""
        by_device: dict[str, list[Telemetry]] = {}
        for record in records:
            if record.flags is None or "late" not in record.flags.split(","):
                by_device.setdefault(record.device, []).append(record)
        unknown = [device for device in by_device if device not in self._observed]
        known = dict(ask(unknown)) if unknown else {}
        merged: Merged = {}
        for device, said in by_device.items():
            newest = self._observed.get(device, known.get(device, -1))
            taken = []
            for record in said:
                if record.observed_at_ms >= newest:
                    newest = record.observed_at_ms
                    taken.append(record)
            if taken:
                merged[device] = _row(device, taken)
        return merged

    def remember(self, merged: "Merged") -> None:
        """The states are committed."""
        if len(self._observed) > REMEMBERED_DEVICES:
            self._observed.clear()
        self._observed.update((device, row["observed_ms"]) for device, row in merged.items())


#: device -> its row of `merge_latest`.
Merged = dict[str, dict[str, Any]]


def parameter(merged: Merged) -> str:
    """The parameter of `merge_latest`: one JSON text, which costs a tenth of as many arrays."""
    return orjson.dumps(list(merged.values())).decode()


def _row(device: str, records: list[Telemetry]) -> dict[str, Any]:
    """A device's records of the batch, oldest first, at least one."""
    newest = records[-1]
    state, times = _fields(records)
    row = {
        "device_id": device,
        "account_id": newest.account,
        "observed_ms": newest.observed_at_ms,
        "received_ms": newest.received_at_ms,
        "state": state,
        "state_at": times,
    }
    place = next((record for record in reversed(records) if record.longitude_deg is not None), None)
    if place is not None:
        row["longitude_deg"] = place.longitude_deg
        row["latitude_deg"] = place.latitude_deg
        row["height_ellipsoid_m"] = place.height_ellipsoid_m
        row["position_ms"] = place.observed_at_ms
    return row


def _fields(records: list[Telemetry]) -> tuple[dict[str, Any], dict[str, int]]:
    """The newest value of every field and its time, from the newest record backwards."""
    state: dict[str, Any] = {}
    times: dict[str, int] = {}
    wanted: Iterable[str] = AIRCRAFT_FIELDS
    for record in reversed(records):
        observed = record.observed_at_ms
        if isinstance(record, DeviceReadings):
            for reading in reversed(record.readings):
                if reading.channel not in state:
                    state[reading.channel] = reading.text if reading.value is None else reading.value
                    times[reading.channel] = observed
            continue
        missing = []
        for name in wanted:
            value = getattr(record, name)
            if value is None:
                missing.append(name)
            else:
                state[name] = value
                times[name] = observed
        wanted = missing
        if not missing:
            break
    return state, times
