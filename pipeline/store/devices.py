"""The account's devices, and the MQTT credentials with which they log in."""

from collections.abc import Awaitable, Callable, Sequence

import sql
from pipeline.errors import RequestError
from pipeline.store.pool import Connection, Database, Row, one
from schemas.device import Device


async def devices_page(database: Database, account: int, after: str, limit: int) -> list[Row]:
    """Up to `limit` devices of the account whose id follows `after`, in the order of their ids."""
    return await database.all("devices_page", {"account": account, "after": after, "limit": limit})


async def find_device(database: Database, account: int, device: str) -> Row | None:
    """One device of the account; None when it has none of this id, whoever else may have one."""
    return await database.one("device", {"account": account, "device": device})


async def provision(database: Database, device: Device, announce: Callable[[], Awaitable[None]]) -> Row:
    """Insert the device, announce it, then commit: what cannot be announced is not kept.

    Raises:
        RequestError: the id is taken, or the MQTT user belongs to another account (both 409).
        UnavailableError: the database or what `announce` needs is away.
    """
    async with database.transaction() as connection:
        if device.mqtt_user is not None:
            await _claim_mqtt_user(connection, device.account, device.mqtt_user, "mqtt_user")
        row = await one(
            connection,
            "insert_device",
            {
                "device": device.device,
                "account": device.account,
                "family": device.family,
                "kind": device.kind,
                "model": device.model,
                "name": device.name,
                "mqtt_user": device.mqtt_user,
                "gateway": device.gateway,
            },
        )
        if row is None:
            raise RequestError(f"device {device.device} exists already", "device", status=409)
        await announce()
    return row


async def mqtt_credentials(database: Database, account: int) -> list[Row]:
    """The account's credentials: `username`, `family`, `topics`, `created_at`."""
    return await database.all("mqtt_credentials", {"account": account})


async def add_mqtt_credential(
    database: Database,
    *,
    account: int,
    family: str,
    user: str,
    gateway: str | None,
    topics: Sequence[str],
    enter: Callable[[], Awaitable[None]],
) -> Row:
    """Keep a credential, enter it at the broker by `enter`, then commit: what the broker refuses is not kept.

    Raises:
        RequestError: 409, the user name or the gateway is taken.
        UnavailableError: the database or the broker is away.
    """
    async with database.transaction() as connection:
        if gateway is not None:
            await _claim_gateway(connection, account, gateway)
        else:
            await _claim_mqtt_user(connection, account, user, "user")
        row = await one(
            connection,
            "insert_mqtt_credential",
            {"user_name": user, "account": account, "family": family, "topics": list(topics)},
        )
        if row is None:
            field = "user" if gateway is None else "gateway"
            raise RequestError(
                f"MQTT user {user} exists already: delete it first to get a new password", field, status=409
            )
        await enter()
    return row


async def delete_mqtt_credential(
    database: Database, account: int, user: str, remove: Callable[[], Awaitable[None]]
) -> bool:
    """Forget a credential, remove it from the broker by `remove`, then commit; False when the account has none."""
    async with database.transaction() as connection:
        found = await one(connection, "delete_mqtt_credential", {"user_name": user, "account": account})
        if found is None:
            return False
        await remove()
    return True


async def _claim_mqtt_user(connection: Connection, account: int, user: str, field: str) -> None:
    await connection.execute(sql.query("lock_name"), {"name": f"mqtt-user {user}"})
    row = await one(connection, "foreign_mqtt_user", {"user_name": user, "account": account})
    if row is None or row["taken"]:
        raise RequestError(f"MQTT user {user} is taken: choose another", field, status=409)


async def _claim_gateway(connection: Connection, account: int, gateway: str) -> None:
    await connection.execute(sql.query("lock_name"), {"name": f"gateway {gateway}"})
    row = await one(connection, "foreign_device", {"device": gateway, "account": account})
    if row is None or row["taken"]:
        raise RequestError(
            f"gateway {gateway} belongs to another account: ask its owner to release it", "gateway", status=409
        )
