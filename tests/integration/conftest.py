"""The three real servers for the integration tests: the native stack, or containers where a Docker engine answers.

No stack is a failure with its reason, never a skip.
"""

import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
import psycopg
import pytest

from pipeline.errors import UnavailableError
from pipeline.mqtt.dynamic_security import initial_configuration
from pipeline.settings import Settings
from pipeline.store.connection import connect
from pipeline.store.migrate import migrate
from stack import sandbox
from stack.mosquitto import mosquitto_conf
from stack.mosquitto import unready as mosquitto_unready
from stack.native import Stack
from stack.ports import HOST, free_ports
from stack.timescaledb import DATABASE, OWNER

KAFKA_IMAGE = "apache/kafka:4.1.1"
TIMESCALEDB_IMAGE = "timescale/timescaledb-ha:pg17"
MOSQUITTO_IMAGE = "eclipse-mosquitto:2"
MOSQUITTO_PLUGIN = "/usr/lib/mosquitto_dynamic_security.so"
CONTAINER_SECONDS = 120

ADMIN_PASSWORD = secrets.token_urlsafe(18)
INGRESS_PASSWORD = secrets.token_urlsafe(18)
DATABASE_PASSWORD = secrets.token_urlsafe(18)


class Servers(Protocol):
    """What a test may know of the servers, wherever they run."""

    @property
    def kafka(self) -> str: ...
    @property
    def database(self) -> str: ...
    @property
    def mqtt_host(self) -> str: ...
    @property
    def mqtt_port(self) -> int: ...


class Containers(msgspec.Struct):
    kafka: str
    database: str
    mqtt_host: str
    mqtt_port: int


@pytest.fixture(scope="session")
def stack(tmp_path_factory) -> Iterator[Servers]:
    """Kafka, TimescaleDB and Mosquitto, empty but for the MQTT users of `settings`."""
    home = tmp_path_factory.mktemp("home")
    names = Settings()
    security = initial_configuration(names.mqtt_admin_username, ADMIN_PASSWORD, names.mqtt_username, INGRESS_PASSWORD)
    if docker_answers():
        with containers(home, security) as started:
            yield started
        return
    native = Stack(home, free_ports(), DATABASE_PASSWORD, security, print)
    problems = native.problems()
    if problems:
        pytest.fail("no servers for the integration tests:\n" + "\n".join(problems), pytrace=False)
    try:
        native.start()
        yield native
    finally:
        native.wipe()


@pytest.fixture(scope="module")
def database(stack) -> Iterator[str]:
    """The address of a fresh, migrated database of this module's own."""
    name = "test_" + secrets.token_hex(6)
    dsn = urlsplit(stack.database)._replace(path=f"/{name}").geturl()
    _administer(stack, f'create database "{name}"')
    try:
        migrate(dsn)
        yield dsn
    finally:
        _administer(stack, f'drop database "{name}" with (force)')


def _administer(stack: Servers, statement: str) -> None:
    # In the database `postgres`: `create database` copies a template that nobody may be connected to.
    with psycopg.connect(urlsplit(stack.database)._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def topic_prefix() -> str:
    """A prefix of Kafka topic names that no other test has."""
    return f"test-{secrets.token_hex(6)}."


@pytest.fixture
def settings(stack, database, topic_prefix) -> Settings:
    """The settings of a process that uses these servers, this module's database and this test's topics."""
    return Settings(
        kafka=stack.kafka,
        topic_prefix=topic_prefix,
        database=database,
        mqtt_host=stack.mqtt_host,
        mqtt_port=stack.mqtt_port,
        mqtt_password=INGRESS_PASSWORD,
        mqtt_admin_password=ADMIN_PASSWORD,
    )


def docker_answers() -> bool:
    try:
        return subprocess.run(["docker", "version"], capture_output=True, timeout=20, check=False).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


@contextmanager
def containers(folder: Path, security: bytes) -> Iterator[Containers]:
    """The same servers from the official images."""
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - only where an engine answers
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415

    started = LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(CONTAINER_SECONDS)
    port = free_ports().kafka
    kafka = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, port).waiting_for(started)
    postgres = DockerContainer(TIMESCALEDB_IMAGE).with_exposed_ports(5432)
    owner = {"POSTGRES_USER": OWNER, "POSTGRES_PASSWORD": DATABASE_PASSWORD, "POSTGRES_DB": DATABASE}
    for name, value in owner.items():
        postgres.with_env(name, value)
    mosquitto = DockerContainer(MOSQUITTO_IMAGE).with_exposed_ports(1883)
    mosquitto.with_volume_mapping(str(mosquitto_folder(folder, security)), sandbox.DATA, "rw")
    mosquitto.with_command(["/usr/sbin/mosquitto", "-c", f"{sandbox.DATA}/mosquitto.conf"])
    with postgres, mosquitto:
        host = mosquitto.get_container_host_ip()
        for name, value in kafka_environment(host, port).items():
            kafka.with_env(name, value)
        with kafka:
            database = f"postgresql://{OWNER}:{DATABASE_PASSWORD}@{host}:{postgres.get_exposed_port(5432)}/{DATABASE}"
            mqtt_port = int(mosquitto.get_exposed_port(1883))
            await_answer(lambda: cannot_log_in(database))
            await_answer(lambda: mosquitto_unready(host, mqtt_port))
            yield Containers(f"{host}:{port}", database, host, mqtt_port)


def cannot_log_in(dsn: str) -> str | None:
    """The image first runs a server that only it can reach, so its log says "ready" too early."""
    try:
        connect(dsn, "test").close()
    except UnavailableError as error:
        return str(error)
    return None


def await_answer(unready: Callable[[], str | None]) -> None:
    deadline = time.monotonic() + CONTAINER_SECONDS
    while (why := unready()) is not None:
        assert time.monotonic() < deadline, why
        time.sleep(0.2)


def kafka_environment(host: str, port: int) -> dict[str, str]:
    """One KAFKA_ variable replaces all defaults of the image, so this is the full listener set."""
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9094",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "BROKER",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,BROKER://:9093,CONTROLLER://:9094",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{host}:{port},BROKER://localhost:9093",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_MESSAGE_MAX_BYTES": "2097152",
        "KAFKA_HEAP_OPTS": "-Xms256m -Xmx1g",
    }


def mosquitto_folder(folder: Path, security: bytes) -> Path:
    """The native broker's own configuration; inside a container it listens on every address."""
    text = mosquitto_conf(1883, MOSQUITTO_PLUGIN).replace(f"listener 1883 {HOST}", "listener 1883")
    (folder / "data").mkdir()
    (folder / "mosquitto.conf").write_text(text)
    (folder / "data" / "dynamic-security.json").write_bytes(security)
    for path in (folder, folder / "data", folder / "data" / "dynamic-security.json"):
        path.chmod(0o777)  # the image's user is another one than ours
    return folder
