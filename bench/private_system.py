"""A system of its own for one measurement: temporary home, free ports, no simulated fleet; nothing of it stays."""

import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from bench.cpu import Processes
from stack.ports import free_ports
from system.home import SystemPorts, home_folder, open_home
from system.running import RunningSystem


def free_run(count: int) -> int:
    """The first of `count` neighbouring ports that are all free."""
    for first in range(21_000, 60_000, count):
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise OSError(f"no {count} neighbouring ports are free")


def say(line: str) -> None:
    """Progress goes to standard error, so that standard output keeps the figures."""
    print(f"  {line}", file=sys.stderr, flush=True)


@contextmanager
def private_system(
    counts: Mapping[str, int] | None = None, overrides: Mapping[str, object] | None = None
) -> Iterator[RunningSystem]:
    """A running system with the given processes by role; stopped and deleted at the end, its logs kept on a failure."""
    parent = home_folder() / "bench"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    first = free_run(16)
    ports = SystemPorts(**msgspec.structs.asdict(free_ports()), http=first, ops_first=first + 1)
    system = RunningSystem(open_home(folder, ports), say, counts=counts, overrides=overrides)
    try:
        with system:
            system.start()
            yield system
    except BaseException:
        say(f"the logs stay in {folder / 'logs'}")
        raise
    shutil.rmtree(folder)


def processes_of(system: RunningSystem) -> Processes:
    """Every process of the system by name: roles and servers."""
    roles = {plan.name: (lambda name=plan.name: [system.supervisor.pid(name)]) for plan in system.supervisor.plans}
    servers = {name: (lambda name=name: system.stack.pids(name)) for name in ("kafka", "mosquitto", "timescaledb")}
    return {**roles, **servers}
