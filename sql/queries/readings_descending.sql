-- One device's readings, newest first, from the cursor (at, stored) on.
-- Rows of one time stand in the order in which they were stored, so a row that lands later never moves one that was read;
-- the whole row breaks the last ties. `skip` rows at (at, stored) were read already.
select observed_at, received_at, stored_at, channel, value, text, type, unit, flags
from store.reading as reading
where device_id = %(device)s and account_id = %(account)s
  and (%(channel)s::text is null or channel = %(channel)s)
  and observed_at >= %(begin)s and observed_at <= %(at)s and observed_at < %(end)s
  and (observed_at < %(at)s or stored_at >= %(stored)s)
order by observed_at desc, stored_at, reading
offset %(skip)s limit %(limit)s;
