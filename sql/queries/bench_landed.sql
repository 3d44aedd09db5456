-- Rows of aircraft, and how many different (device, time) they are.
select count(*), count(distinct (device_id, observed_at)) from store.aircraft_sample;
