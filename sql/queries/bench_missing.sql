-- Acknowledged messages that are in neither table.
select acknowledged.device_id, acknowledged.observed_at_ms
from acknowledged
where
    not exists (
        select 1 from store.aircraft_sample as landed
        where landed.device_id = acknowledged.device_id
            and landed.observed_at = to_timestamp(acknowledged.observed_at_ms / 1000.0)
    )
    and not exists (
        select 1 from store.reading as landed
        where landed.device_id = acknowledged.device_id
            and landed.observed_at = to_timestamp(acknowledged.observed_at_ms / 1000.0)
    );
