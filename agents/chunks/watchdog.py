"""Finds a process that lives but does no work: each finding is a reason to end, for the supervisor to start it again.

Every state below was seen in a live process (zombies): a start that raised with nobody waiting for it, a rebalance that
never finished, a coordination or fetch task that had ended, an assignment whose positions stood still.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from agents.chunks.chunk import Partition


class Limits(msgspec.Struct, frozen=True):
    """How long a state may last, in seconds. All are above the restart of a broker (10-15 s)."""

    start: float = 60.0
    membership: float = 45.0
    drain: float = 45.0
    progress: float = 45.0


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What the transport looks like at one moment.

    `member`: the client belongs to the group; one that is a member without partitions stands by. `drained_at`: when the
    drain loop last came round (clock of `time.monotonic`). `committed` and `ends` have an entry per assigned partition;
    `ends` are asked from the broker and empty while it does not answer. `blocked`: what the work waits for.
    """

    crashed: str | None = None
    started: bool
    ended_tasks: tuple[str, ...] = ()
    member: bool
    drained_at: float
    committed: Mapping[Partition, int] = {}
    ends: Mapping[Partition, int] = {}
    blocked: str | None = None


class Watchdog:
    """Judges observations that follow one another; pure but for what it remembers."""

    def __init__(self, now: float, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._born = self._member_at = self._free_at = now
        self._moved: dict[Partition, tuple[int, float]] = {}

    def judge(self, seen: Observed, now: float) -> str | None:
        """None, or why the process should end."""
        if seen.crashed is not None:
            return f"the Faust app crashed: {seen.crashed}"
        if not seen.started:
            return self._too_long("the consumer did not start", self._born, now, self.limits.start)
        if seen.ended_tasks:
            return f"the Kafka client's {', '.join(seen.ended_tasks)} ended"
        if seen.member:
            self._member_at = now
        if seen.blocked is not None:
            self._free_at = now
        return (
            self._too_long("not a member of the consumer group", self._member_at, now, self.limits.membership)
            or self._too_long("the drain loop is silent", max(seen.drained_at, self._free_at), now, self.limits.drain)
            or self._stuck(seen, now)
        )

    def _too_long(self, what: str, since: float, now: float, limit: float) -> str | None:
        return f"{what} for {now - since:.0f} s" if now - since > limit else None

    def _stuck(self, seen: Observed, now: float) -> str | None:
        moved = {}
        for partition, committed in seen.committed.items():
            end = seen.ends.get(partition)
            known = self._moved.get(partition)
            behind = end is not None and end > committed and seen.blocked is None
            moved[partition] = known if behind and known and known[0] == committed else (committed, now)
        self._moved = moved
        for partition, (committed, since) in moved.items():
            if now - since > self.limits.progress:
                at, end = f"{partition[0]}:{partition[1]}", seen.ends[partition]
                return f"{at} stands at {committed} of {end} for {now - since:.0f} s"
        return None


def observe(app: Any, blocked: str | None, ends: Mapping[Partition, int]) -> Observed:
    """Look at a live app; private attributes are named in the contract tests."""
    consumer = app.consumer
    client = consumer._thread._consumer  # noqa: SLF001
    crashed = None if app.crash_reason is None else repr(app.crash_reason)
    if client is None:
        return Observed(crashed=crashed, started=False, member=False, drained_at=consumer.drained_at, blocked=blocked)
    coordinator = client._coordinator  # noqa: SLF001
    tasks = {
        "coordination task": coordinator._coordination_task,  # noqa: SLF001
        "fetch task": client._fetcher._fetch_task,  # noqa: SLF001
    }
    ended = tuple(name for name, task in tasks.items() if task is not None and task.done())
    committed = {
        partition: offset
        for partition in consumer.assignment()
        if (offset := consumer._committed_offset.get(partition)) is not None  # noqa: SLF001
    }
    return Observed(
        crashed=crashed,
        started=True,
        ended_tasks=ended,
        member=coordinator.generation > 0,
        drained_at=consumer.drained_at,
        committed=committed,
        ends=ends,
        blocked=blocked,
    )
