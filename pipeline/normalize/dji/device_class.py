"""Which kind of device an `osd` message comes from: aircraft, dock and remote controller share one topic shape.

Topology and earlier messages come first (the registry remembers the kind of every serial number); only a device of
unknown kind is judged by the keys of its data.
"""

from typing import Any

from schemas.device import Kind

DOCK_KEYS = frozenset(
    {"cover_state", "job_number", "network_state", "sub_device", "drone_in_dock", "flighttask_step_code"}
)


def kind_by_keys(data: dict[str, Any]) -> Kind:
    """The kind that the keys of an `osd` message's data show."""
    if "elevation" in data or ("mode_code" in data and "attitude_head" in data):
        return "aircraft"
    if not DOCK_KEYS.isdisjoint(data):
        return "dock"
    if "capacity_percent" in data and "mode_code" not in data:
        return "remote-controller"
    return "unknown"
