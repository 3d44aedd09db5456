"""What an agent gives to the transport: its work on chunks, and where that work begins."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from agents.chunks.chunk import Chunk, Partition


class Bounds(msgspec.Struct, frozen=True):
    """What the broker says of a partition: the group's committed offset (None: never), its first offset and its end."""

    committed: int | None
    earliest: int
    end: int

    @property
    def resume(self) -> int:
        """Where a group goes on by itself: at its commit, or at the first record that still exists."""
        return self.earliest if self.committed is None else max(self.committed, self.earliest)


class Work(Protocol):
    """One role's work. All methods run in the event loop of the Faust app."""

    async def prepare(self) -> None:
        """Everything needed before the group is joined; may wait for servers as long as it takes."""

    async def load(self, bounds: Mapping[Partition, Bounds], generation: int) -> Mapping[Partition, int]:
        """Take these partitions over and give the offset to start at for each of them. Work on others is over."""

    async def take(self, chunk: Chunk) -> None:
        """Work on a chunk, or accept it for later; `chunk.ack()` when it is durable. Waiting here is back-pressure."""

    async def settle(self) -> None:
        """Bring to an end what was taken, as far as possible; cancelled when it takes too long."""

    def blocked(self) -> str | None:
        """What the work waits for, or None: a stall with a known reason is no reason to end the process."""

    async def close(self) -> None:
        """Release what `prepare` opened."""
