-- Keep the hash of a new token; `lifetime` null means until revoked.
insert into store.token (account_id, person_id, token_sha256, label, expires_at)
values (%(account)s, %(person)s, %(token_sha256)s, %(label)s, now() + %(lifetime)s::interval)
returning token_id, label, created_at, expires_at;
