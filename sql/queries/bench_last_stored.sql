-- When the newest row was written, epoch seconds.
select extract(epoch from max(stored_at))::double precision from store.aircraft_sample;
