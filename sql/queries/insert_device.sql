-- Provision a device; nothing comes back when its id is taken, by whomever.
insert into store.device (device_id, account_id, family, kind, model, name, mqtt_user, gateway_id)
values (%(device)s, %(account)s, %(family)s, %(kind)s, %(model)s, %(name)s, %(mqtt_user)s, %(gateway)s)
on conflict (device_id) do nothing
returning device_id as device, family, kind, model, name, mqtt_user, gateway_id as gateway, active, created_at;
