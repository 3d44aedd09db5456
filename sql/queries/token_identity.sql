-- Whom a bearer token acts for; nothing when it is unknown, revoked or expired.
select token.token_id, token.account_id, account.name as account_name, token.person_id, person.user_name, token.expires_at
from store.token as token
join store.account as account using (account_id)
left join store.person as person on person.person_id = token.person_id
where token.token_sha256 = %(token_sha256)s
  and token.revoked_at is null
  and (token.expires_at is null or token.expires_at > now());
