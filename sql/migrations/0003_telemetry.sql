-- What devices said: one wide hypertable for aircraft, a narrow one for everything else.
-- No unique index: exactly-once comes from the Kafka offset in the same transaction.
create extension if not exists timescaledb;
create extension if not exists postgis;

create table store.aircraft_sample (
    observed_at timestamptz not null,
    device_id text not null,
    account_id integer not null,
    received_at timestamptz not null,
    stored_at timestamptz not null default clock_timestamp(), -- when the row was written, just before its commit
    longitude_deg double precision,
    latitude_deg double precision,
    height_ellipsoid_m real,
    height_takeoff_m real,
    ground_speed_mps real,
    climb_mps real,
    heading_deg real,
    pitch_deg real,
    roll_deg real,
    gimbal_pitch_deg real,
    gimbal_roll_deg real,
    gimbal_yaw_deg real,
    payload_index text,
    zoom_factor real,
    recording boolean,
    battery_percent real,
    flight_time_left_seconds real,
    mode_code integer,
    wind_speed_mps real,
    wind_direction_deg real,
    home_distance_m real,
    satellites smallint,
    rtk_satellites smallint,
    rtk_state smallint,
    track_id text,
    gateway_id text,
    flags text
);

select create_hypertable('store.aircraft_sample', by_range('observed_at', interval '1 day'), create_default_indexes => false);
create index aircraft_sample_device on store.aircraft_sample (device_id, observed_at desc);

create table store.reading (
    observed_at timestamptz not null,
    device_id text not null,
    account_id integer not null,
    received_at timestamptz not null,
    stored_at timestamptz not null default clock_timestamp(),
    channel text not null,
    value double precision,
    text text,
    type text,
    unit text,
    flags text
);

select create_hypertable('store.reading', by_range('observed_at', interval '1 day'), create_default_indexes => false);
create index reading_device on store.reading (device_id, observed_at desc);

-- The Kafka offsets whose records are in the tables above; written in the same transaction as their rows.
-- `source_offset` is the highest raw offset landed: what a restarted normalizer repeats is at or below it.
create table store.landed_offset (
    topic text not null,
    partition integer not null,
    next_offset bigint not null, -- -1: nothing landed yet
    source_offset bigint not null default -1,
    owner text not null,
    primary key (topic, partition)
) with (fillfactor = 50);
