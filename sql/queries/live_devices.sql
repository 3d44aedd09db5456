-- Every device with its merged newest state, for the live view's start and its regular look at what changed.
select
    device.device_id as device, device.account_id as account, device.family, device.kind, device.model, device.name,
    device.gateway_id as gateway, latest.observed_at, latest.received_at, latest.longitude_deg, latest.latitude_deg,
    latest.height_ellipsoid_m, latest.state
from store.device as device
left join store.device_latest as latest
    on latest.device_id = device.device_id and latest.account_id = device.account_id
where device.active;
