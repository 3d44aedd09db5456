-- When the newest state of devices was observed, in epoch milliseconds. In: devices.
select device_id, (extract(epoch from observed_at) * 1000)::bigint
from store.device_latest
where device_id = any(%(devices)s::text[]);
