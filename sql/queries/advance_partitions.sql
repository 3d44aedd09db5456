-- Move partitions from where we left them, as long as they are still ours: fewer rows than asked means they are not.
-- In: topic, owner, and arrays of the same length: partitions, previous, next_offsets, source_offsets.
update store.landed_offset as landed
set next_offset = step.next_offset, source_offset = step.source_offset
from unnest(
    %(partitions)s::integer[], %(previous)s::bigint[], %(next_offsets)s::bigint[], %(source_offsets)s::bigint[]
) as step (partition, previous, next_offset, source_offset)
where landed.topic = %(topic)s and landed.partition = step.partition
    and landed.owner = %(owner)s and landed.next_offset = step.previous
returning landed.partition;
