-- The names of all migrations that this database has seen.
select name from public.windhover_migration;
