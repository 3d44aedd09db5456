-- Readings in binary COPY; the column order is that of pipeline/store/copy_rows.py.
copy store.reading (observed_at, received_at, account_id, device_id, channel, value, text, type, unit, flags)
from stdin (format binary);
