"""Accounts, the people who log in and the tokens that act for them."""

from datetime import datetime, timedelta

import msgspec

import sql
from pipeline.errors import RequestError
from pipeline.store.connection import connect, translated
from pipeline.store.pool import Database, Row


class Identity(msgspec.Struct, frozen=True):
    """Whom a request acts for. `user` is None for a token that no person made; `expires_at` None: until revoked."""

    token: int
    account: int
    account_name: str
    person: int | None
    user: str | None
    expires_at: datetime | None


class Person(msgspec.Struct, frozen=True):
    """Who logs in; `password_hash` is argon2id."""

    person: int
    account: int
    account_name: str
    password_hash: str


async def find_identity(database: Database, token_sha256: bytes) -> Identity | None:
    """Whom a token acts for; None when it is unknown, revoked or expired."""
    row = await database.one("token_identity", {"token_sha256": token_sha256})
    if row is None:
        return None
    return Identity(
        row["token_id"], row["account_id"], row["account_name"], row["person_id"], row["user_name"], row["expires_at"]
    )


async def find_person(database: Database, user: str) -> Person | None:
    """The person of this user name, or None."""
    row = await database.one("person_by_name", {"user_name": user})
    return Person(row["person_id"], row["account_id"], row["account_name"], row["password_hash"]) if row else None


async def add_token(
    database: Database,
    *,
    account: int,
    person: int | None,
    token_sha256: bytes,
    label: str,
    lifetime: timedelta | None,
) -> Row:
    """Keep a new token's hash; gives `token_id`, `label`, `created_at`, `expires_at`. No lifetime: until revoked."""
    row = await database.one(
        "insert_token",
        {
            "account": account,
            "person": person,
            "token_sha256": token_sha256,
            "label": label,
            "lifetime": lifetime,
        },
    )
    assert row is not None
    return row


async def forget_expired_tokens(database: Database, account: int) -> None:
    """Delete the account's tokens that ended more than a week ago."""
    async with database.transaction() as connection:
        await connection.execute(sql.query("delete_expired_tokens"), {"account": account})


async def tokens(database: Database, account: int) -> list[Row]:
    """The account's working tokens: `token_id`, `label`, `user_name`, `created_at`, `expires_at`; never the tokens."""
    return await database.all("tokens", {"account": account})


async def revoke_token(database: Database, account: int, token: int) -> bool:
    """Revoke one token of the account; False when it has none of this id."""
    return await database.one("revoke_token", {"account": account, "token": token}) is not None


def ensure_person(dsn: str, account_name: str, user: str, password_hash: str) -> int:
    """Make the account and the person where missing, set the person's password; gives the account's id.

    Raises:
        RequestError: the user name belongs to another account.
        UnavailableError: the database is away.
    """
    with connect(dsn, "accounts") as connection, translated():
        found = connection.execute(sql.query("ensure_account"), {"name": account_name}).fetchone()
        assert found is not None
        account = int(found[0])
        person = connection.execute(
            sql.query("ensure_person"), {"account": account, "user_name": user, "password_hash": password_hash}
        ).fetchone()
        if person is None:
            raise RequestError(f"user {user} belongs to another account: choose another user name", "user", status=409)
        return account


def ensure_token(dsn: str, account: int, token_sha256: bytes, label: str) -> None:
    """Keep a token without expiry for an account, for scripts on this machine; a token that is kept already stays.

    Raises:
        UnavailableError: the database is away.
    """
    with connect(dsn, "accounts") as connection, translated():
        connection.execute(
            sql.query("ensure_token"), {"account": account, "token_sha256": token_sha256, "label": label}
        )
