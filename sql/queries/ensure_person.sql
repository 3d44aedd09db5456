-- A person who may log in; an existing one of the same account gets the new password, one of another account stays.
insert into store.person (account_id, user_name, password_hash)
values (%(account)s, %(user_name)s, %(password_hash)s)
on conflict (user_name) do update set password_hash = excluded.password_hash
where person.account_id = excluded.account_id
returning person_id;
