-- Devices that were seen for the first time or have changed. What people set (name, account, user) stays as it is.
-- In: arrays of the same length: devices, accounts, families, kinds, models, gateways, users, names.
insert into store.device as device (device_id, account_id, family, kind, model, gateway_id, mqtt_user, name)
select * from unnest(
    %(devices)s::text[], %(accounts)s::integer[], %(families)s::text[], %(kinds)s::text[], %(models)s::text[],
    %(gateways)s::text[], %(users)s::text[], %(names)s::text[]
) as seen (device_id, account_id, family, kind, model, gateway_id, mqtt_user, name)
order by seen.device_id
on conflict (device_id) do update set
    kind = case when excluded.kind = 'unknown' then device.kind else excluded.kind end,
    model = coalesce(excluded.model, device.model),
    gateway_id = coalesce(excluded.gateway_id, device.gateway_id)
where (device.kind, device.model, device.gateway_id) is distinct from (
    case when excluded.kind = 'unknown' then device.kind else excluded.kind end,
    coalesce(excluded.model, device.model),
    coalesce(excluded.gateway_id, device.gateway_id)
);
