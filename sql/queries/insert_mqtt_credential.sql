-- Keep a credential (never its password); nothing comes back when the user name is taken.
insert into store.mqtt_credential (user_name, account_id, family, topics)
values (%(user_name)s, %(account)s, %(family)s, %(topics)s)
on conflict (user_name) do nothing
returning user_name, family, topics, created_at;
