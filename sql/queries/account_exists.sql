-- Whether an account exists. In: account.
select exists (select from store.account where account_id = %(account)s);
