-- Whether another account owns this Cayenne user name: by a credential or by a device that must carry it.
select exists (
    select from store.mqtt_credential where user_name = %(user_name)s and account_id <> %(account)s
) or exists (
    select from store.device where mqtt_user = %(user_name)s and account_id <> %(account)s
) as taken;
