-- Messages of any kind that are in the tables, and how many of their rows are there more than once.
select
    (
        select count(*)
        from (
            select device_id, observed_at from store.aircraft_sample
            union
            select device_id, observed_at from store.reading
        ) as message
    ),
    (select count(*) - count(distinct (device_id, observed_at)) from store.aircraft_sample)
    + (select count(*) - count(distinct (device_id, observed_at, channel)) from store.reading);
