-- Who claims a name (an MQTT user, a gateway) waits until another who claims the same has finished.
select pg_advisory_xact_lock(hashtextextended(%(name)s, 0));
