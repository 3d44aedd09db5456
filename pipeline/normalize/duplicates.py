"""Which messages were seen lately, so that what MQTT or a device sends twice goes on once.

A bounded queue per partition, first in first out: 20,000 messages are about 10 s of a partition at full load and hours
of a small fleet. A message that comes again after more than that many others is not noticed and goes on a second time.
"""

from collections import deque
from collections.abc import Hashable

CAPACITY = 20_000


class RecentMessages:
    """Identities of the last `capacity` messages, kept as 64-bit hashes (2 MB full).

    Two different identities with one hash would cost a message: at 20,000 kept, one in 10^15.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._seen: set[int] = set()
        self._order: deque[int] = deque()

    def remember(self, identity: Hashable) -> bool:
        """Remember the identity; True when it was remembered already."""
        key = hash(identity)
        seen = self._seen
        if key in seen:
            return True
        seen.add(key)
        self._order.append(key)
        if len(self._order) > self._capacity:
            seen.discard(self._order.popleft())
        return False

    def __len__(self) -> int:
        return len(self._seen)
