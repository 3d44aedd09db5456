-- Whether another account owns the device of this id.
select exists (
    select from store.device where device_id = %(device)s and account_id <> %(account)s
) as taken;
