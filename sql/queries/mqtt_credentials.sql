-- The account's MQTT credentials, without secrets: nobody has them but the broker.
select user_name as username, family, topics, created_at
from store.mqtt_credential
where account_id = %(account)s
order by user_name
limit 1000;
