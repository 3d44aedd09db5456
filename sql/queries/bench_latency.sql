-- Device time to the end of the row's transaction, in milliseconds, for rows observed in [%(from_ms)s, %(to_ms)s).
select
    count(*),
    percentile_disc(0.5) within group (order by delay_ms),
    percentile_disc(0.9) within group (order by delay_ms),
    percentile_disc(0.99) within group (order by delay_ms)
from (
    select
        extract(epoch from max(stored_at) over (partition by xmin::text) - observed_at)::double precision * 1000 as delay_ms,
        observed_at
    from store.aircraft_sample
    where observed_at >= to_timestamp(%(from_ms)s / 1000.0) and observed_at < to_timestamp(%(to_ms)s / 1000.0)
) as landed;
