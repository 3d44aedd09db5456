-- Where a bench puts the messages whose PUBACK it had, for the length of its session.
create temporary table acknowledged (device_id text not null, observed_at_ms bigint not null);
