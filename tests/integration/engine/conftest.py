import asyncio

import psycopg
import pytest

from pipeline import kafka
from pipeline.settings import Settings
from stack.native import Stack


@pytest.fixture
def settings(settings) -> Settings:
    """The settings of a system with its topics, an account and empty tables."""
    asyncio.run(kafka.create_topics(settings))
    with psycopg.connect(settings.database) as connection:
        connection.execute("truncate store.aircraft_sample, store.reading, store.device_latest, store.device")
        connection.execute(
            "insert into store.account (account_id, name) values (1, 'first') on conflict (account_id) do nothing"
        )
    return settings


@pytest.fixture
def killable(stack) -> Stack:
    """The servers, where they are ours to kill."""
    if not isinstance(stack, Stack):
        pytest.skip("a Docker engine answers: its containers are not killed; run this without one")
    return stack
