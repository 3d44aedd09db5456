-- One device, if it belongs to the account.
select device_id as device, family, kind, model, name, mqtt_user, gateway_id as gateway, active, created_at
from store.device
where account_id = %(account)s and device_id = %(device)s;
