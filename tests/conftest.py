"""What tests of several kinds share: one whole running system, started as a user starts it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bench.private_system import free_run
from stack.ports import free_ports

START_SECONDS = 240


class RunningSystem(msgspec.Struct, frozen=True):
    """A system that `windhover up` runs: what `run.json` says, and the environment for further commands."""

    home: Path
    pid: int
    environment: dict[str, str]
    url: str
    token: str
    user: str
    password: str
    mqtt: dict[str, str | int]

    def windhover(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        """Run the command line against this system."""
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            env=self.environment, capture_output=True, text=True, timeout=120, check=False, **options,
        )  # fmt: skip


def system_environment(home: Path) -> dict[str, str]:
    """An environment in which commands know only this home, on ports that are free now."""
    first = free_run(16)
    ports = {f"WINDHOVER_{name.upper()}_PORT": port for name, port in msgspec.structs.asdict(free_ports()).items()}
    ports |= {"WINDHOVER_HTTP_PORT": first, "WINDHOVER_OPS_FIRST_PORT": first + 1}
    own = {name: value for name, value in os.environ.items() if not name.startswith("WINDHOVER_")}
    kept = {name: os.environ[name] for name in ("WINDHOVER_CACHE", "WINDHOVER_STACK") if name in os.environ}
    return {**own, **kept, "WINDHOVER_HOME": str(home), **{name: str(port) for name, port in ports.items()}}


def start_system(home: Path, environment: dict[str, str], *options: str) -> subprocess.Popen[str]:
    """Run `windhover up` and wait until it says that everything is running."""
    home.mkdir(parents=True, exist_ok=True)
    log = home / "up.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "up", *options],
            env=environment, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True, text=True,
        )  # fmt: skip
    until = time.monotonic() + START_SECONDS
    while "everything is running" not in log.read_text():
        if process.poll() is not None or time.monotonic() > until:
            stop_system(process)
            pytest.fail(f"windhover up did not come up:\n{log.read_text()}", pytrace=False)
        time.sleep(0.2)
    return process


def stop_system(process: subprocess.Popen[str]) -> int:
    """What Ctrl-C does; gives the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    return process.wait(timeout=90)


@pytest.fixture(scope="session")
def running_system(tmp_path_factory) -> Iterator[RunningSystem]:
    """A system with a small simulated fleet, shared by all tests that only look at it."""
    home = tmp_path_factory.mktemp("system")
    environment = system_environment(home)
    process = start_system(home, environment, "--aircraft", "4", "--docks", "2", "--things", "2")
    run = msgspec.json.decode((home / "run.json").read_bytes())
    try:
        yield RunningSystem(
            home, process.pid, environment, run["url"], run["token"], run["user"], run["password"], run["mqtt"]
        )
    finally:
        assert stop_system(process) == 0, (home / "up.log").read_text()
