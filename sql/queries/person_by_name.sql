-- Who logs in, with the hash of the password.
select person.person_id, person.account_id, account.name as account_name, person.password_hash
from store.person as person
join store.account as account using (account_id)
where person.user_name = %(user_name)s;
