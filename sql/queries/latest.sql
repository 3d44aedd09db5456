-- The merged newest state of one device of the account.
select
    device.device_id as device, device.family, device.kind, device.model, device.name, latest.observed_at, latest.received_at, latest.longitude_deg, latest.latitude_deg,
    latest.height_ellipsoid_m, latest.position_at, latest.state, latest.state_at
from store.device as device
left join store.device_latest as latest
    on latest.device_id = device.device_id and latest.account_id = device.account_id
where device.account_id = %(account)s and device.device_id = %(device)s;
