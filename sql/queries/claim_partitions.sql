-- Take partitions over: whoever held them fails at its next transaction. Waits for a transaction that is under way.
-- A partition that was never landed, or whose next record does not exist any more, starts at its first record.
-- In: topic, owner, and arrays of the same length: partitions, earliest.
insert into store.landed_offset as landed (topic, partition, next_offset, owner)
select %(topic)s, wanted.partition, wanted.earliest, %(owner)s
from unnest(%(partitions)s::integer[], %(earliest)s::bigint[]) as wanted (partition, earliest)
order by wanted.partition
on conflict (topic, partition) do update set
    owner = excluded.owner, next_offset = greatest(landed.next_offset, excluded.next_offset)
returning landed.partition, landed.next_offset, landed.source_offset;
