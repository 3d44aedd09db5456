"""One prepared aircraft message of the size that matters (1.9 kB), in two halves around its timestamp.

The shape is a real camera drone's `osd` (DJI reference, sections 2 and 4); serial numbers and place are made up.
"""

import orjson

_ZERO_ID = "00000000-0000-0000-0000-000000000000"
_MARK = 1_111_111_111_111

_CAMERA = {
    "camera_mode": 0,
    "liveview_world_region": {
        "bottom": 0.5484173893928528,
        "left": 0.431539535522461,
        "right": 0.56274276971817,
        "top": 0.4161493480205536,
    },
    "payload_index": "66-0-0",
    "photo_state": 0,
    "record_time": 0,
    "recording_state": 0,
    "remain_photo_num": 5309,
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
    "zoom_factor": 7,
}
_BATTERY = {
    "capacity_percent": 64,
    "firmware_version": "08.75.02.23",
    "high_voltage_storage_days": 0,
    "index": 0,
    "loop_times": 10,
    "sn": "4ERPSYNTH00001",
    "sub_type": 0,
    "temperature": 39.2,
    "type": 0,
    "voltage": 14932,
}
_DATA = {
    "66-0-0": {
        "gimbal_pitch": -90.0,
        "gimbal_roll": 0,
        "gimbal_yaw": -72.5,
        "payload_index": "66-0-0",
        "zoom_factor": 0.5678233438485805,
    },
    "activation_time": 1698260070,
    "attitude_head": -72.6,
    "attitude_pitch": 4.4,
    "attitude_roll": 0.2,
    "battery": {
        "batteries": [_BATTERY],
        "capacity_percent": 64,
        "landing_power": 9,
        "remain_flight_time": 1240,
        "return_home_power": 18,
    },
    "cameras": [_CAMERA],
    "distance_limit_status": {"distance_limit": 3000, "is_near_distance_limit": 0, "state": 1},
    "elevation": 100.0,
    "firmware_version": "14.01.0002",
    "gear": 1,
    "height": 587.0712203979492,
    "height_limit": 120,
    "home_distance": 210.5,
    "horizontal_speed": 10.5,
    "is_near_height_limit": 0,
    "latitude": 47.123456,
    "longitude": 11.654321,
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
    "mode_code": 5,
    "night_lights_state": 0,
    "position_state": {"gps_number": 21, "is_fixed": 2, "quality": 5, "rtk_number": 28},
    "rc_lost_action": 2,
    "rth_altitude": 200,
    "total_flight_distance": 404167.679246531,
    "total_flight_sorties": 112,
    "total_flight_time": 41020,
    "track_id": "2b19d0a1-47c6-4c89-8c3c-dc180e870413",
    "vertical_speed": 0,
    "wind_direction": 3,
    "wind_speed": 16,
}


def prepared_osd() -> tuple[bytes, bytes]:
    """What stands before and after the thirteen digits of the timestamp (epoch milliseconds)."""
    message = {"bid": _ZERO_ID, "data": _DATA, "tid": _ZERO_ID, "timestamp": _MARK, "gateway": "5YSZSYNTH00001"}
    before, _, after = orjson.dumps(message).partition(str(_MARK).encode())
    return before, after
