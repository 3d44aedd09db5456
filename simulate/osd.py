"""An aircraft's state as the `osd` data that a DJI aircraft sends (DJI reference, section 4): about 1.9 kB."""

from typing import Any

from simulate.aircraft import AircraftState

#: The camera of the simulated aircraft: a wide survey camera, main gimbal.
PAYLOAD_INDEX = "66-0-0"
_CELL_VOLTS_FULL, _CELL_VOLTS_SPAN, _CELLS = 4200, 700, 4


def aircraft_osd(state: AircraftState, serial: str, *, films: bool) -> dict[str, Any]:
    """The data of one message."""
    battery = int(state.battery_percent)
    heading = (state.heading_deg + 180.0) % 360.0 - 180.0
    return {
        PAYLOAD_INDEX: {
            "gimbal_pitch": state.gimbal_pitch_deg,
            "gimbal_roll": 0,
            "gimbal_yaw": round(heading, 1),
            "measure_target_error_state": 3,
            "payload_index": PAYLOAD_INDEX,
            "zoom_factor": 0.5678233438485805,
        },
        "activation_time": 1698260070,
        "attitude_head": round(heading, 1),
        "attitude_pitch": round(state.pitch_deg, 1),
        "attitude_roll": 0.2,
        "battery": {
            "batteries": [_battery(serial, state, battery)],
            "capacity_percent": battery,
            "landing_power": 9,
            "remain_flight_time": state.flight_time_left_seconds,
            "return_home_power": 18,
        },
        "cameras": [_camera(state, films=films)],
        "distance_limit_status": {"distance_limit": 3000, "is_near_distance_limit": 0, "state": 1},
        "elevation": round(state.height_takeoff_m, 2),
        "firmware_version": "14.01.0002",
        "gear": 1,
        "height": round(state.height_ellipsoid_m, 3),
        "height_limit": 150,
        "home_distance": round(state.home_distance_m, 2),
        "horizontal_speed": round(state.ground_speed_mps, 2),
        "is_near_height_limit": 0,
        "latitude": round(state.latitude_deg, 8),
        "longitude": round(state.longitude_deg, 8),
        "maintain_status": {
            "maintain_status_array": [
                {
                    "last_maintain_flight_sorties": 0,
                    "last_maintain_flight_time": 0,
                    "last_maintain_time": 0,
                    "last_maintain_type": 1,
                    "state": 0,
                }
            ]
        },
        "mode_code": state.mode_code,
        "night_lights_state": 0,
        "obstacle_avoidance": {"downside": 1, "horizon": 1, "upside": 1},
        "position_state": {"gps_number": 22, "is_fixed": 2, "quality": 5, "rtk_number": 28},
        "rc_lost_action": 2,
        "rth_altitude": 120,
        "storage": {"total": 61_079_040, "used": 1_200_000 + 9_000 * state.photos},
        "total_flight_distance": 125_000.0,
        "total_flight_sorties": 112 + state.flights,
        "total_flight_time": 41_000.0,
        "track_id": state.track_id,
        "vertical_speed": round(state.climb_mps, 2),
        "wind_direction": 3,
        "wind_speed": round(state.wind_speed_mps * 10),
    }


def _battery(serial: str, state: AircraftState, percent: int) -> dict[str, Any]:
    return {
        "capacity_percent": percent,
        "firmware_version": "08.75.02.23",
        "high_voltage_storage_days": 0,
        "index": 0,
        "loop_times": 31,
        "sn": f"BAT{serial[-11:]}",
        "sub_type": 0,
        "temperature": 36.5 if state.airborne else 24.0,
        "type": 0,
        "voltage": _CELLS * (_CELL_VOLTS_FULL - _CELL_VOLTS_SPAN * (100 - percent) // 100),
    }


def _camera(state: AircraftState, *, films: bool) -> dict[str, Any]:
    return {
        "camera_mode": 1 if films else 0,
        "liveview_world_region": {"bottom": 0.548, "left": 0.432, "right": 0.563, "top": 0.416},
        "payload_index": PAYLOAD_INDEX,
        "photo_state": int(state.taking_photo),
        "photo_storage_settings": ["current"],
        "record_time": state.recording_seconds,
        "recording_state": int(state.recording_seconds > 0),
        "remain_photo_num": 5309 - state.photos,
        "remain_record_duration": 0,
        "wide_exposure_mode": 1,
        "wide_exposure_value": 16,
        "wide_focus_mode": 0,
        "wide_focus_state": 0,
        "wide_focus_value": 26,
        "wide_iso": 5,
        "wide_max_focus_value": 75,
        "wide_min_focus_value": 26,
        "wide_shutter_speed": 22,
        "zoom_factor": 2,
    }
