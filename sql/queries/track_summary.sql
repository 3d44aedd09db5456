-- How many positions and lines a track has; a gap of more than 60 s starts a new line.
with position as (
    select observed_at - lag(observed_at) over (order by observed_at, stored_at) as gap
    from store.aircraft_sample
    where device_id = %(device)s and account_id = %(account)s
      and observed_at >= %(begin)s and observed_at < %(end)s
      and longitude_deg is not null and latitude_deg is not null
)
select count(*) as points, count(*) filter (where gap is null or gap > interval '60 seconds') as lines from position;
