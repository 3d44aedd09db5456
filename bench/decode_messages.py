"""The messages that `bench decode` reads: of the documented shapes and sizes, everything in them synthetic."""

from typing import Any

#: An aircraft's `osd`, 1.9 kB as compact JSON.
AIRCRAFT_OSD: dict[str, Any] = {
    "bid": "a94f2f7e-6a52-44d9-8b0c-5f3c1f0e9d22",
    "data": {
        "66-0-0": {
            "gimbal_pitch": 0,
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
            "batteries": [
                {
                    "capacity_percent": 24,
                    "firmware_version": "08.75.02.23",
                    "high_voltage_storage_days": 0,
                    "index": 0,
                    "loop_times": 10,
                    "sn": "4SYNBENCH0CELL",
                    "sub_type": 0,
                    "temperature": 39.2,
                    "type": 0,
                    "voltage": 14932,
                }
            ],
            "capacity_percent": 24,
            "landing_power": 0,
            "remain_flight_time": 0,
            "return_home_power": 0,
        },
        "cameras": [
            {
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
        ],
        "distance_limit_status": {"distance_limit": 3000, "is_near_distance_limit": 0, "state": 1},
        "elevation": 20.0,
        "firmware_version": "14.01.0002",
        "gear": 1,
        "height": 87.0712203979492,
        "height_limit": 0,
        "home_distance": 0,
        "horizontal_speed": 10.5,
        "is_near_height_limit": 0,
        "latitude": 44.512345,
        "longitude": -30.498765,
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
        "mode_code": 0,
        "night_lights_state": 0,
        "position_state": {"gps_number": 22, "is_fixed": 2, "quality": 5, "rtk_number": 28},
        "rc_lost_action": 2,
        "rth_altitude": 200,
        "total_flight_distance": 404167.679246531,
        "total_flight_sorties": 0,
        "total_flight_time": 0,
        "track_id": "",
        "vertical_speed": 0,
        "wind_direction": 0,
        "wind_speed": 1.6,
    },
    "tid": "5b0d1c62-93f5-4e0a-8f4e-0d6a3b0f7c11",
    "timestamp": 1750673072960,
    "gateway": "7SYNBENCH0DOCK",
}

#: One of the four partial messages of a dock.
DOCK_OSD: dict[str, Any] = {
    "tid": "0c6dd4f5-59d6-4f63-9b57-6a0b9e0c1d33",
    "bid": "1f1f7b9a-5a43-4f0d-8d42-2f6f5c0b7e44",
    "timestamp": 1772895821236,
    "gateway": "7SYNBENCH0DOCK",
    "data": {
        "network_state": {"type": 2, "quality": 4, "rate": 5.1},
        "drone_charge_state": {"state": 0, "capacity_percent": 100},
        "drone_in_dock": 1,
        "rainfall": 0,
        "wind_speed": 2.4,
        "environment_temperature": 24,
        "temperature": 24.9,
        "humidity": 62,
        "latitude": 44.5,
        "longitude": -30.5,
        "height": 34.2,
        "position_state": {"is_calibration": 1, "is_fixed": 2, "quality": 5, "gps_number": 16, "rtk_number": 25},
        "storage": {"total": 82045336, "used": 51772},
        "mode_code": 0,
        "cover_state": 0,
        "putter_state": 0,
        "emergency_stop_state": 0,
        "alarm_state": 0,
        "sub_device": {
            "device_sn": "1581SYNBENCH00000001",
            "device_model_key": "0-100-1",
            "device_online_status": 1,
            "device_paired": 1,
        },
    },
}

REMOTE_CONTROLLER_OSD: dict[str, Any] = {
    "tid": "2d2a7c5e-1b2c-4d8e-8a57-0b1c2d3e4f55",
    "bid": "3e3b8d6f-2c3d-4e9f-9b68-1c2d3e4f5a66",
    "timestamp": 1772791200036,
    "gateway": "4SYNBENCH000RC",
    "data": {"capacity_percent": 78, "longitude": -30.5, "latitude": 44.5, "height": 12.5, "country": "PT"},
}

PROGRESS_EVENT: dict[str, Any] = {
    "tid": "4f4c9e70-3d4e-4fa0-8c79-2d3e4f5a6b77",
    "bid": "5a5daf81-4e5f-4ab1-9d8a-3e4f5a6b7c88",
    "timestamp": 1772787801900,
    "gateway": "7SYNBENCH0DOCK",
    "need_reply": 1,
    "method": "charge_open",
    "data": {"result": 0, "output": {"status": "in_progress", "progress": {"percent": 10, "step_key": "check_cover"}}},
}

THING = "1ea74c43-0000-4000-8000-acf70126f93d"
THING_USER = "8683465d-0000-4000-8000-95b24c07ee57"
TEXT_READING = "temp,c=20.7"
JSON_READINGS: list[dict[str, Any]] = [
    {"channel": 1, "value": 16.4, "type": "temp", "unit": "c"},
    {"channel": 2, "value": 75, "type": "rel_hum", "unit": "p"},
    {"channel": 5, "value": 3.6, "type": "batt", "unit": "v"},
]
