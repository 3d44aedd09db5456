-- Where the names of applied migrations stand.
create table if not exists public.windhover_migration (
    name text primary key,
    applied_at timestamptz not null default now()
);
