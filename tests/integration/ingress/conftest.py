"""Topics, a fleet credential, and ingress processes that are gone when a test ends."""

import asyncio
from collections.abc import Callable, Iterator

import msgspec
import pytest

from pipeline.kafka import create_topics, wait_for_topics
from pipeline.mqtt.access import fleet_access
from pipeline.mqtt.dynamic_security import Credential, dynamic_security
from pipeline.settings import Settings
from schemas.topics import RAW
from simulate.load import Load
from tests.integration.ingress.ingress_process import Ingress, forget_session

FLEET = Credential("test-fleet", "test-fleet-password", fleet_access("test-fleet"))
INDEXES = range(4)


@pytest.fixture
def ready_settings(settings) -> Iterator[Settings]:
    """Settings with the topics made, the fleet's user entered, and no session of an earlier ingress at the broker."""
    asyncio.run(_prepare(settings))
    for index in INDEXES:
        forget_session(settings, index)
    yield settings
    for index in INDEXES:
        forget_session(settings, index)


async def _prepare(settings: Settings) -> None:
    await create_topics(settings)
    await wait_for_topics(settings, [RAW])
    broker = (settings.mqtt_host, settings.mqtt_port, settings.mqtt_admin_username, settings.mqtt_admin_password)
    async with dynamic_security(*broker) as security:
        await security.replace([FLEET])


@pytest.fixture
def start_ingress(ready_settings, tmp_path) -> Iterator[Callable[..., Ingress]]:
    started: list[Ingress] = []

    def start(index: int = 0, processes: int = 1) -> Ingress:
        wanted = msgspec.structs.replace(ready_settings, ingress_processes=processes)
        started.append(Ingress(wanted, index, tmp_path / f"ingress-{index}.log"))
        started[-1].until_ready()
        return started[-1]

    yield start
    for ingress in started:
        if ingress.process.poll() is None:
            ingress.kill()


@pytest.fixture
def load(ready_settings) -> Load:
    """Two seconds of a thousand messages a second, remembered."""
    return Load(
        host=ready_settings.mqtt_host,
        port=ready_settings.mqtt_port,
        username=FLEET.username,
        password=FLEET.password,
        seconds=2.0,
        rate=1000.0,
        connections=4,
        devices=100,
        remember=True,
    )


@pytest.fixture
def longer_load(load) -> Load:
    return msgspec.structs.replace(load, seconds=6.0)
