-- The account's devices after `after` in the order of their ids.
select device_id as device, family, kind, model, name, mqtt_user, gateway_id as gateway, active, created_at
from store.device
where account_id = %(account)s and device_id > %(after)s
order by device_id
limit %(limit)s;
