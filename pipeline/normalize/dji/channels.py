"""The values of docks and remote controllers that become readings: dotted path in `data`, type and unit on the wire.

Types and units are those of `pipeline/quantities.py`; None where the value is a code, a count or text. What is not in
the tables stays in the raw record only, so a message cannot grow the number of channels.
"""

import msgspec

from pipeline.normalize.fields import FieldReader, Members
from pipeline.quantities import canonical
from schemas.device import Kind
from schemas.telemetry import Reading


class Channel(msgspec.Struct, frozen=True):
    """One value. `wire_unit` is what the device sends; the reading, named `name`, is in the canonical unit."""

    name: str
    path: tuple[str, ...]
    type: str | None = None
    wire_unit: str | None = None
    low: float = -1e15
    high: float = 1e15
    text: bool = False


def _codes(*names: str) -> tuple[Channel, ...]:
    return tuple(Channel(name, tuple(name.split("."))) for name in names)


def _texts(*names: str) -> tuple[Channel, ...]:
    return tuple(Channel(name, tuple(name.split(".")), text=True) for name in names)


def _measured(name: str, code: str, wire_unit: str, low: float = -1e15, high: float = 1e15) -> Channel:
    return Channel(name, tuple(name.split(".")), code, wire_unit, low, high)


_WIRELESS_LINK = (
    *_codes(
        "wireless_link.dongle_number",
        "wireless_link.4g_link_state",
        "wireless_link.sdr_link_state",
        "wireless_link.link_workmode",
        "wireless_link.sdr_quality",
        "wireless_link.4g_quality",
        "wireless_link.4g_uav_quality",
        "wireless_link.4g_gnd_quality",
        "wireless_link.4g_freq_band",
        "wireless_link.sdr_freq_band",
    ),
)

_DOCK = (
    *_codes(
        "home_position_is_valid",
        "mode_code",
        "flighttask_step_code",
        "flighttask_prepare_capacity",
        "cover_state",
        "putter_state",
        "drone_in_dock",
        "sub_device.device_online_status",
        "sub_device.device_paired",
        "drone_charge_state.state",
        "drone_battery_maintenance_info.maintenance_state",
        "drone_battery_maintenance_info.heat_state",
        "backup_battery.switch",
        "network_state.type",
        "network_state.quality",
        "rainfall",
        "emergency_stop_state",
        "alarm_state",
        "supplement_light_state",
        "silent_mode",
        "air_conditioner_mode",
        "air_conditioner.air_conditioner_state",
        "battery_store_mode",
        "position_state.is_calibration",
        "position_state.is_fixed",
        "position_state.quality",
        "position_state.gps_number",
        "position_state.rtk_number",
        "alternate_land_point.is_configured",
        "job_number",
        "media_file_detail.remain_upload",
        "drc_state",
    ),
    *_texts("sub_device.device_sn", "sub_device.device_model_key"),
    *_WIRELESS_LINK,
    _measured("heading", "ori_azim", "deg", -360, 360),
    _measured("drone_charge_state.capacity_percent", "batt", "p", 0, 100),
    _measured("drone_battery_maintenance_info.maintenance_time_left", "time", "hour", 0),
    _measured("backup_battery.voltage", "voltage", "mv"),
    _measured("backup_battery.temperature", "temp", "c", -273.15, 1000),
    _measured("network_state.rate", "bytes", "kb", 0),
    _measured("wind_speed", "wind_speed", "mps", 0, 150),
    _measured("environment_temperature", "temp", "c", -273.15, 1000),
    _measured("temperature", "temp", "c", -273.15, 1000),
    _measured("humidity", "rel_hum", "p", 0, 100),
    _measured("air_conditioner.switch_time", "time", "sec", 0),
    _measured("alternate_land_point.latitude", "loc_lat", "lat", -90, 90),
    _measured("alternate_land_point.longitude", "loc_lon", "long", -180, 180),
    _measured("alternate_land_point.height", "alt", "m", -500, 20_000),
    _measured("alternate_land_point.safe_land_height", "alt", "m", -500, 20_000),
    _measured("storage.total", "storage", "kb", 0),
    _measured("storage.used", "storage", "kb", 0),
    _measured("first_power_on", "time", "msec", 0),
    _measured("activation_time", "time", "sec", 0),
    _measured("acc_time", "time", "sec", 0),
    _measured("electric_supply_voltage", "voltage", "v"),
    _measured("working_voltage", "voltage", "mv"),
    _measured("working_current", "current", "ma"),
)

_REMOTE_CONTROLLER = (
    _measured("capacity_percent", "batt", "p", 0, 100),
    *_texts("country", "app_version"),
    *_codes("drc_state"),
    *_WIRELESS_LINK,
)


def _by_member(channels: tuple[Channel, ...]) -> dict[str, list[Channel]]:
    table: dict[str, list[Channel]] = {}
    for channel in channels:
        table.setdefault(channel.path[0], []).append(channel)
    return table


#: By kind of device and top-level member of `data`.
CHANNELS: dict[Kind, dict[str, list[Channel]]] = {
    "dock": _by_member(_DOCK),
    "remote-controller": _by_member(_REMOTE_CONTROLLER),
}


def read_channels(kind: Kind, data: Members, flags: list[str]) -> list[Reading]:
    """The readings in `data`, in the order of its members; what breaks the rules of `fields` is dropped and flagged.

    Raises:
        ImplausibleValueError: `out-of-range:<name>`, a number beyond a float's range.
    """
    read = FieldReader()
    read.flags = flags
    table = CHANNELS[kind]
    readings = []
    for member in data:
        for channel in table.get(member, ()):
            parent = data if len(channel.path) == 1 else read.members(data, member)
            leaf = channel.path[-1]
            reading = _read_channel(channel, parent, leaf, read) if leaf in parent else None
            if reading is not None:
                readings.append(reading)
    return readings


def _read_channel(channel: Channel, parent: Members, leaf: str, read: FieldReader) -> Reading | None:
    if channel.text:
        text = read.text(parent, leaf)
        return None if text is None else Reading(channel.name, text=text)
    if isinstance(parent[leaf], bool) and channel.type is None:
        return Reading(channel.name, float(parent[leaf]))
    value = read.number(parent, leaf, channel.low, channel.high)
    if value is None:
        return None
    if channel.type is None:
        return Reading(channel.name, value)
    unit = canonical(channel.type, channel.wire_unit)
    return Reading(channel.name, unit.value(value), None, channel.type, unit.unit)
