"""What an agent gets: the records of one partition, in order, with the token that says they are done."""

from collections.abc import Sequence
from typing import Any, Protocol

#: Topic and partition number. Faust's and aiokafka's own tuples are equal to it and hash like it.
Partition = tuple[str, int]


class Record(Protocol):
    """The members of aiokafka's ConsumerRecord that are used. `timestamp` is epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Token:
    """One unfinished piece of a partition; it does not hold the records."""

    __slots__ = ("done", "next_offset")

    def __init__(self, next_offset: int) -> None:
        self.next_offset = next_offset
        self.done = False


class Chunk:
    """Records of one partition, ascending, at least one.

    `starts_at` is the position that the chunk continues: every offset from it to the first record's is known to hold
    nothing (compacted away, deleted). `next_offset` is where the next chunk starts. `generation` is the rebalance that
    the chunk belongs to: work of an older one is dropped, because its partition was started again elsewhere.
    """

    __slots__ = ("generation", "partition", "records", "starts_at", "token")

    def __init__(
        self, partition: Partition, records: Sequence[Any], starts_at: int, generation: int, token: Token
    ) -> None:
        self.partition = partition
        self.records: Sequence[Record] = records
        self.starts_at = starts_at
        self.generation = generation
        self.token = token

    @property
    def next_offset(self) -> int:
        """The offset behind the last record."""
        return self.token.next_offset

    def ack(self) -> None:
        """Say that the work on these records is durable. Only this counts as done."""
        self.token.done = True

    def __len__(self) -> int:
        return len(self.records)
