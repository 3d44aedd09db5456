"""The `telemetry` topic: what a message says, in canonical units.

One record per raw message that says something; key = device id; partition = the raw record's. The value is one msgpack
array whose first item is the tag (`aircraft` or `readings`) and whose further items are the fields below in order.
Units are in the names; a value that was not reported is nil. `source_offset` is the offset of the raw record on the raw
topic's partition of the same number: `land` drops a record whose source offset it has landed already.
"""

import msgspec


class AircraftSample(msgspec.Struct, frozen=True, array_like=True, tag="aircraft", gc=False):
    """One aircraft, one moment.

    Longitude/latitude in WGS-84 degrees, both nil without a fix. `heading_deg` in [0, 360), true north, clockwise.
    `mode_code` as DJI counts it (reference, section 4.1). `flags`: what was
    odd about the message (`clock`, `bad-field:height`, ...), comma-separated.
    """

    device: str
    account: int
    source_offset: int
    observed_at_ms: int
    received_at_ms: int
    longitude_deg: float | None = None
    latitude_deg: float | None = None
    height_ellipsoid_m: float | None = None
    height_takeoff_m: float | None = None
    ground_speed_mps: float | None = None
    climb_mps: float | None = None
    heading_deg: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None
    gimbal_pitch_deg: float | None = None
    gimbal_roll_deg: float | None = None
    gimbal_yaw_deg: float | None = None
    payload_index: str | None = None
    zoom_factor: float | None = None
    recording: bool | None = None
    battery_percent: float | None = None
    flight_time_left_seconds: float | None = None
    mode_code: int | None = None
    wind_speed_mps: float | None = None
    wind_direction_deg: float | None = None
    home_distance_m: float | None = None
    satellites: int | None = None
    rtk_satellites: int | None = None
    rtk_state: int | None = None
    track_id: str | None = None
    gateway: str | None = None
    flags: str | None = None


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One value of one channel.

    `value` in the canonical unit named by `unit`, or nil with `text` set. `type` and `unit` as in the table of
    quantities (`pipeline/quantities.py`); nil where the device named none.
    """

    channel: str
    value: float | None = None
    text: str | None = None
    type: str | None = None
    unit: str | None = None


class DeviceReadings(msgspec.Struct, frozen=True, array_like=True, tag="readings", gc=False):
    """Readings of one device at one moment. `kind` as in `schemas.device`. Position fields as in AircraftSample."""

    device: str
    account: int
    source_offset: int
    observed_at_ms: int
    received_at_ms: int
    family: str
    kind: str
    readings: list[Reading]
    longitude_deg: float | None = None
    latitude_deg: float | None = None
    height_ellipsoid_m: float | None = None
    gateway: str | None = None
    flags: str | None = None


Telemetry = AircraftSample | DeviceReadings

ENCODER = msgspec.msgpack.Encoder()
DECODER: msgspec.msgpack.Decoder[Telemetry] = msgspec.msgpack.Decoder(Telemetry)


def to_json(record: Telemetry) -> dict[str, object]:
    """The same record as people read it: names instead of places, nothing that was not reported."""
    named: dict[str, object] = {"type": record.__struct_config__.tag}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if name == "readings":
            value = [
                {key: item for key in each.__struct_fields__ if (item := getattr(each, key)) is not None}
                for each in record.readings  # type: ignore[union-attr]
            ]
        if name == "flags":
            value = value.split(",") if value else None
        if value is not None:
            named[name] = value
    return named
