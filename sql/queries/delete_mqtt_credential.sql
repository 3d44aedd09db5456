-- Forget one credential of the account; nothing comes back when there is none.
delete from store.mqtt_credential
where user_name = %(user_name)s and account_id = %(account)s
returning user_name;
