-- Revoke one token of the account; nothing comes back when there is none.
update store.token set revoked_at = now()
where token_id = %(token)s and account_id = %(account)s and revoked_at is null
returning token_id;
