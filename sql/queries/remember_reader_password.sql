-- What `ensure_reader` reads, for this transaction: `create role` takes no parameters.
select set_config('windhover.reader_password', %s, true);
