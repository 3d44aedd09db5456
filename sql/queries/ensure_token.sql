-- Keep a token without expiry; one that is kept already stays as it is, revoked or not.
insert into store.token (account_id, token_sha256, label)
values (%(account)s, %(token_sha256)s, %(label)s)
on conflict (token_sha256) do nothing;
