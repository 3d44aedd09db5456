"""Runs processes and keeps them running: restart with back-off, bounded logs, a clear word when one keeps dying.

A process is started in a session of its own, so that Ctrl-C reaches the supervisor alone, and asks the kernel to be
ended when the supervisor dies. The state (`run/roles.json`) is for `windhover status`.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

BACK_OFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 30.0  # a process that lived this long starts over at the first back-off
LOG_LIMIT_BYTES = 50 << 20
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class ProcessPlan(msgspec.Struct, frozen=True):
    """One process to keep running. `stop_seconds`: how long it may take to end after SIGTERM."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ops_port: int = 0
    stop_seconds: float = 15.0


class ProcessState(msgspec.Struct, omit_defaults=True):
    """What is known of a running process; `started_at` in epoch seconds."""

    name: str
    pid: int
    ops_port: int
    started_at: float
    restarts: int = 0
    last_exit: int | None = None


class Supervisor:
    """Keeps the planned processes running until `stop`. Not thread-safe: call `tick` from one loop."""

    def __init__(self, plans: Sequence[ProcessPlan], folder: Path, say: Callable[[str], None]) -> None:
        self.plans = list(plans)
        self._say = say
        self._logs = folder / "logs"
        self._state_file = folder / "run" / "roles.json"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._state: dict[str, ProcessState] = {}
        self._due: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def start(self) -> None:
        """Start every process once."""
        for directory in (self._logs, self._state_file.parent):
            directory.mkdir(parents=True, exist_ok=True)
        for plan in self.plans:
            self._start(plan)
        self._write_state()

    def tick(self, now: float | None = None) -> None:
        """Notice what ended and start it again when its back-off has passed; call a few times a second."""
        now = time.monotonic() if now is None else now
        for plan in self.plans:
            process = self._running.get(plan.name)
            if process is not None and process.poll() is not None:
                self._note_exit(plan, process.returncode, now)
            if plan.name not in self._running and now >= self._due.get(plan.name, 0.0):
                self._start(plan)
                self._write_state()
            self._bound_log(plan)

    def pid(self, name: str) -> int:
        """The process id of a running process; 0 when it is down just now."""
        process = self._running.get(name)
        return process.pid if process is not None and process.poll() is None else 0

    def stop(self) -> None:
        """End all processes in the order of the plans, each gracefully, then by force."""
        for plan in self.plans:
            self.stop_one(plan.name)
        self._state_file.unlink(missing_ok=True)

    def stop_one(self, name: str) -> int | None:
        """End one process and keep it down; returns its exit code."""
        self._due[name] = float("inf")
        process = self._running.pop(name, None)
        if process is None:
            return None
        plan = next(plan for plan in self.plans if plan.name == name)
        if process.poll() is None:
            process.terminate()
        try:
            return process.wait(plan.stop_seconds)
        except subprocess.TimeoutExpired:
            self._say(f"{name} did not end within {plan.stop_seconds:.0f} s: ended by force")
            process.kill()
            return process.wait()

    def kill_one(self, name: str) -> None:
        """Kill one process with -9, as a test of what follows; the next ticks start it again."""
        process = self._running[name]
        process.kill()
        process.wait()

    def start_one(self, name: str) -> None:
        """Let a process that was stopped or is waiting start at the next tick."""
        self._due[name] = 0.0

    def _start(self, plan: ProcessPlan) -> None:
        with (self._logs / f"{plan.name}.log").open("ab") as log:
            process = subprocess.Popen(
                list(plan.command),
                env=dict(plan.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - runs in the child of a single-threaded supervisor
            )
        self._running[plan.name] = process
        before = self._state.get(plan.name)
        self._state[plan.name] = ProcessState(
            plan.name,
            process.pid,
            plan.ops_port,
            time.time(),
            restarts=before.restarts + 1 if before else 0,
            last_exit=before.last_exit if before else None,
        )

    def _note_exit(self, plan: ProcessPlan, code: int, now: float) -> None:
        del self._running[plan.name]
        state = self._state[plan.name]
        state.last_exit = code
        lived = time.time() - state.started_at
        failures = 0 if lived > STEADY_SECONDS else self._failures.get(plan.name, 0) + 1
        self._failures[plan.name] = failures
        wait = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS)) - 1] if failures else BACK_OFF_SECONDS[0]
        self._due[plan.name] = now + wait
        log = self._logs / f"{plan.name}.log"
        reason = f"signal {-code}" if code < 0 else f"exit code {code}"
        self._say(f"{plan.name} ended ({reason}) after {lived:.0f} s, starts again in {wait:.1f} s; its log: {log}")
        if failures == len(BACK_OFF_SECONDS):
            self._say(f"{plan.name} keeps dying: read the end of {log}, then run `windhover doctor`")
        self._write_state()

    def _bound_log(self, plan: ProcessPlan) -> None:
        """Logs are opened for appending, so cutting one under its writer is safe."""
        log = self._logs / f"{plan.name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            os.truncate(log, 0)

    def _write_state(self) -> None:
        temporary = self._state_file.with_suffix(".new")
        temporary.write_bytes(msgspec.json.encode(list(self._state.values())))
        temporary.replace(self._state_file)


def read_states(folder: Path) -> list[ProcessState]:
    """The processes of the system in `folder`; empty when none was started."""
    try:
        return msgspec.json.decode((folder / "run" / "roles.json").read_bytes(), type=list[ProcessState])
    except FileNotFoundError:
        return []


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
