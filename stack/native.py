"""The stack: Kafka, TimescaleDB and Mosquitto on this machine, their data in one home folder.

Home: `kafka/ timescaledb/ mosquitto/` data and configuration, `logs/NAME.log`, `run/NAME.pid` and a lock. Starting and
ending take the lock, so two at once wait for each other.
"""

import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from stack.cache import locked
from stack.kafka import Kafka
from stack.lifecycle import Lifecycle, ServerStatus
from stack.mosquitto import Mosquitto
from stack.ports import HOST, Ports
from stack.preflight import problems
from stack.server import Say, Server
from stack.timescaledb import TimescaleDB


class Stack:
    """The three servers of one home. Every method may be called again: what is done already is left as it is."""

    def __init__(self, home: Path, ports: Ports, database_password: str, dynamic_security: bytes, say: Say) -> None:
        self.home = home.absolute()
        self.ports = ports
        self.say = say
        self._timescaledb = TimescaleDB(self.home / "timescaledb", ports.database, database_password)
        servers: list[Server] = [
            Kafka(self.home / "kafka", ports.kafka, ports.kafka_controller),
            self._timescaledb,
            Mosquitto(self.home / "mosquitto", ports.mqtt, dynamic_security),
        ]
        self._lives = {
            server.name: Lifecycle(server, self.log(server.name), self._run / f"{server.name}.pid", say)
            for server in servers
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
        """What stands in the way of `prepare` and `start`, one line each; empty when nothing does."""
        running = [name for name, life in self._lives.items() if life.running()]
        return problems(self.home, self.ports, running)

    def prepare(self) -> None:
        """Install and fetch what is missing.

        Raises:
            UnavailableError: a download or an installation failed.
        """
        _together(partial(life.server.prepare, self.say) for life in self._lives.values())

    def start(self) -> None:
        """Prepare, start what does not run, all at once, and wait until all of them answer.

        Raises:
            ConfigurationError: a port is in use, or the data was made with another password.
            UnavailableError: a server did not start; the message has its reason and the path of its log.
        """
        self.prepare()
        with self._lock():
            _together(life.start for life in self._lives.values())

    def start_server(self, name: str) -> None:
        """Start one server and wait until it answers; as `start`."""
        self._lives[name].server.prepare(self.say)
        with self._lock():
            self._lives[name].start()

    def stop(self) -> None:
        """End what runs, gracefully, the database last."""
        with self._lock():
            self._stop()

    def _stop(self) -> None:
        _together(life.stop for life in self._lives.values() if life.server is not self._timescaledb)
        self._lives[self._timescaledb.name].stop()

    def stop_server(self, name: str) -> None:
        """End one server gracefully."""
        with self._lock():
            self._lives[name].stop()

    def kill_server(self, name: str) -> None:
        """Kill a server with -9 and wait until nothing of it is left."""
        with self._lock():
            self._lives[name].kill()

    def save_sessions(self) -> None:
        """Have Mosquitto write its sessions and queues now, so that a kill right after it loses none."""
        for pid in self.pids("mosquitto"):
            os.kill(pid, signal.SIGUSR1)

    def status(self) -> list[ServerStatus]:
        """How each server is, asked now."""
        return [life.status() for life in self._lives.values()]

    def pids(self, name: str) -> list[int]:
        """All processes of a server, for accounting; empty when it does not run."""
        return self._lives[name].pids()

    def log(self, name: str) -> Path:
        """The server's log file."""
        return self.home / "logs" / f"{name}.log"

    def wipe(self) -> None:
        """Stop, and delete the servers' data, logs and pid files; what else lies in the home stays."""
        with self._lock():
            self._stop()
            for life in self._lives.values():
                life.wipe()

    @property
    def _run(self) -> Path:
        return self.home / "run"

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self._run / "stack.lock")


def _together(actions: Iterable[Callable[[], None]]) -> None:
    """Do all at once and wait for all; the first error is raised when all have ended."""
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(action) for action in actions]:
            done.result()
