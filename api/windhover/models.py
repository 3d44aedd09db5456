"""Requests that people write, and the shapes of answers for the API's description.

Answers are written by orjson straight from the store's rows; a test holds them against these shapes. A member that is
unknown is absent.
"""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.device import Family, Kind

ItemT = TypeVar("ItemT")

#: No control characters: a NUL cannot be stored, a line feed in a name deceives readers of lists and logs.
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
#: A device's id stands in MQTT topics and addresses: no `/`, `+`, `#` or white space.
NewDeviceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
#: A device's id in an address: whatever devices call themselves.
DeviceId = Annotated[str, Path(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="The device's id.")]
#: What the broker's topics allow as one level: a Cayenne user name, a gateway's serial number.
TopicName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Login(_Request):
    """Who logs in."""

    user: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Session(_Answer):
    """A token to send as `Authorization: Bearer ...`."""

    token: str
    expires_at: datetime
    account: str


class Me(_Answer):
    """Whom a token acts for: no `user` when no person made it, no `expires_at` when it counts until revoked."""

    account: str
    user: str | None = None
    expires_at: datetime | None = None


class NewToken(_Request):
    """An API key to make. Without `lifetime_seconds` it counts until it is revoked."""

    label: Text
    lifetime_seconds: Annotated[int, Field(ge=60, le=10 * 366 * 86_400)] | None = None


class Token(_Answer):
    """A token of the account, without its secret."""

    token_id: int
    label: str
    created_at: datetime
    user: str | None = None
    expires_at: datetime | None = None


class TokenSecret(Token):
    """A new API key; `token` is shown this once."""

    token: str


class NewDevice(_Request):
    """A device to provision. A Cayenne thing names in `mqtt_user` the user whose topics it reports on.

    `kind` is `thing` for a Cayenne thing where it is not said, else `unknown` until the device tells.
    """

    device: NewDeviceId
    family: Family
    kind: Kind | None = None
    name: Text | None = None
    model: Text | None = None
    mqtt_user: TopicName | None = None


class DeviceAnswer(_Answer):
    """A device. `gateway` is the DJI gateway it was last seen under."""

    device: str
    family: Family
    kind: Kind
    active: bool
    created_at: datetime
    name: str | None = None
    model: str | None = None
    mqtt_user: str | None = None
    gateway: str | None = None


class Position(_Answer):
    """Where a device was, WGS-84."""

    longitude_deg: float
    latitude_deg: float
    observed_at: datetime
    height_ellipsoid_m: float | None = None


class FieldValue(_Answer):
    """One field's newest value and its own time."""

    value: Any
    observed_at: datetime | None = None


class Latest(_Answer):
    """The merged newest state of one device; `fields` is empty and times are absent while it has not reported."""

    device: str
    family: str
    kind: str
    model: str | None = None
    name: str | None = None
    fields: dict[str, FieldValue]
    observed_at: datetime | None = None
    received_at: datetime | None = None
    position: Position | None = None


class Reading(_Answer):
    """One value of one channel at one time."""

    channel: str
    observed_at: datetime
    received_at: datetime
    stored_at: datetime
    value: float | None = None
    text: str | None = None
    type: str | None = None
    unit: str | None = None
    flags: str | None = None


class AircraftPosition(_Answer):
    """One position of an aircraft with all that was measured there."""

    observed_at: datetime
    received_at: datetime
    stored_at: datetime
    longitude_deg: float
    latitude_deg: float
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


class Page(_Answer, Generic[ItemT]):
    """A page of a list; `next_cursor` is null on the last one, else `cursor` of the next request."""

    items: list[ItemT]
    next_cursor: str | None


class NewMqttCredential(_Request):
    """An MQTT user to make: for a DJI gateway (`gateway`), a Cayenne user (`user`) or a whole fleet (neither)."""

    family: Literal["dji", "cayenne", "fleet"]
    gateway: TopicName | None = None
    user: TopicName | None = None


class MqttCredential(_Answer):
    """An MQTT user of the account; `topics` are the filters it may publish to."""

    username: str
    family: str
    topics: list[str]
    created_at: datetime


class MqttSecret(MqttCredential):
    """A new MQTT user; `password` is shown this once."""

    password: str
    host: str
    port: int


class Configuration(_Answer):
    """What the page must know before anybody logs in. An empty `tile_url`: the packaged base map."""

    tile_url: str
    version: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
