-- Merge newest states, one row per device: fields that are given replace, fields that are missing stay.
-- In: arrays of the same length; times are epoch milliseconds; position_at is null where there is no position.
insert into store.device_latest as latest (
    device_id, account_id, observed_at, received_at, longitude_deg, latitude_deg, height_ellipsoid_m, position_at,
    state, state_at
)
select
    seen.device_id, seen.account_id, to_timestamp(seen.observed_ms / 1000.0), to_timestamp(seen.received_ms / 1000.0),
    seen.longitude_deg, seen.latitude_deg, seen.height_ellipsoid_m, to_timestamp(seen.position_ms / 1000.0),
    seen.state::jsonb, seen.state_at::jsonb
from unnest(
    %(devices)s::text[], %(accounts)s::integer[], %(observed)s::bigint[], %(received)s::bigint[],
    %(longitudes)s::double precision[], %(latitudes)s::double precision[], %(heights)s::double precision[],
    %(positions)s::bigint[], %(states)s::text[], %(state_times)s::text[]
) as seen (
    device_id, account_id, observed_ms, received_ms, longitude_deg, latitude_deg, height_ellipsoid_m, position_ms,
    state, state_at
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
