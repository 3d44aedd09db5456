-- Telemetry records landed so far, without counting rows: the positions that land keeps.
select coalesce(sum(next_offset), 0)::bigint from store.landed_offset;
