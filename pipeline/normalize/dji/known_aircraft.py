"""The fast way for the message that arrives most: an aircraft's `osd` of a shape that was proven before.

A typed decode takes the wanted members and skips the rest; the bounds of every field stand in its type, so that a value
out of bounds, a sentinel, text instead of a number or anything else unusual fails the decode, and the exact way
(`dji.aircraft`) decides what the message means. What the decode cannot see is proven by the message's shape (`shapes`).
Payload structs have the payload's name as key, so each set of payloads has a decoder of its own, made at first sight.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from pipeline.normalize.dji import aircraft as exact
from pipeline.normalize.limits import Parsed
from pipeline.normalize.shapes import KnownShapes, prove, shape_of
from pipeline.normalize.times import AHEAD_MS, EARLIEST_MS
from schemas.device import Device
from schemas.raw import Message
from schemas.telemetry import AircraftSample

#: The bounds stop short of the sentinels 32767 and 65535.
_BELOW_SENTINELS = 32_766
_MOST_AIRCRAFT = 50_000
_MOST_PAYLOADS = 4

_Height = Annotated[float, Meta(ge=exact.HEIGHT_LOW_M, le=exact.HEIGHT_HIGH_M)] | None
_Speed = Annotated[float, Meta(ge=-exact.SPEED_LIMIT_MPS, le=exact.SPEED_LIMIT_MPS)] | None
_Angle = Annotated[float, Meta(ge=-exact.ANGLE_LIMIT_DEG, le=exact.ANGLE_LIMIT_DEG)] | None
_Percent = Annotated[float, Meta(ge=0, le=100)] | None
_Amount = Annotated[float, Meta(ge=0, le=_BELOW_SENTINELS)] | None
_Count = Annotated[int, Meta(ge=0, le=_BELOW_SENTINELS)] | None


class _PositionState(msgspec.Struct, frozen=True, gc=False):
    gps_number: _Count = None
    rtk_number: _Count = None
    is_fixed: _Count = None


class _Battery(msgspec.Struct, frozen=True, gc=False):
    capacity_percent: _Percent = None
    remain_flight_time: _Amount = None


class _Camera(msgspec.Struct, gc=False):
    payload_index: str | None = None
    zoom_factor: Annotated[float, Meta(ge=0, le=exact.ZOOM_LIMIT)] | None = None
    recording_state: Annotated[int, Meta(ge=0, le=1)] | None = None


class _Gimbal(msgspec.Struct, gc=False):
    gimbal_pitch: _Angle = None
    gimbal_roll: _Angle = None
    gimbal_yaw: _Angle = None


_NO_CAMERA = _Camera()
_NO_GIMBAL = _Gimbal()


class _Data(msgspec.Struct, kw_only=True, gc=False):
    # In the order in which devices send them (alphabetical), which the decoder follows fastest. Latitude and longitude
    # are required: messages without a position in two numbers go the exact way.
    attitude_head: _Angle = None
    attitude_pitch: _Angle = None
    attitude_roll: _Angle = None
    battery: _Battery = _Battery()
    cameras: list[_Camera] = []
    elevation: _Height = None
    height: _Height = None
    home_distance: _Amount = None
    horizontal_speed: _Speed = None
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    mode_code: _Count = None
    position_state: _PositionState = _PositionState()
    track_id: Annotated[str, Meta(max_length=exact.TEXT_LIMIT)] | None = None
    vertical_speed: _Speed = None
    wind_direction: Annotated[int, Meta(ge=0, le=exact.WIND_SECTORS)] | None = None
    wind_speed: Annotated[float, Meta(ge=0, le=exact.WIND_LIMIT_DECI_MPS)] | None = None


class _OtherPayload(msgspec.Struct, gc=False):
    """A payload of which only its presence matters."""


class _Envelope(msgspec.Struct, gc=False):
    timestamp: int
    tid: str | None = None
    bid: str | None = None
    method: str | None = None
    gateway: str | None = None


class _Plan(msgspec.Struct, frozen=True):
    """How the messages of one set of payloads are decoded; `salt` keeps their shapes apart from those of other sets."""

    decoder: Any
    payload_index: str | None
    salt: int


@lru_cache(maxsize=1024)
def _plan(keys: tuple[str, ...]) -> _Plan:
    # Every payload is a required member: a message in which one is missing, null or no object goes the exact way.
    names = ["gimbal", *(f"payload_{number}" for number in range(1, len(keys)))][: len(keys)]
    fields = [(name, _OtherPayload if place else _Gimbal) for place, name in enumerate(names)]
    data = msgspec.defstruct(
        "Data", fields, bases=(_Data,), rename=dict(zip(names, keys, strict=True)), kw_only=True, gc=False
    )
    osd = msgspec.defstruct("Osd", [("data", data)], bases=(_Envelope,), kw_only=True, gc=False)
    return _Plan(msgspec.json.Decoder(osd), keys[0] if keys else None, hash(keys))


class KnownAircraft:
    """The aircraft whose messages may go the fast way. Full at 50,000 it forgets all: each is learnt again."""

    def __init__(self) -> None:
        self._plans: dict[str, _Plan] = {}
        self._shapes = KnownShapes()

    def learn(self, serial: str, payload: bytes, parsed: Parsed, keys: tuple[str, ...]) -> None:
        """Let messages of this shape from this aircraft go the fast way, if this one proves the shape.

        Args:
            serial: the aircraft.
            payload: its message.
            parsed: the message's exact JSON value.
            keys: the payload keys of its data, the main one first.
        """
        proof = prove(payload, parsed)
        if proof is None or len(keys) > _MOST_PAYLOADS:
            return
        if len(self._plans) >= _MOST_AIRCRAFT:
            self._plans.clear()
        plan = self._plans[serial] = _plan(keys)
        self._shapes.add(shape_of(payload) + plan.salt, proof)

    def read(self, device: Device, message: Message, source_offset: int) -> tuple[AircraftSample, Hashable] | None:
        """The sample and the message's identity, or None when the message must go the exact way."""
        plan = self._plans.get(device.device)
        payload = message.payload
        if plan is None or not self._shapes.sound(shape_of(payload) + plan.salt, payload):
            return None
        try:
            osd = plan.decoder.decode(payload)
        except (msgspec.DecodeError, ValueError):
            return None
        sent = osd.timestamp
        gateway = osd.gateway
        if not EARLIEST_MS <= sent <= message.received_at_ms + AHEAD_MS:
            return None
        if gateway is not None and gateway != device.gateway:
            return None
        sample = _sample(osd.data, plan.payload_index, device, (source_offset, sent, message.received_at_ms))
        return sample, (message.topic, osd.tid, osd.bid, osd.method, sent)


def _sample(data: Any, payload_index: str | None, device: Device, moment: tuple[int, int, int]) -> AircraftSample:
    """The sample. `moment`: source offset, observed and received in epoch milliseconds."""
    source_offset, observed_at_ms, received_at_ms = moment
    longitude: float | None = data.longitude
    latitude: float | None = data.latitude
    state = data.position_state
    if state.gps_number == 0 or (longitude == 0 and latitude == 0):
        longitude = latitude = None
    heading = data.attitude_head
    if heading is not None and not 0 <= heading < exact.TURN_DEG:
        heading = exact.fold_heading(heading)
    gimbal = _NO_GIMBAL if payload_index is None else data.gimbal
    camera = _NO_CAMERA
    for camera_of_any in data.cameras:
        if payload_index is None or camera_of_any.payload_index == payload_index:
            camera = camera_of_any
            break
    wind = data.wind_speed
    sector = data.wind_direction
    battery = data.battery
    recording = camera.recording_state
    return AircraftSample(
        device.device,
        device.account,
        source_offset,
        observed_at_ms,
        received_at_ms,
        longitude,
        latitude,
        data.height,
        data.elevation,
        data.horizontal_speed,
        data.vertical_speed,
        heading,
        data.attitude_pitch,
        data.attitude_roll,
        gimbal.gimbal_pitch,
        gimbal.gimbal_roll,
        gimbal.gimbal_yaw,
        payload_index or camera.payload_index or None,
        camera.zoom_factor,
        None if recording is None else recording == 1,
        battery.capacity_percent,
        battery.remain_flight_time,
        data.mode_code,
        None if wind is None else wind / 10,
        (sector - 1) * exact.TURN_DEG / exact.WIND_SECTORS if sector else None,
        data.home_distance,
        state.gps_number,
        state.rtk_number,
        state.is_fixed,
        data.track_id or None,
        device.gateway,
    )
