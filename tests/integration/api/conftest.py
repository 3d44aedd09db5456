"""The api on the real servers, and two accounts in its database."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from running_api import Account, RunningApi, make_account, serving

from pipeline.kafka import create_topics


@pytest.fixture
def api(settings) -> Iterator[RunningApi]:
    asyncio.run(create_topics(settings))
    with serving(settings) as running:
        yield running


@pytest.fixture
def rows(database) -> Iterator[psycopg.Connection]:
    """A connection on which a test puts rows; every statement counts at once."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection
        connection.execute(
            "truncate store.account, store.person, store.token, store.mqtt_credential, store.device, "
            "store.device_latest, store.aircraft_sample, store.reading restart identity cascade"
        )


@pytest.fixture
def ours(rows) -> Account:
    return make_account(rows, "ours")


@pytest.fixture
def theirs(rows) -> Account:
    return make_account(rows, "theirs")
