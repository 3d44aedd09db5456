-- Aircraft samples in binary COPY; the column order is that of pipeline/store/copy_rows.py.
copy store.aircraft_sample (
    observed_at, received_at, account_id, longitude_deg, latitude_deg,
    height_ellipsoid_m, height_takeoff_m, ground_speed_mps, climb_mps, heading_deg, pitch_deg, roll_deg,
    gimbal_pitch_deg, gimbal_roll_deg, gimbal_yaw_deg, zoom_factor, battery_percent, flight_time_left_seconds,
    wind_speed_mps, wind_direction_deg, home_distance_m, mode_code, satellites, rtk_satellites, rtk_state, recording,
    device_id, payload_index, track_id, gateway_id, flags
) from stdin (format binary);
