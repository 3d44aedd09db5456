-- The device time of the newest state that has landed, epoch seconds; 0 when nothing has.
select coalesce(extract(epoch from max(observed_at)), 0)::double precision from store.device_latest;
