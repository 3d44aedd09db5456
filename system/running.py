"""From nothing to a running system, step by step, and back: what `windhover up`, the tests and the benches share."""

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.kafka import create_topics
from pipeline.store.migrate import migrate
from stack.ports import is_free
from stack.preflight import port_in_use
from system.home import Home, Say
from system.provision import provision
from system.roles import Fleet, fleet_plan, fleet_things, role_plans
from system.status import is_ready
from system.supervisor import Supervisor, read_states

READY_SECONDS = 60.0


class RunningSystem:
    """Starts the stack and the roles of one home; a context manager that stops what it started.

    Attributes:
        supervisor: the processes, once `start` has come so far.
        stack: the three servers.
    """

    def __init__(
        self,
        home: Home,
        say: Say,
        *,
        counts: Mapping[str, int] | None = None,
        overrides: Mapping[str, object] | None = None,
        fleet: Fleet | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self.stack = home.stack(say)
        self._say = say
        self._lock: IO[str] | None = None
        self._begun = False
        self._things = fleet_things(fleet) if fleet else []
        environment = os.environ if environment is None else environment
        plans = role_plans(home, environment, counts, overrides)
        if fleet is not None and fleet.aircraft:
            plans.insert(0, fleet_plan(home, environment, fleet))
        self.supervisor = Supervisor(plans, home.path, say)

    def start(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Check, start the servers, migrate, make topics and the first account, start the roles, wait until ready.

        Raises:
            ConfigurationError: something stands in the way; every problem is one line of the message.
            UnavailableError: a server or a role did not become ready.
        """
        self._claim()
        problems = self._problems()
        if problems:
            raise ConfigurationError("\n".join(problems))
        self._begun = True
        for step in (self._start_stack, self._prepare_data, self.supervisor.start):
            if stopping():
                return
            step()
        self.home.write_run_file()
        self.wait_ready(READY_SECONDS, stopping)
        self.stack.save_sessions()

    def wait_ready(self, seconds: float, stopping: Callable[[], bool] = lambda: False) -> None:
        """Wait until every process says that it does its work.

        Raises:
            UnavailableError: one did not within `seconds`; the message names it, its reason and its log.
        """
        until = time.monotonic() + seconds
        waiting: dict[str, str | None] = {plan.name: "not started" for plan in self.supervisor.plans}
        while waiting and not stopping():
            self.supervisor.tick()
            states = {state.name: state for state in read_states(self.home.path)}
            for name in list(waiting):
                ready, reason = is_ready(states[name]) if name in states else (False, "not started")
                waiting[name] = reason
                if ready:
                    del waiting[name]
                    self._say(f"{name} is ready")
            if waiting and time.monotonic() > until:
                name, reason = next(iter(waiting.items()))
                log = self.home.logs / f"{name}.log"
                raise UnavailableError(f"{name} is not ready after {seconds:.0f} s ({reason}): read {log}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the roles, then the servers; what was not begun here (another runs this home) is left alone."""
        if self._begun:
            self._say("stopping the roles")
            self.supervisor.stop()
            self._say("stopping Mosquitto, Kafka and TimescaleDB")
            self.stack.stop()
            self._begun = False
        if self._lock is not None:
            (self.home.path / "run" / "supervisor.pid").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _claim(self) -> None:
        """One supervisor per home: the lock goes with the process, however it ends."""
        folder = self.home.path / "run"
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "supervisor.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ConfigurationError(
                f"the system in {self.home.path} is running already: "
                "look with `windhover status`, end it with `windhover down`"
            ) from None
        self._lock = lock
        (folder / "supervisor.pid").write_text(str(os.getpid()))

    def _problems(self) -> Sequence[str]:
        wanted = {"WINDHOVER_HTTP_PORT": self.home.ports.http}
        wanted |= {
            f"WINDHOVER_OPS_FIRST_PORT (now {self.home.ports.ops_first}, {plan.name} follows)": plan.ops_port
            for plan in self.supervisor.plans
            if plan.ops_port
        }
        taken = [port_in_use(port, setting) for setting, port in wanted.items() if not is_free(port)]
        return [*self.stack.problems(), *taken]

    def _start_stack(self) -> None:
        self.stack.prepare()
        self.stack.start()

    def _prepare_data(self) -> None:
        settings = self.home.settings()
        applied = migrate(settings.database, self._say)
        if not applied:
            self._say("the database is up to date")
        made = asyncio.run(create_topics(settings))
        self._say(f"topics made: {', '.join(made)}" if made else "the topics are there")
        provision(settings, self.home.secrets, self._things, self._say)


def supervisor_pid(folder: Path) -> int:
    """The process that runs the system in `folder`; 0 when none does."""
    lock_file = folder / "run" / "supervisor.lock"
    if not lock_file.exists():
        return 0
    with lock_file.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int((folder / "run" / "supervisor.pid").read_text() or 0)
    return 0
