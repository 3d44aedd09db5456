-- The account of this name, made where it is missing.
with made as (
    insert into store.account (name) values (%(name)s) on conflict (name) do nothing returning account_id
)
select account_id from made union all select account_id from store.account where name = %(name)s limit 1;
