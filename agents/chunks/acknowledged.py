"""Which offset of a partition may be committed: the end of the acknowledged prefix of what was handed out."""

from collections import deque
from collections.abc import Iterable

from agents.chunks.chunk import Partition, Token


class Acknowledged:
    """Tokens of every partition in the order in which they were handed out."""

    def __init__(self) -> None:
        self._tokens: dict[Partition, deque[Token]] = {}

    def hand_out(self, partition: Partition, next_offset: int) -> Token:
        """A new token behind all others of the partition."""
        token = Token(next_offset)
        self._tokens.setdefault(partition, deque()).append(token)
        return token

    def take_back(self, partition: Partition, token: Token) -> None:
        """Forget the newest token: its chunk never reached an agent."""
        tokens = self._tokens.get(partition)
        if tokens and tokens[-1] is token:
            tokens.pop()

    def committable(self) -> list[Partition]:
        """Partitions whose oldest token is done."""
        return [partition for partition, tokens in self._tokens.items() if tokens and tokens[0].done]

    def commit(self, partition: Partition) -> int | None:
        """Remove the done prefix and give the offset behind it; None when the oldest token is not done."""
        tokens, offset = self._tokens.get(partition), None
        while tokens and tokens[0].done:
            offset = tokens.popleft().next_offset
        return offset

    def unfinished(self, partition: Partition) -> int:
        """How many tokens of the partition are handed out and not committed."""
        return len(self._tokens.get(partition, ()))

    def forget(self, partitions: Iterable[Partition]) -> None:
        """Drop what is known of partitions that were revoked."""
        for partition in list(partitions):
            self._tokens.pop(partition, None)

    def forget_all(self) -> None:
        """Drop everything: a rebalance starts every partition at its sought position."""
        self._tokens.clear()
