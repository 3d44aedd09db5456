"""What the broker lets a credential do, on the real Mosquitto."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pipeline.errors import ConfigurationError
from pipeline.mqtt.access import aircraft_publish_filters, cayenne_access, dji_gateway_access
from pipeline.mqtt.connection import Listener, Login, open_connection
from pipeline.mqtt.dynamic_security import Credential, DynamicSecurity, RefusedCommandError, dynamic_security
from pipeline.mqtt.errors import PublishRejectedError
from pipeline.mqtt.publisher import Publisher
from pipeline.settings import Settings

GATEWAY = Credential("gateway-user", "gateway-password", dji_gateway_access("7SYNGATEWAY001", ["1581SYNAIRCRAFT00001"]))
CAYENNE = Credential("cayenne-user", "cayenne-password", cayenne_access("cayenne-user"))


def login(settings: Settings, username: str, password: str) -> Login:
    return Login(
        host=settings.mqtt_host,
        port=settings.mqtt_port,
        username=username,
        password=password,
        client_id=f"test-access-{username}",
    )


@asynccontextmanager
async def security(settings: Settings) -> AsyncIterator[DynamicSecurity]:
    admin = (settings.mqtt_admin_username, settings.mqtt_admin_password)
    async with dynamic_security(settings.mqtt_host, settings.mqtt_port, *admin) as opened:
        yield opened


@asynccontextmanager
async def publisher(settings: Settings, credential: Credential) -> AsyncIterator[Publisher]:
    opened = Publisher(login(settings, credential.username, credential.password))
    running = asyncio.ensure_future(opened.run())
    try:
        yield opened
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def accepted(publishing: Publisher, topic: str) -> bool:
    try:
        await asyncio.wait_for(publishing.publish(topic, b"{}"), 10)
    except PublishRejectedError:
        return False
    return True


def test_a_credential_cannot_publish_outside_its_topics(settings):
    async def run() -> dict[str, bool]:
        async with security(settings) as users:
            await users.replace([GATEWAY, CAYENNE])
        async with publisher(settings, GATEWAY) as gateway, publisher(settings, CAYENNE) as cayenne:
            return {
                topic: await accepted(who, topic)
                for who, topic in (
                    (gateway, "thing/product/7SYNGATEWAY001/osd"),
                    (gateway, "sys/product/7SYNGATEWAY001/status"),
                    (gateway, "thing/product/1581SYNAIRCRAFT00001/osd"),
                    (gateway, "thing/product/1581SYNAIRCRAFT00002/osd"),
                    (gateway, "sys/product/7SYNGATEWAY001/status_reply"),
                    (gateway, "v1/cayenne-user/things/t/data/1"),
                    (gateway, "$CONTROL/dynamic-security/v1"),
                    (cayenne, "v1/cayenne-user/things/t/data/2"),
                    (cayenne, "v1/other-user/things/t/data/2"),
                    (cayenne, "thing/product/7SYNGATEWAY001/state"),
                )
            }

    outcome = asyncio.run(run())
    assert [topic for topic, taken in outcome.items() if taken] == [
        "thing/product/7SYNGATEWAY001/osd",
        "sys/product/7SYNGATEWAY001/status",
        "thing/product/1581SYNAIRCRAFT00001/osd",
        "v1/cayenne-user/things/t/data/2",
    ]


def test_a_credential_cannot_listen_to_others(settings):
    async def run() -> None:
        async with security(settings) as users:
            await users.replace([CAYENNE])
        connection = await open_connection(login(settings, CAYENNE.username, CAYENNE.password), Listener())
        await connection.subscribe(["v1/cayenne-user/things/+/cmd/#"])
        for name in ("v1/#", "#", "thing/product/+/osd", "$share/windhover-ingress/thing/#"):
            with pytest.raises(ConfigurationError, match="not authorised"):
                await connection.subscribe([name])
        connection.disconnect()

    asyncio.run(run())


def test_the_ingress_user_has_its_subscriptions_and_no_others(settings):
    async def run() -> None:
        own = login(settings, settings.mqtt_username, settings.mqtt_password)
        connection = await open_connection(own, Listener())
        for name in ("#", "$SYS/#", "$CONTROL/#", "$share/another-group/thing/#"):
            with pytest.raises(ConfigurationError, match="not authorised"):
                await connection.subscribe([name])
        connection.disconnect()

    asyncio.run(run())


def test_a_granted_aircraft_may_be_published_at_once_on_the_open_connection(settings):
    async def run() -> tuple[bool, bool]:
        topic = "thing/product/1581SYNAIRCRAFT00003/osd"
        async with security(settings) as users:
            await users.replace([GATEWAY])
            async with publisher(settings, GATEWAY) as gateway:
                before = await accepted(gateway, topic)
                for _ in range(2):
                    await users.grant(GATEWAY.username, aircraft_publish_filters(["1581SYNAIRCRAFT00003"]))
                return before, await accepted(gateway, topic)

    assert asyncio.run(run()) == (False, True)


def test_passwords_change_and_users_go(settings):
    async def run() -> None:
        async with security(settings) as users:
            await users.replace([CAYENNE])
            await users.set_password(CAYENNE.username, "another-password")
            with pytest.raises(ConfigurationError, match="not authorised"):
                await open_connection(login(settings, CAYENNE.username, CAYENNE.password), Listener())
            connection = await open_connection(login(settings, CAYENNE.username, "another-password"), Listener())
            await users.delete([CAYENNE.username, "nobody"])
            await asyncio.wait_for(connection.lost, 10)
            assert CAYENNE.username not in await users.usernames()
            with pytest.raises(RefusedCommandError, match="not found"):
                await users.set_password(CAYENNE.username, "x")

    asyncio.run(run())


def test_many_users_are_made_and_removed_in_one_call(settings):
    async def run() -> tuple[int, int]:
        many = [Credential(f"batch-{number}", "p", cayenne_access(f"batch-{number}")) for number in range(40)]
        async with security(settings) as users:
            await users.replace(many)
            made = len([name for name in await users.usernames() if name.startswith("batch-")])
            await users.delete([each.username for each in many])
            return made, len([name for name in await users.usernames() if name.startswith("batch-")])

    assert asyncio.run(run()) == (40, 0)
