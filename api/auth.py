"""Who asks: bearer tokens looked up in the store, remembered for seconds so that a page's requests cost one look-up."""

import time
from collections import OrderedDict
from datetime import UTC, datetime

from pipeline.secrets import token_sha256
from pipeline.store.accounts import Identity, find_identity
from pipeline.store.pool import Database

#: A revoked token may count for this long in processes that did not take the revocation.
REMEMBERED_SECONDS = 5.0
_REMEMBERED_TOKENS = 10_000


class Tokens:
    """Finds whom a token acts for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()

    async def identify(self, token: str) -> Identity | None:
        """Whom the token acts for; None when it is unknown, revoked or expired.

        Raises:
            UnavailableError: the database is away and the token is not remembered.
        """
        digest = token_sha256(token)
        until, identity = self._remembered.get(digest, (0.0, None))
        if identity is not None and time.monotonic() < until and not _expired(identity):
            return identity
        self._remembered.pop(digest, None)
        found = await find_identity(self._database, digest)
        if found is not None:
            self._remembered[digest] = (time.monotonic() + REMEMBERED_SECONDS, found)
            if len(self._remembered) > _REMEMBERED_TOKENS:
                self._remembered.popitem(last=False)
        return found

    def forget(self, token_id: int) -> None:
        """Stop remembering a token that was revoked here."""
        gone = [digest for digest, (_, identity) in self._remembered.items() if identity.token == token_id]
        for digest in gone:
            del self._remembered[digest]


def _expired(identity: Identity) -> bool:
    return identity.expires_at is not None and identity.expires_at <= datetime.now(UTC)
