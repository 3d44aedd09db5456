"""What docks and remote controllers report of themselves (DJI reference, sections 5 to 7). Pure: state in, data out."""

import math
from typing import Any

from simulate.aircraft import Aircraft, AircraftState

#: domain, type, sub type (DJI reference, section 14).
DOCK, REMOTE_CONTROLLER, AIRCRAFT = ("3", 2, 0), ("2", 144, 0), ("0", 77, 0)
#: How many messages one round of a dock is.
DOCK_PARTS = 4
_DAY_SECONDS, _HOUR_SECONDS = 86_400.0, 3600.0
_DOCK_IDLE, _DOCK_WORKING = 0, 4
_TASK_IN_FLIGHT, _TASK_IDLE = 1, 5
_COVER_CLOSED, _COVER_OPEN = 0, 1


def topology(station: tuple[str, int, int], aircraft: Aircraft | None) -> dict[str, Any]:
    """The data of `update_topo`: what the gateway is, and the aircraft that it speaks for."""
    domain, kind, sub_kind = station
    secrets = {"device_secret": "simulated", "nonce": "simulated", "thing_version": "1.2.0"}
    head = {"domain": domain, "type": kind, "sub_type": sub_kind, **secrets}
    if aircraft is None:
        return head | {"sub_devices": []}
    domain, kind, sub_kind = AIRCRAFT
    below = {"sn": aircraft.serial, "domain": domain, "type": kind, "sub_type": sub_kind, "index": "A", **secrets}
    return head | {"sub_devices": [below]}


def temperature_c(seconds: float) -> float:
    """The weather of the simulated place: a day between 14 and 26 degrees, coldest at its start."""
    return 20.0 - 6.0 * math.cos(2.0 * math.pi * seconds / _DAY_SECONDS)


def dock_osd(
    place: tuple[float, float, float], aircraft: str | None, state: AircraftState | None, seconds: float
) -> list[dict[str, Any]]:
    """The partial messages of one round: their keys are disjoint, and a receiver merges them.

    `place` is longitude and latitude in degrees and metres above the ellipsoid.
    """
    longitude_deg, latitude_deg, height_m = place
    away = state is not None and state.airborne
    surroundings = {
        "network_state": {"type": 2, "quality": 5, "rate": 5.1},
        "drone_in_dock": int(state is not None and not away),
        "rainfall": 0,
        "wind_speed": round(state.wind_speed_mps, 1) if state is not None else 2.0,
        "environment_temperature": round(temperature_c(seconds), 1),
        "temperature": round(temperature_c(seconds) + 3.0, 1),
        "humidity": 55,
        "latitude": latitude_deg,
        "longitude": longitude_deg,
        "height": height_m,
        "alternate_land_point": {
            "latitude": latitude_deg + 0.0001,
            "longitude": longitude_deg,
            "safe_land_height": 30,
            "is_configured": 1,
        },
        "first_power_on": 1_634_624_255_969,
        "position_state": {"is_calibration": 1, "is_fixed": 2, "quality": 5, "gps_number": 19, "rtk_number": 25},
        "storage": {"total": 82_045_336, "used": 51_772},
        "mode_code": _DOCK_WORKING if away else _DOCK_IDLE,
        "cover_state": _COVER_OPEN if away else _COVER_CLOSED,
        "supplement_light_state": 0,
        "emergency_stop_state": 0,
        "battery_store_mode": 1,
        "alarm_state": 0,
        "putter_state": 0,
        "sub_device": {
            "device_sn": aircraft or "",
            "device_model_key": "0-77-0",
            "device_online_status": int(aircraft is not None),
            "device_paired": int(aircraft is not None),
        },
    }
    supply = {
        "job_number": 492 + (state.flights if state is not None else 0),
        "acc_time": 1_859_010 + int(seconds),
        "activation_time": 1_698_260_070,
        "electric_supply_voltage": 231,
        "working_voltage": 25_440,
        "working_current": 1120 if not away else 640,
        "backup_battery": {"voltage": 26_631, "temperature": 27.9, "switch": 1},
    }
    task = {
        "flighttask_step_code": _TASK_IN_FLIGHT if away else _TASK_IDLE,
        "media_file_detail": {"remain_upload": 0},
        "wireless_link": {"4g_link_state": 0, "sdr_link_state": 1, "sdr_quality": 5, "link_workmode": 0},
    }
    charge = {
        "drone_charge_state": {
            "state": int(state is not None and not away),
            "capacity_percent": int(state.battery_percent) if state is not None else 0,
        },
        "drone_battery_maintenance_info": {"maintenance_state": 0, "maintenance_time_left": 0},
    }
    return [surroundings, supply, task, charge]


def remote_controller_osd(longitude_deg: float, latitude_deg: float, height_m: float, seconds: float) -> dict[str, Any]:
    """The data of a remote controller: its place and its battery, which lasts four hours and is then charged."""
    charge = 100 - int(80.0 * (seconds % (4 * _HOUR_SECONDS)) / (4 * _HOUR_SECONDS))
    return {
        "app_version": "171115",
        "capacity_percent": charge,
        "longitude": longitude_deg,
        "latitude": latitude_deg,
        "height": height_m,
        "country": "IT",
    }
