-- Remember one applied migration.
insert into public.windhover_migration (name) values (%s);
