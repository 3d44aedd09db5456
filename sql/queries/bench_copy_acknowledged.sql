-- Takes (device, epoch milliseconds).
copy acknowledged (device_id, observed_at_ms) from stdin;
