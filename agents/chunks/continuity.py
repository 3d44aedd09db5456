"""Are these fetched records what comes next? Positions decide, never the generation in which they were fetched.

The first fetch after a rebalance may have been asked for before it: dropping it because of its generation loses it,
since the client's own position has moved past it. So what lies below our position is cut off, and what leaves a gap is
read again from our position. The same gap twice is a real hole (compaction, retention): it is passed, and said aloud.
"""

from collections.abc import Sequence
from enum import Enum
from typing import TypeVar

from agents.chunks.chunk import Partition, Record

R = TypeVar("R", bound=Record)


class Verdict(Enum):
    """What to do with fetched records."""

    CONTINUES = "continues"
    HOLE = "hole"  # continues behind offsets that do not exist any more
    AGAIN = "again"  # seek back to the position


class Continuity:
    """Remembers, per partition, the gap that was seen last."""

    def __init__(self) -> None:
        self._gaps: dict[Partition, tuple[int, int]] = {}

    def judge(self, partition: Partition, position: int, first_offset: int) -> Verdict:
        """What to do with records that begin at `first_offset` when `position` is expected."""
        if first_offset <= position:
            return Verdict.CONTINUES
        if self._gaps.get(partition) == (position, first_offset):
            return Verdict.HOLE
        self._gaps[partition] = (position, first_offset)
        return Verdict.AGAIN

    def forget(self) -> None:
        """Begin anew: positions were sought."""
        self._gaps.clear()


def from_position(records: Sequence[R], position: int) -> Sequence[R]:
    """The records at or behind `position`; the input itself when that is all of them."""
    if not records or records[0].offset >= position:
        return records
    return [record for record in records if record.offset >= position]
