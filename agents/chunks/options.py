"""How the chunk transport is set up for one role."""

import msgspec

from agents.chunks.work import Work


class Options(msgspec.Struct, frozen=True):
    """The role's name, its work, and its waits.

    `drain_gap_seconds`: pause between two fetches from the client, so that chunks fill. `fetch_wait_ms`: how long the
    broker may hold a fetch; `idle_fetch_wait_ms`: the same while nothing comes. `settle_seconds`: how long revoked
    partitions may take to finish what is in hand.
    """

    role: str
    work: Work
    drain_gap_seconds: float
    fetch_wait_ms: int
    idle_fetch_wait_ms: int = 100
    chunk_records: int = 500
    settle_seconds: float = 5.0
