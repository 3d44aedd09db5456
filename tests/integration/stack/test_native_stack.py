"""The native stack's own promises: starts once, survives kill -9 with its data, leaves nothing behind."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.mqtt.access import fleet_access
from pipeline.mqtt.dynamic_security import Credential, dynamic_security, initial_configuration
from pipeline.mqtt.topics import SHARED_FILTERS
from stack import trixie
from stack.native import Stack
from stack.ports import Ports, free_ports

ADMIN, INGRESS, DEVICE = ("admin", "admin-secret"), ("ingress", "ingress-secret"), ("fleet", "fleet-secret")
NAMES = ("kafka", "timescaledb", "mosquitto")
TOPIC = "thing/product/NOSERIAL0000001/osd"


class Said(list):
    """What the stack told people."""

    def __call__(self, line: str) -> None:
        self.append(line)


def make_stack(home: Path, ports: Ports, password: str = "a p/w'd") -> Stack:
    return Stack(home, ports, password, initial_configuration(*ADMIN, *INGRESS), Said())


@pytest.fixture(scope="module")
def native(tmp_path_factory) -> Iterator[Stack]:
    stack = make_stack(tmp_path_factory.mktemp("native"), free_ports())
    assert stack.problems() == []
    try:
        stack.start()
        yield stack
    finally:
        stack.wipe()


def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.05)


def all_pids(stack: Stack) -> dict[str, list[int]]:
    return {name: stack.pids(name) for name in NAMES}


def mounted_below(folder: Path) -> list[str]:
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(folder) in line.split()[4]]


def test_a_second_start_changes_nothing(native):
    before = [status.pid for status in native.status()]
    native.start()
    again = make_stack(native.home, native.ports)
    again.start()
    assert [status.pid for status in again.status()] == before
    assert again.say == []
    assert all(status.up for status in again.status())


def test_no_server_runs_as_root(native):
    for name in NAMES:
        assert native.pids(name)
        for pid in native.pids(name):
            assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_every_server_listens_on_the_loopback_address_only(native):
    inodes = {}
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                inodes[f"socket:[{fields[9]}]"] = fields[1]
    pids = [pid for name in NAMES for pid in native.pids(name)]
    descriptors = [str(entry.readlink()) for pid in pids for entry in Path(f"/proc/{pid}/fd").iterdir()]
    addresses = {inodes[link] for link in descriptors if link in inodes}
    ports = {int(address.rpartition(":")[2], 16) for address in addresses}
    assert ports == {native.ports.kafka, native.ports.kafka_controller, native.ports.database, native.ports.mqtt}
    loopback = {"0100007F", "0000000000000000FFFF00000100007F"}  # the second: IPv4 as the JVM's IPv6 sockets show it
    assert {address.rpartition(":")[0] for address in addresses} <= loopback


def test_an_interrupt_at_the_terminal_does_not_reach_the_servers(native):
    for status in native.status():
        session = int(Path(f"/proc/{status.pid}/stat").read_text().rpartition(")")[2].split()[3])
        assert session == status.pid


def test_timescaledb_and_postgis_can_be_made_by_the_owner(native):
    with psycopg.connect(native.database, autocommit=True) as connection:
        connection.execute("create extension if not exists timescaledb")
        connection.execute("create extension if not exists postgis")
        assert connection.execute("select st_astext(st_makepoint(1, 2))").fetchone() == ("POINT(1 2)",)
        assert connection.execute("show timezone").fetchone() == ("UTC",)


def test_the_database_refuses_a_wrong_password(native):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(native.database.replace("a%20p", "b%20p"))


def test_kafka_killed_keeps_acknowledged_records(native):
    async def produce() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=native.kafka)
        await admin.start()
        await admin.create_topics([NewTopic("kept", 1, 1)])
        await admin.close()
        async with AIOKafkaProducer(bootstrap_servers=native.kafka, acks="all") as producer:
            for number in range(100):
                await producer.send_and_wait("kept", b"%d" % number)

    async def consume() -> list[bytes]:
        consumer = AIOKafkaConsumer("kept", bootstrap_servers=native.kafka, auto_offset_reset="earliest")
        async with consumer:
            return [(await asyncio.wait_for(consumer.getone(), 20)).value for _ in range(100)]

    asyncio.run(produce())
    native.kill_server("kafka")
    assert native.pids("kafka") == []
    native.start_server("kafka")
    assert asyncio.run(consume()) == [b"%d" % number for number in range(100)]


def test_timescaledb_killed_keeps_committed_rows(native):
    with psycopg.connect(native.database) as connection:
        connection.execute("create table kept (number integer)")
        connection.execute("insert into kept select generate_series(1, 1000)")
    with psycopg.connect(native.database) as open_one:  # its server process must end too
        native.kill_server("timescaledb")
        assert native.pids("timescaledb") == []
        with pytest.raises(psycopg.OperationalError):
            open_one.execute("select 1")
        open_one.close()
    native.start_server("timescaledb")
    with psycopg.connect(native.database) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1000,)


class Client:
    """A real MQTT 5 client with a session that outlives its connection."""

    def __init__(self, stack: Stack, login: tuple[str, str]) -> None:
        self.received: list[bytes] = []
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"test-{login[0]}", protocol=mqtt.MQTTv5)
        self._client.username_pw_set(*login)
        self._client.on_message = lambda _client, _data, message: self.received.append(message.payload)
        properties = mqtt.Properties(mqtt.PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        self._client.connect(stack.mqtt_host, stack.mqtt_port, clean_start=False, properties=properties)
        self._client.loop_start()

    def subscribe(self, topic: str) -> None:
        answers = []
        self._client.on_subscribe = lambda _client, _data, _mid, codes, _properties: answers.extend(codes)
        self._client.subscribe(topic, qos=1)
        until(lambda: bool(answers))
        assert not answers[0].is_failure

    def publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1).wait_for_publish(10)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def test_mosquitto_killed_keeps_users_sessions_and_what_they_wait_for(native):
    async def add_device() -> None:
        async with dynamic_security(native.mqtt_host, native.mqtt_port, *ADMIN) as security:
            await security.replace([Credential(*DEVICE, fleet_access(DEVICE[0]))])

    asyncio.run(add_device())
    subscriber = Client(native, INGRESS)
    subscriber.subscribe(SHARED_FILTERS[0])
    subscriber.close()
    publisher = Client(native, DEVICE)
    for number in range(50):
        publisher.publish(TOPIC, b"%d" % number)
    published = time.time()
    publisher.close()
    saved = native.home / "mosquitto" / "data" / "mosquitto.db"
    until(lambda: saved.exists() and saved.stat().st_mtime > published)
    native.kill_server("mosquitto")
    assert native.pids("mosquitto") == []
    native.start_server("mosquitto")
    subscriber = Client(native, INGRESS)
    until(lambda: len(subscriber.received) >= 50)
    subscriber.close()
    assert subscriber.received == [b"%d" % number for number in range(50)]


def test_a_restart_of_all_servers_keeps_everything_and_leaves_nothing_while_stopped(native):
    with psycopg.connect(native.database) as connection:
        connection.execute("create table restarted (number integer)")
    pids = [pid for found in all_pids(native).values() for pid in found]
    native.stop()
    assert all_pids(native) == {name: [] for name in NAMES}
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    assert mounted_below(native.home) == []
    assert mounted_below(trixie.root()) == []
    assert list((native.home / "run").glob("*.pid")) == []
    assert not any(status.up for status in native.status())
    native.stop()
    native.start()
    with psycopg.connect(native.database) as connection:
        assert connection.execute("select count(*) from restarted").fetchone() == (0,)


def test_one_server_stops_and_starts_without_the_others(native):
    before = all_pids(native)
    native.stop_server("mosquitto")
    assert [status.up for status in native.status()] == [True, True, False]
    native.start_server("mosquitto")
    assert native.pids("kafka") == before["kafka"]
    assert native.pids("mosquitto") != before["mosquitto"]


def test_a_port_that_somebody_holds_is_named_before_the_server_starts(native):
    native.stop_server("mosquitto")
    with socket.create_server(("127.0.0.1", native.ports.mqtt)):
        assert any("WINDHOVER_MQTT_PORT" in line for line in native.problems())
        with pytest.raises(ConfigurationError, match="WINDHOVER_MQTT_PORT"):
            native.start_server("mosquitto")
    native.start_server("mosquitto")


@pytest.mark.parametrize(
    ("name", "file", "reason"),
    [
        ("kafka", "kafka/data/meta.properties", r"RuntimeException: Stored node id 2"),
        ("timescaledb", "timescaledb/data/PG_VERSION", r"FATAL: .*is not a valid data directory"),
    ],
    ids=["kafka", "timescaledb"],
)
def test_a_server_that_cannot_start_gives_one_line_with_the_reason_and_its_log(native, name, file, reason):
    native.stop_server(name)
    kept = (native.home / file).read_text()
    (native.home / file).write_text(kept.replace("node.id=1", "node.id=2") if name == "kafka" else "x")
    try:
        with pytest.raises(UnavailableError, match=rf"^{name} ended at its start: .*{reason}.*{name}\.log$"):
            native.start_server(name)
        assert native.pids(name) == []
    finally:
        (native.home / file).write_text(kept)
    native.start_server(name)


def test_data_made_with_another_password_is_said_to_be_so(native):
    other = make_stack(native.home, native.ports, password="another")
    with pytest.raises(ConfigurationError, match="another database password"):
        other.start_server("timescaledb")
    assert native.status()[1].up


def test_wipe_deletes_the_data_and_nothing_else(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "home.json").write_text("{}")
    (tmp_path / "run" / "another.pid").write_text("1")
    stack = make_stack(tmp_path, free_ports())
    stack.start_server("mosquitto")
    stack.wipe()
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"home.json", "run/another.pid", "run/stack.lock"}
    assert stack.pids("mosquitto") == []
