-- What analysts and Grafana read. A view's columns are a promise.
create view devices as
select device_id, account_id, family, kind, model, name, gateway_id, active, created_at from store.device;

create view latest as
select
    device.device_id, device.account_id, device.family, device.kind, device.model, device.name,
    latest.observed_at, latest.received_at, latest.longitude_deg, latest.latitude_deg, latest.height_ellipsoid_m,
    latest.position_at, latest.state, latest.state_at
from store.device as device
join store.device_latest as latest using (device_id);

create view aircraft_telemetry as
select
    observed_at, device_id, account_id, received_at, stored_at, longitude_deg, latitude_deg, height_ellipsoid_m,
    height_takeoff_m, ground_speed_mps, climb_mps, heading_deg, pitch_deg, roll_deg, gimbal_pitch_deg, gimbal_roll_deg,
    gimbal_yaw_deg, payload_index, zoom_factor, recording, battery_percent, flight_time_left_seconds, mode_code,
    wind_speed_mps, wind_direction_deg, home_distance_m, satellites, rtk_satellites, rtk_state, track_id, gateway_id, flags
from store.aircraft_sample;

create view readings as
select observed_at, device_id, account_id, received_at, stored_at, channel, value, text, type, unit, flags
from store.reading;
