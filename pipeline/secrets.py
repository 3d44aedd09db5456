"""Tokens and passwords: how they are made, and the only form in which they are kept."""

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Says what a found string is; secret scanners look for such prefixes.
TOKEN_PREFIX = "wht_"  # noqa: S105 - no secret


def new_token() -> str:
    """A bearer token: 256 random bits, URL-safe."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_sha256(token: str) -> bytes:
    """What is kept of a token, 32 bytes. Unsalted is enough: nobody can try 2^256 tokens."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_password() -> str:
    """A password that a device uses: 144 random bits, URL-safe."""
    return secrets.token_urlsafe(18)


class Passwords:
    """Hashes and compares people's passwords by argon2id (RFC 9106, second recommended option: 64 MiB, 3 passes)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
        self._decoy = self._hasher.hash(new_password())

    def hash(self, password: str) -> str:
        """The argon2id hash, in the PHC string form, with a salt of its own."""
        return self._hasher.hash(password)

    def match(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one whose hash is kept.

        None (no such user) costs the same work, so that the time of the answer tells nobody which users exist.
        """
        try:
            self._hasher.verify(self._decoy if kept is None else kept, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None
