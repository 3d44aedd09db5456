-- Acknowledged messages that are not in the table.
select acknowledged.device_id, acknowledged.observed_at_ms
from acknowledged
left join store.aircraft_sample as landed
    on landed.device_id = acknowledged.device_id
    and landed.observed_at = to_timestamp(acknowledged.observed_at_ms / 1000.0)
where landed.device_id is null;
