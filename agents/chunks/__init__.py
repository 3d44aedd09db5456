"""Faust a chunk at a time: one stream event per (partition, at most 500 records), with acknowledgements of our own.

Why: stock Faust costs 70-160 us and several event-loop trips per record, counts a record as done when its agent raised,
and can live on without partitions. What holds here:

- An agent iterates `stream.noack()` and calls `chunk.ack()` when the work is durable; nothing else counts as done.
- The commit is the end of the acknowledged prefix of a partition, also when partitions are revoked.
- Start positions come from one hook, `Work.load`; every chunk says what it continues, so no gap passes in silence.
- A process that can do no work ends (`Watchdog`), and its supervisor starts it again.

Read in this order: `chunk` (what an agent gets), `work` (what an agent gives), `acknowledged` and `continuity` (the two
decisions, without Faust), `consumer` and `thread` (the wiring), `install`, `watchdog`.
"""
