"""Kafka from its own jars: one node in KRaft mode, broker and controller in one process."""

import base64
import os
import shutil
import signal
import socket
import struct
import uuid
from pathlib import Path

from stack import sandbox
from stack.cache import cache_folder, provide
from stack.commands import run
from stack.packages import install_missing
from stack.ports import HOST, PORT_SETTINGS
from stack.server import Say

VERSION = "4.1.1"
HEAP_SETTING = "WINDHOVER_KAFKA_HEAP"
DEFAULT_HEAP = "1g"
_PACKAGES = {"java": ("openjdk-21-jre-headless", "openjdk-17-jre-headless"), "mvn": ("maven",)}
_JARS_FOLDER = f"kafka-{VERSION}"
_USER = "nobody"
_SOURCE = Path(__file__).parent
_JARS = f"{sandbox.DATA}/jars"
_CONFIGURATION = f"{sandbox.DATA}/server.properties"


class Kafka:
    """One Kafka node whose files lie in `folder`."""

    name = "kafka"
    program = "java"
    stop_signal = signal.SIGTERM
    start_seconds = 180.0  # 4 s on a quiet machine, 46 s measured on two cores with a load of 12

    def __init__(self, folder: Path, port: int, controller_port: int) -> None:
        self.folder = folder
        self.port = port
        self.controller_port = controller_port
        self.listens = {PORT_SETTINGS["kafka"]: port, PORT_SETTINGS["kafka_controller"]: controller_port}

    @property
    def working_folder(self) -> Path:
        """All of Kafka is one process, which works in its data folder."""
        return self.folder / "data"

    def prepare(self, say: Say) -> None:
        """Install Java and Maven where they are missing, fetch the jars (54 MB)."""
        install_missing(_PACKAGES, say)
        provide(_JARS_FOLDER, lambda folder: _fetch_jars(folder, say))

    def lay_out(self) -> None:
        """Write the configuration; format the storage when it never was."""
        user = sandbox.find_user(Path("/"), _USER)
        for folder in (self.folder, self.working_folder, self.folder / "jars"):
            folder.mkdir(parents=True, exist_ok=True)
        os.chown(self.working_folder, user.uid, user.gid)
        configuration = server_properties(self.port, self.controller_port)
        (self.folder / "server.properties").write_text(configuration)
        shutil.copyfile(_SOURCE / "kafka.log4j2.xml", self.folder / "log4j2.xml")
        if not (self.working_folder / "meta.properties").exists():
            # --ignore-formatted: an earlier format may have been killed halfway.
            arguments = ["format", "--ignore-formatted", "--cluster-id", _cluster_id(), "--config", _CONFIGURATION]
            run(self._java("256m", "kafka.tools.StorageTool", *arguments), "kafka: formatting the storage")

    def command(self) -> list[str]:
        """Java with Kafka's main class."""
        return self._java(os.environ.get(HEAP_SETTING) or DEFAULT_HEAP, "kafka.Kafka", _CONFIGURATION)

    def _java(self, heap: str, main: str, *arguments: str) -> list[str]:
        java = [
            shutil.which("java") or "java",
            f"-Xmx{heap}",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:+ExitOnOutOfMemoryError",  # a broker without memory answers nobody: end, and be started again
            "-XX:-UsePerfData",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={sandbox.DATA}/log4j2.xml",
            "-cp",
            f"{_JARS}/*",
            main,
            *arguments,
        ]
        jars = cache_folder() / _JARS_FOLDER
        return sandbox.confined(
            Path("/"),
            sandbox.find_user(Path("/"), _USER),
            {self.folder: sandbox.DATA, jars: _JARS},
            java,
            working_folder=f"{sandbox.DATA}/data",
            environment={"LANG": "C.UTF-8"},
        )

    def unready(self) -> str | None:
        """Kafka is ready when its metadata names a broker: then it is registered and takes produce requests."""
        try:
            brokers = _count_brokers(self.port)
        except OSError as error:
            return f"no answer on port {self.port}: {error}"
        return None if brokers else "the broker is not registered yet"


def _fetch_jars(folder: Path, say: Say) -> None:
    say(f"kafka: fetching the jars of Kafka {VERSION} ...")
    command = ["mvn", "--batch-mode", "--quiet", "--file", str(_SOURCE / "kafka.pom.xml")]
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    run([*command, *goal], "kafka: fetching the jars with Maven", folder=folder)


def _cluster_id() -> str:
    # Kafka's ids: 16 bytes in URL-safe base64. One that begins with "-" would look like an option.
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


def server_properties(port: int, controller_port: int) -> str:
    """The text of `server.properties`, as it is seen inside the sandbox."""
    return f"""\
# Written by windhover at every start; changes here do not last.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{HOST}:{controller_port}
listeners=PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}
advertised.listeners=PLAINTEXT://{HOST}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={sandbox.DATA}/data

# One node: nothing to replicate to. The internal topics need few partitions, which makes start and recovery quick.
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
# Members need not wait for others that may join; sessions down to 6 s are allowed by Kafka's default.
group.initial.rebalance.delay.ms=0
# After a kill the controller refuses the new broker until the old one's session has run out; both are one process, so
# a stall stops the clock of both and a short session costs nothing (measured: 13 s after kill -9 with Kafka's 9 s).
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500

# Topics are declared in schemas/topics.py: a misspelt one must fail, not appear.
auto.create.topics.enable=false

# An MQTT packet (2,000,000 bytes at most, stack/mosquitto.py) fits with its headers.
message.max.bytes=2097152
replica.fetch.max.bytes=2097152

# kill -9 loses nothing that was acknowledged: the pages are the kernel's. Against a power cut, with no replica to
# restore from, everything is forced to disk every five seconds.
log.flush.interval.ms=5000
log.flush.scheduler.interval.ms=5000

# Topics set their own retention; small segments let it work on small data, and recovery reads little.
log.retention.hours=168
log.segment.bytes=134217728
log.retention.check.interval.ms=60000
log.cleaner.dedupe.buffer.size=16777216
num.recovery.threads.per.data.dir=2

# Two cores are shared by all servers.
num.network.threads=2
num.io.threads=4
num.partitions=4
"""


_METADATA_HEAD = struct.Struct(">iiii")


def _count_brokers(port: int) -> int:
    """Ask for metadata (version 4, no topics) and count the brokers in the answer.

    Raises:
        OSError: nobody listens, or the answer does not come.
    """
    api_key, version, correlation, client, topics, create = 3, 4, 1, b"windhover", 0, False
    layout = f">hhih{len(client)}si?"
    request = struct.pack(layout, api_key, version, correlation, len(client), client, topics, create)
    with socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        with connection.makefile("rb") as answer:
            head = answer.read(_METADATA_HEAD.size)
    if len(head) < _METADATA_HEAD.size:
        raise ConnectionError("the connection ended early")
    _size, _correlation, _throttle_ms, brokers = _METADATA_HEAD.unpack(head)
    return int(brokers)
