-- A login that may read the views and nothing else, for dashboards; made again, it gets the new password and new views.
do $$
begin
    if not exists (select from pg_roles where rolname = 'windhover_reader') then
        create role windhover_reader;
    end if;
    execute format(
        'alter role windhover_reader login nosuperuser nocreatedb nocreaterole connection limit 20 password %L',
        current_setting('windhover.reader_password')
    );
    alter role windhover_reader set default_transaction_read_only = on;
    alter role windhover_reader set statement_timeout = '30s';
    grant usage on schema public to windhover_reader;
    grant select on all tables in schema public to windhover_reader;
end
$$;
