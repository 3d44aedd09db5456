-- Merge newest states, one row per device: fields that are given replace, fields that are missing stay.
-- In: one JSON array of objects; times are epoch milliseconds; position_ms is missing where there is no position.
insert into store.device_latest as latest (
    device_id, account_id, observed_at, received_at, longitude_deg, latitude_deg, height_ellipsoid_m, position_at,
    state, state_at
)
select
    seen.device_id, seen.account_id, to_timestamp(seen.observed_ms / 1000.0), to_timestamp(seen.received_ms / 1000.0),
    seen.longitude_deg, seen.latitude_deg, seen.height_ellipsoid_m, to_timestamp(seen.position_ms / 1000.0),
    seen.state, seen.state_at
from jsonb_to_recordset(%s::jsonb) as seen (
    device_id text, account_id integer, observed_ms bigint, received_ms bigint, longitude_deg double precision,
    latitude_deg double precision, height_ellipsoid_m double precision, position_ms bigint, state jsonb, state_at jsonb
)
order by seen.device_id
on conflict (device_id) do update set
    account_id = excluded.account_id,
    observed_at = excluded.observed_at,
    received_at = excluded.received_at,
    longitude_deg = case when excluded.position_at is null then latest.longitude_deg else excluded.longitude_deg end,
    latitude_deg = case when excluded.position_at is null then latest.latitude_deg else excluded.latitude_deg end,
    height_ellipsoid_m = case
        when excluded.position_at is null then latest.height_ellipsoid_m else excluded.height_ellipsoid_m
    end,
    position_at = coalesce(excluded.position_at, latest.position_at),
    state = latest.state || excluded.state,
    state_at = latest.state_at || excluded.state_at
where excluded.observed_at >= latest.observed_at;
