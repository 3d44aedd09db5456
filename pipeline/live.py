"""The newest state of every device in memory, and what changed since a subscriber last looked.

Reads decoded telemetry records; gives per account the JSON of each device's state. A subscriber keeps one number, the
version it has seen, and asks for what changed since: the newest state wins, a slow subscriber skips what lies between,
and nothing is queued for anybody. A state has these members, absent when unknown:

    device, family, kind, name, model, gateway, observed_at_ms, received_at_ms, longitude_deg, latitude_deg,
    height_ellipsoid_m, height_takeoff_m, ground_speed_mps, heading_deg, battery_percent, mode_code,
    fields: {channel: number or text}   (docks, remote controllers, things: a few headline channels)
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import orjson

from schemas.telemetry import ENCODER, AircraftSample, DeviceReadings, Telemetry

#: What a state shows of an aircraft sample, besides its times.
_AIRCRAFT = (
    "longitude_deg", "latitude_deg", "height_ellipsoid_m", "height_takeoff_m", "ground_speed_mps", "heading_deg",
    "battery_percent", "mode_code", "gateway",
)  # fmt: skip
#: What a state shows of readings, besides channels.
_POSITION = ("longitude_deg", "latitude_deg", "height_ellipsoid_m")
#: Channels of docks and remote controllers that a state shows; all others are in `latest`.
_HEADLINES = frozenset(
    {
        "mode_code", "cover_state", "drone_in_dock", "network_state.quality", "temperature", "humidity",
        "environment_temperature", "wind_speed", "rainfall", "emergency_stop_state", "capacity_percent",
        "drone_charge_state.capacity_percent", "drone_charge_state.state", "wireless_link.sdr_quality",
    }
)  # fmt: skip
#: Channels that are members of the state itself, in a map's terms.
_MEMBERS = {"capacity_percent": "battery_percent", "mode_code": "mode_code"}
#: A thing names its channels itself: this many are shown, texts cut to this length.
_THING_CHANNELS = 16
_TEXT_LENGTH = 120
#: No record for this long: nothing flows.
_SILENT_MS = 5_000


#: How an aircraft sample's record begins: array header and tag.
_AIRCRAFT_PREFIX = ENCODER.encode(AircraftSample("", 0, 0, 0, 0)).partition(b"aircraft")[0] + b"aircraft"


def worth_decoding(records: Iterable[tuple[bytes | None, bytes]]) -> list[bytes]:
    """Of (key, value) records in their order: each aircraft's last, which is whole, and all others, which are parts."""
    aircraft: dict[bytes | None, bytes] = {}
    others = []
    for key, value in records:
        if value.startswith(_AIRCRAFT_PREFIX):
            aircraft[key] = value
        else:
            others.append(value)
    return [*aircraft.values(), *others]


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the store knows of a device: identity, and the newest state where there is one (`state`: field to value)."""

    device: str
    account: int
    family: str
    kind: str
    model: str | None = None
    name: str | None = None
    gateway: str | None = None
    observed_at_ms: int | None = None
    received_at_ms: int | None = None
    longitude_deg: float | None = None
    latitude_deg: float | None = None
    height_ellipsoid_m: float | None = None
    state: Mapping[str, Any] = {}


class _DeviceState:
    """One device: the members of its state, the time of each channel, and the JSON once somebody asked for it."""

    __slots__ = ("account", "at_ms", "channel_at_ms", "json", "members", "version")

    def __init__(self, device: str, account: int) -> None:
        self.account = account
        self.members: dict[str, Any] = {"device": device}
        self.at_ms = -1
        self.channel_at_ms: dict[str, int] = {}
        self.version = 0
        self.json: bytes | None = None

    def encoded(self) -> bytes:
        if self.json is None:
            self.json = orjson.dumps(self.members)
        return self.json


class _Account:
    """The states of one account, least recently changed first."""

    def __init__(self) -> None:
        self.states: OrderedDict[str, _DeviceState] = OrderedDict()
        self.version = 0
        self.changed = asyncio.Event()


class LiveStates:
    """All states of all accounts. Not for use from several threads; bounded by the number of devices."""

    def __init__(self) -> None:
        self._accounts: dict[int, _Account] = {}
        self._devices: dict[str, _DeviceState] = {}
        self._unnamed: set[str] = set()
        self.lag_seconds: float | None = None
        self.record_at_ms: int | None = None

    def take_unnamed(self) -> bool:
        """Whether devices reported, since the last call, whose name and model the store was not asked for yet."""
        found = bool(self._unnamed)
        self._unnamed.clear()
        return found

    def flows(self, now_ms: int) -> bool:
        """Whether a record arrived lately."""
        return self.record_at_ms is not None and now_ms - self.record_at_ms < _SILENT_MS

    def restore(self, rows: Iterable[DeviceRow]) -> None:
        """Take over what the store knows; what telemetry told later than the store stays."""
        touched = set()
        for row in rows:
            state = self._state(row.device, row.account)
            before = dict(state.members)
            named = {"family": row.family, "kind": row.kind, "name": row.name, "model": row.model}
            state.members.update((key, value) for key, value in named.items() if value is not None)
            if row.gateway is not None:
                state.members.setdefault("gateway", row.gateway)
            if row.observed_at_ms is not None and row.observed_at_ms > state.at_ms:
                _restore_state(state, row, row.observed_at_ms)
            self._unnamed.discard(row.device)
            if state.members != before:
                touched.add(self._touch(state))
        _wake(touched)

    def apply(self, records: Iterable[Telemetry], now_ms: int) -> None:
        """Move the states by telemetry records, in their order; late samples move nothing.

        `now_ms`, the arrival of these records here, tells how far the pipeline is behind (`lag_seconds`).
        """
        touched = set()
        newest_ms = 0
        for record in records:
            newest_ms = max(newest_ms, record.received_at_ms)
            if record.flags is not None and "late" in record.flags.split(","):
                continue
            known = record.device in self._devices
            state = self._state(record.device, record.account)
            if not known:
                self._unnamed.add(record.device)
            moved = (
                _move_aircraft(state, record)
                if isinstance(record, AircraftSample)
                else _move_by_readings(state, record)
            )
            if moved:
                touched.add(self._touch(state))
        if newest_ms:
            self.record_at_ms = now_ms
            self.lag_seconds = max(0, now_ms - newest_ms) / 1000
        _wake(touched)

    def snapshot(self, account: int) -> tuple[int, list[bytes]]:
        """The version that is now, and the JSON of every state of the account."""
        of = self._account(account)
        return of.version, [state.encoded() for state in of.states.values()]

    def changes(self, account: int, seen: int) -> tuple[int, list[bytes]]:
        """The version that is now, and the JSON of every state that changed after version `seen`."""
        of = self._account(account)
        found = []
        for state in reversed(of.states.values()):
            if state.version <= seen:
                break
            found.append(state.encoded())
        return of.version, found

    async def wait_for_changes(self, account: int, seen: int, seconds: float) -> bool:
        """Wait until a state of the account changes after version `seen`; False when none did within `seconds`."""
        of = self._account(account)
        if of.version == seen:
            try:
                async with asyncio.timeout(seconds):
                    await of.changed.wait()
            except TimeoutError:
                return False
        return True

    def _account(self, account: int) -> _Account:
        found = self._accounts.get(account)
        if found is None:
            found = self._accounts[account] = _Account()
        return found

    def _state(self, device: str, account: int) -> _DeviceState:
        state = self._devices.get(device)
        if state is None or state.account != account:
            if state is not None:  # the device moved to another account, which must not see the old one's state
                self._accounts[state.account].states.pop(device, None)
            state = self._devices[device] = _DeviceState(device, account)
            self._account(account).states[device] = state
        return state

    def _touch(self, state: _DeviceState) -> _Account:
        of = self._accounts[state.account]
        of.version += 1
        state.version = of.version
        state.json = None
        of.states.move_to_end(state.members["device"])
        return of


def _wake(accounts: Iterable[_Account]) -> None:
    for of in accounts:
        of.changed.set()
        of.changed = asyncio.Event()  # who waits holds the old one


def _move_aircraft(state: _DeviceState, sample: AircraftSample) -> bool:
    if sample.observed_at_ms < state.at_ms:
        return False
    state.at_ms = sample.observed_at_ms
    members = state.members
    members.update(observed_at_ms=sample.observed_at_ms, received_at_ms=sample.received_at_ms)
    members["kind"] = "aircraft"
    members.setdefault("family", "dji")
    for name in _AIRCRAFT:
        value = getattr(sample, name)
        if value is not None:
            members[name] = value
    return True


def _move_by_readings(state: _DeviceState, record: DeviceReadings) -> bool:
    """Parts of one report may arrive in any order, so every channel has its own time."""
    members, at_ms = state.members, record.observed_at_ms
    moved = False
    for reading in record.readings:
        value = reading.text if reading.value is None else reading.value
        if value is not None and at_ms >= state.channel_at_ms.get(reading.channel, -1):
            moved |= _show_channel(state, record.kind, reading.channel, value, at_ms)
    if record.longitude_deg is not None and at_ms >= state.channel_at_ms.get("", -1):
        moved = True
        state.channel_at_ms[""] = at_ms
        members.update((name, value) for name in _POSITION if (value := getattr(record, name)) is not None)
    if at_ms >= state.at_ms:
        moved = True
        state.at_ms = at_ms
        members.update(observed_at_ms=at_ms, received_at_ms=record.received_at_ms)
        members.update(family=record.family, kind=record.kind)
        if record.gateway is not None:
            members["gateway"] = record.gateway
    return moved


def _show_channel(state: _DeviceState, kind: str, channel: str, value: float | str, at_ms: int) -> bool:
    fields: dict[str, Any] = state.members.setdefault("fields", {})
    if kind == "thing":
        if channel not in fields and len(fields) >= _THING_CHANNELS:
            return False
    elif channel not in _HEADLINES:
        return False
    state.channel_at_ms[channel] = at_ms
    fields[channel] = value[:_TEXT_LENGTH] if isinstance(value, str) else value
    if kind != "thing" and channel in _MEMBERS:
        state.members[_MEMBERS[channel]] = int(value) if channel == "mode_code" and isinstance(value, float) else value
    return True


def _restore_state(state: _DeviceState, row: DeviceRow, observed_at_ms: int) -> None:
    members = state.members
    state.at_ms = observed_at_ms
    members["observed_at_ms"] = observed_at_ms
    if row.received_at_ms is not None:
        members["received_at_ms"] = row.received_at_ms
    members.update((name, value) for name in _POSITION if (value := getattr(row, name)) is not None)
    if row.kind == "aircraft":
        members.update((name, row.state[name]) for name in _AIRCRAFT if row.state.get(name) is not None)
        return
    for channel, value in row.state.items():
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            _show_channel(state, row.kind, channel, value, -1)
