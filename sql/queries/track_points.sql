-- A track's positions in order; a gap of more than 60 s starts a new line.
select
    observed_at, longitude_deg, latitude_deg, height_ellipsoid_m,
    coalesce(observed_at - lag(observed_at) over (order by observed_at, stored_at) > interval '60 seconds', true)
        as starts_line
from store.aircraft_sample
where device_id = %(device)s and account_id = %(account)s
  and observed_at >= %(begin)s and observed_at < %(end)s
  and longitude_deg is not null and latitude_deg is not null
order by observed_at, stored_at;
