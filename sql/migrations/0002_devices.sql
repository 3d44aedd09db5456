-- Devices and their latest state.
create table store.device (
    device_id text primary key, -- a DJI serial number, a Cayenne thing id
    account_id integer not null references store.account,
    family text not null,
    kind text not null default 'unknown',
    model text,
    name text,
    mqtt_user text, -- the Cayenne user its topics must carry
    gateway_id text, -- the DJI gateway it was last seen under
    active boolean not null default true,
    created_at timestamptz not null default now()
);

create index device_account on store.device (account_id, device_id);

-- The merged newest state: `state` has a value per field, `state_at` its time in epoch milliseconds. Missing is no news.
create table store.device_latest (
    device_id text primary key,
    account_id integer not null references store.account,
    observed_at timestamptz not null,
    received_at timestamptz not null,
    longitude_deg double precision,
    latitude_deg double precision,
    height_ellipsoid_m double precision,
    position_at timestamptz,
    state jsonb not null default '{}',
    state_at jsonb not null default '{}'
) with (fillfactor = 50);

create index device_latest_account on store.device_latest (account_id, device_id);
