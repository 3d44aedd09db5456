-- The account's tokens that work now, newest first.
select token.token_id, token.label, person.user_name, token.created_at, token.expires_at
from store.token as token
left join store.person as person on person.person_id = token.person_id
where token.account_id = %(account)s
  and token.revoked_at is null
  and (token.expires_at is null or token.expires_at > now())
order by token.token_id desc
limit 1000;
