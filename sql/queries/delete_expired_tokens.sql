-- Housekeeping at login: tokens of this account that ended more than a week ago tell nobody anything.
delete from store.token
where account_id = %(account)s and least(expires_at, revoked_at) < now() - interval '7 days';
