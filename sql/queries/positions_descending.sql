-- One aircraft's positions with all that was measured there, newest first, from the cursor (at, stored) on.
-- Rows of one time stand in the order in which they were stored, so a row that lands later never moves one that was read;
-- the whole row breaks the last ties. `skip` rows at (at, stored) were read already.
select
    observed_at, received_at, stored_at, longitude_deg, latitude_deg, height_ellipsoid_m, height_takeoff_m,
    ground_speed_mps, climb_mps, heading_deg, pitch_deg, roll_deg, gimbal_pitch_deg, gimbal_roll_deg, gimbal_yaw_deg,
    payload_index, zoom_factor, recording, battery_percent, flight_time_left_seconds, mode_code, wind_speed_mps,
    wind_direction_deg, home_distance_m, satellites, rtk_satellites, rtk_state, track_id, gateway_id as gateway, flags
from store.aircraft_sample as sample
where device_id = %(device)s and account_id = %(account)s
  and longitude_deg is not null and latitude_deg is not null
  and observed_at >= %(begin)s and observed_at <= %(at)s and observed_at < %(end)s
  and (observed_at < %(at)s or stored_at >= %(stored)s)
order by observed_at desc, stored_at, sample
offset %(skip)s limit %(limit)s;
