"""The first account: a person who can log in, a token for scripts, an MQTT user for the fleet, the simulated things.

Run at every start; what is there already stays as it is.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from pipeline.device_announcements import DeviceAnnouncements
from pipeline.errors import RequestError
from pipeline.mqtt.access import fleet_access
from pipeline.mqtt.dynamic_security import Credential, dynamic_security
from pipeline.secrets import Passwords, token_sha256
from pipeline.settings import Settings
from pipeline.store.accounts import ensure_person, ensure_token
from pipeline.store.devices import add_mqtt_credential
from pipeline.store.devices import provision as provision_device
from pipeline.store.pool import Database
from schemas.device import Device
from system.home import ACCOUNT_NAME, FLEET_USER, USER_NAME, Say, Secrets


def provision(settings: Settings, secrets: Secrets, things: Sequence[str], say: Say) -> None:
    """Make what is missing. `things`: ids of Cayenne things that the fleet's MQTT user reports for.

    Raises:
        UnavailableError: the database, the broker or Kafka is away.
    """
    account = ensure_person(settings.database, ACCOUNT_NAME, USER_NAME, Passwords().hash(secrets.user))
    ensure_token(settings.database, account, token_sha256(secrets.token), "scripts on this machine")
    asyncio.run(_provision_devices(settings, secrets, account, things, say))


async def _provision_devices(
    settings: Settings, secrets: Secrets, account: int, things: Sequence[str], say: Say
) -> None:
    database = Database(settings.database, "provision", connections=1)
    announcements = DeviceAnnouncements(settings)
    await database.open()
    try:
        await _enter_fleet_user(settings, secrets, database, account, say)
        for thing in things:
            device = Device(
                device=thing, account=account, family="cayenne", kind="thing", name=thing, mqtt_user=FLEET_USER
            )
            try:
                await provision_device(database, device, partial(announcements.announce, device))
            except RequestError:
                continue  # it is there already
            say(f"thing {thing} provisioned")
    finally:
        await announcements.close()
        await database.close()


async def _enter_fleet_user(settings: Settings, secrets: Secrets, database: Database, account: int, say: Say) -> None:
    access = fleet_access(FLEET_USER)
    credential = Credential(FLEET_USER, secrets.mqtt_fleet, access)
    broker = (settings.mqtt_host, settings.mqtt_port, settings.mqtt_admin_username, settings.mqtt_admin_password)
    async with dynamic_security(*broker) as security:
        await security.renew_service_access()
        if FLEET_USER in await security.usernames():
            return
        try:
            await add_mqtt_credential(
                database,
                account=account,
                family="fleet",
                user=FLEET_USER,
                gateway=None,
                topics=access.publish,
                enter=lambda: security.replace([credential]),
            )
        except RequestError:  # the broker's data was wiped, the database's was not
            await security.replace([credential])
    say(f"MQTT user {FLEET_USER} entered at the broker")
