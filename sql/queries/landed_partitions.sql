-- Where partitions stand and whose they are. In: topic, partitions.
select partition, next_offset, owner
from store.landed_offset
where topic = %(topic)s and partition = any(%(partitions)s::integer[]);
