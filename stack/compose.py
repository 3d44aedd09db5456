"""The stack in containers: the three servers of `docker-compose.yml` under a project name of the home's own.

Their data lies in volumes of the project; the home gets `logs/NAME.log`. Public methods as in `stack.native.Stack`.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import ConfigurationError, UnavailableError
from stack.commands import run
from stack.container_files import FILLS, MOSQUITTO_CONF
from stack.kafka import Kafka
from stack.lifecycle import ServerStatus
from stack.mosquitto import Mosquitto
from stack.ports import HOST, PORT_SETTINGS, Ports
from stack.preflight import port_problems
from stack.server import Say, Server
from stack.timescaledb import TimescaleDB

SETTING = "WINDHOVER_STACK"
NAMES = ("kafka", "timescaledb", "mosquitto")
_FILE = Path(__file__).parents[1] / "docker-compose.yml"
_PORT_FIELDS = {"kafka": "kafka", "timescaledb": "database", "mosquitto": "mqtt"}
_ANSWER_SECONDS = 3.0
_START_SECONDS = 180
_STOP_SECONDS = 60
_NO_ENGINE = f"no Docker engine answers: start Docker, or set {SETTING}=native"


def stack_kind(environment: Mapping[str, str]) -> Literal["docker", "native"]:
    """Where the servers run: as `WINDHOVER_STACK` says, else in containers where an engine with compose answers.

    Raises:
        ConfigurationError: the setting is neither `docker` nor `native`.
    """
    match environment.get(SETTING, ""):
        case "docker":
            return "docker"
        case "native":
            return "native"
        case "":
            return "docker" if engine_answers(environment) else "native"
        case other:
            raise ConfigurationError(f"setting {SETTING}={other}: choose docker or native")


def engine_answers(environment: Mapping[str, str]) -> bool:
    """Whether `docker compose` is there and its engine answers within seconds."""
    for command in (["docker", "compose", "version"], ["docker", "version"]):
        try:
            done = subprocess.run(
                command, env=dict(environment), capture_output=True, timeout=_ANSWER_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        if done.returncode:
            return False
    return True


class ComposeStack:
    """The three servers of one home. Every method may be called again: what is done already is left as it is."""

    def __init__(self, home: Path, ports: Ports, database_password: str, dynamic_security: bytes, say: Say) -> None:
        self.home = home.absolute()
        self.ports = ports
        self.say = say
        self.project = f"windhover-{hashlib.sha256(str(self.home).encode()).hexdigest()[:10]}"
        volume = Path(f"{self.project}_timescaledb")
        self._timescaledb = TimescaleDB(volume, ports.database, database_password)
        # Asked over TCP like their native twins; started and ended by the engine.
        self._servers: dict[str, Server] = {
            "kafka": Kafka(self.home, ports.kafka, ports.kafka_controller),
            "timescaledb": self._timescaledb,
            "mosquitto": Mosquitto(self.home, ports.mqtt, dynamic_security),
        }
        self._command = ["docker", "compose", "--project-name", self.project, "--file", str(_FILE)]
        self._environment = {
            **os.environ,
            **{PORT_SETTINGS[field]: str(getattr(ports, field)) for field in _PORT_FIELDS.values()},
            "DATABASE_PASSWORD": database_password,
            "MOSQUITTO_CONF": MOSQUITTO_CONF,
            "DYNAMIC_SECURITY": dynamic_security.decode(),
        }

    @property
    def kafka(self) -> str:
        """Kafka's bootstrap address."""
        return f"{HOST}:{self.ports.kafka}"

    @property
    def database(self) -> str:
        """The owner's address of the database, password included."""
        return self._timescaledb.dsn

    @property
    def mqtt_host(self) -> str:
        """The broker's host."""
        return HOST

    @property
    def mqtt_port(self) -> int:
        """The broker's port."""
        return self.ports.mqtt

    def problems(self) -> list[str]:
        """What stands in the way of `start`, one line each; empty when nothing does."""
        if not engine_answers(self._environment):
            return [_NO_ENGINE]
        running = {name for name in NAMES if self._container(name).get("State") == "running"}
        fields = [field for name, field in _PORT_FIELDS.items() if name not in running]
        return port_problems({PORT_SETTINGS[field]: getattr(self.ports, field) for field in fields})

    def prepare(self) -> None:
        """Fetch the images that are missing.

        Raises:
            UnavailableError: an image cannot be had.
        """
        self._compose("fetching the images", "pull", "--quiet", "--policy", "missing", *NAMES)

    def start(self) -> None:
        """Start what does not run and wait until all of them answer.

        Raises:
            ConfigurationError: the data was made with another password.
            UnavailableError: a server did not start; the message has its reason.
        """
        self.prepare()
        self._start(NAMES)

    def start_server(self, name: str) -> None:
        """Start one server and wait until it answers; as `start`."""
        self._start((name,))

    def stop(self) -> None:
        """End what runs, gracefully, and remove the containers; the volumes keep the data."""
        self._down()

    def stop_server(self, name: str) -> None:
        """End one server gracefully."""
        self._compose(f"stopping {name}", "stop", "--timeout", str(_STOP_SECONDS), name)

    def kill_server(self, name: str) -> None:
        """Kill a server with -9; it stays down until it is started."""
        self._compose(f"killing {name}", "kill", name)

    def save_sessions(self) -> None:
        """Have Mosquitto write its sessions and queues now, so that a kill right after it loses none."""
        self._compose("saving mosquitto's sessions", "kill", "--signal", "SIGUSR1", "mosquitto")

    def status(self) -> list[ServerStatus]:
        """How each server is, asked now."""
        return [self._status(name) for name in NAMES]

    def pids(self, name: str) -> list[int]:
        """All processes of a server as the host numbers them; empty when it does not run."""
        container = self._container(name)
        if container.get("State") != "running":
            return []
        listed = run(["docker", "top", str(container["ID"]), "-eo", "pid"], f"listing {name}", environment=os.environ)
        return [int(line) for line in listed.split()[1:]]

    def log(self, name: str) -> Path:
        """The server's log file, brought up to date."""
        path = self.home / "logs" / f"{name}.log"
        if self._container(name):
            path.parent.mkdir(parents=True, exist_ok=True)
            command = [*self._command, "logs", "--no-color", "--no-log-prefix", name]
            with path.open("wb") as file:
                subprocess.run(command, env=self._environment, stdout=file, stderr=subprocess.STDOUT, check=False)
        return path

    def wipe(self) -> None:
        """Stop, and delete the volumes and the logs; what else lies in the home stays."""
        self._down("--volumes")
        for name in NAMES:
            (self.home / "logs" / f"{name}.log").unlink(missing_ok=True)

    def _start(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name in FILLS and self._container(name).get("State") != "running":
                self._fill(name)
        wait = ["--detach", "--no-deps", "--wait", "--wait-timeout", str(_START_SECONDS)]
        try:
            self._compose("starting " + ", ".join(names), "up", *wait, *names)
        except UnavailableError as error:
            logs = ", ".join(str(self.log(name)) for name in names)
            raise UnavailableError(f"{error}; see {logs}") from error
        for name in names:
            server = self._servers[name]
            why = server.unready()
            if why is not None:
                raise UnavailableError(f"{name} does not answer: {why}; see {self.log(name)}")
            self.say(f"{name}: answers on port {server.port}")

    def _fill(self, name: str) -> None:
        """Write a server's files into its volume, by its own image: works with any engine, needs no root here."""
        script, variables = FILLS[name]
        options = [part for variable in variables for part in ("--env", variable)]
        once = ["--rm", "--no-deps", "-T", "--user", "root", "--entrypoint", "sh"]
        self._compose(f"{name}: writing its files", "run", *once, *options, name, "-ec", script)

    def _status(self, name: str) -> ServerStatus:
        container = self._container(name)
        server = self._servers[name]
        if container.get("State") != "running":
            return ServerStatus(name, up=False, pid=None, port=server.port, detail="does not run")
        inspect = ["docker", "inspect", "--format", "{{.State.Pid}}", str(container["ID"])]
        pid = int(run(inspect, f"inspecting {name}", environment=os.environ))
        try:
            why = server.unready()
        except ConfigurationError as error:
            why = str(error)
        return ServerStatus(name, up=why is None, pid=pid, port=server.port, detail=why or "answers")

    def _container(self, name: str) -> dict[str, Any]:
        """What compose says of the server's container; empty when there is none."""
        listed = self._compose(f"looking for {name}", "ps", "--all", "--format", "json", name)
        lines = [json.loads(line) for line in listed.splitlines() if line.startswith("{")]
        return dict(lines[0]) if lines else {}

    def _down(self, *options: str) -> None:
        for name in NAMES:
            self.log(name)
        self._compose("stopping the servers", "stop", "--timeout", str(_STOP_SECONDS))
        self._compose("removing the containers", "rm", "--force", "--volumes")  # the volumes without a name
        self._compose("removing the network", "down", *options)

    def _compose(self, purpose: str, *arguments: str) -> str:
        return run([*self._command, *arguments], purpose, environment=self._environment)
