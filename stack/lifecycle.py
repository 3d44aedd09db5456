"""The life of one server: start until it answers, graceful end, kill, and how it is now."""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigurationError, UnavailableError
from stack import process
from stack.commands import reason
from stack.ports import is_free
from stack.preflight import port_in_use
from stack.process import Process
from stack.server import Say, Server

_STOP_SECONDS = 60.0
_REMAINS_SECONDS = 10.0
_POLL_SECONDS = 0.1
_LOG_LIMIT_BYTES = 10 << 20


class ServerStatus(NamedTuple):
    """How one server is. `pid` is None when it does not run; `detail` is a few words for people."""

    name: str
    up: bool
    pid: int | None
    port: int
    detail: str


class Lifecycle:
    """Starts and ends one server. Holds no lock: two that act on one server at once are the caller's to keep apart."""

    def __init__(self, server: Server, log: Path, pid_file: Path, say: Say) -> None:
        self.server = server
        self.log = log
        self.say = say
        self._pid_file = pid_file

    def running(self) -> Process | None:
        """The server's main process, if it lives."""
        return process.read_pid_file(self._pid_file)

    def pids(self) -> list[int]:
        """All processes of the server."""
        return process.members(self.server.working_folder, self.server.program)

    def status(self) -> ServerStatus:
        """How the server is, asked now."""
        running = self.running()
        if running is None:
            return ServerStatus(self.server.name, up=False, pid=None, port=self.server.port, detail="does not run")
        try:
            why = self.server.unready()
        except ConfigurationError as error:
            why = str(error)
        detail = why or "answers"
        return ServerStatus(self.server.name, up=why is None, pid=running.pid, port=self.server.port, detail=detail)

    def start(self) -> None:
        """Start the server unless it runs, and wait until it answers.

        Raises:
            ConfigurationError: its port is in use, or it refuses our password.
            UnavailableError: it ended, or does not answer in time; the message names the reason and the log.
        """
        running = self.running()
        if running is not None:
            self._await_answer(running, 0)
            return
        began = time.monotonic()
        self._end_remains()
        for setting, port in self.server.listens.items():
            if not is_free(port):
                raise ConfigurationError(port_in_use(port, setting))
        self.server.lay_out()
        told = self._begin_log()
        self._await_answer(self._launch(), told)
        self.say(f"{self.server.name}: answers on port {self.server.port} after {time.monotonic() - began:.1f} s")

    def _begin_log(self) -> int:
        """Make room in the log; returns its length in bytes."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.rename(self._older_log)
        self.log.touch()
        return self.log.stat().st_size

    def _launch(self) -> Process:
        self._pid_file.parent.mkdir(parents=True, exist_ok=True)
        pid = process.launch(self.server.command(), self.log)
        launched = process.identify(pid)
        if launched is None:
            raise UnavailableError(f"{self.server.name}: {self._last_words(0)}")
        process.write_pid_file(self._pid_file, launched)
        return launched

    def _await_answer(self, running: Process, told: int) -> None:
        deadline = time.monotonic() + self.server.start_seconds
        while (why := self.server.unready()) is not None:
            if not process.lives(running):
                self._pid_file.unlink(missing_ok=True)
                raise UnavailableError(f"{self.server.name} ended at its start: {self._last_words(told)}")
            if time.monotonic() > deadline:
                waited = f"{self.server.start_seconds:.0f} s"
                raise UnavailableError(f"{self.server.name} does not answer after {waited}: {why}; see {self.log}")
            time.sleep(_POLL_SECONDS)

    def _last_words(self, told: int) -> str:
        """Why, from what the log says since `told` bytes, and where to read on."""
        with self.log.open("rb") as file:
            file.seek(told)
            words = file.read(1 << 20).decode(errors="replace")
        return f"{reason(words)}; see {self.log}"

    def stop(self) -> None:
        """Ask the server to end and wait for it; one that does not listen is killed, and that is said."""
        running = self.running()
        if running is not None and not process.end(running, self.server.stop_signal, _STOP_SECONDS):
            self.say(f"{self.server.name}: did not stop within {_STOP_SECONDS:.0f} s, killing it")
        self.kill()

    def kill(self) -> None:
        """End the server with SIGKILL and wait until nothing of it is left."""
        running = self.running()
        if running is not None:
            process.end(running, signal.SIGKILL, _REMAINS_SECONDS)
        self._end_remains()
        self._pid_file.unlink(missing_ok=True)

    def wipe(self) -> None:
        """Delete the data and the logs of a server that does not run."""
        if self.server.folder.exists():
            shutil.rmtree(self.server.folder)
        for log in (self.log, self._older_log):
            log.unlink(missing_ok=True)

    @property
    def _older_log(self) -> Path:
        return self.log.with_suffix(".log.1")

    def _end_remains(self) -> None:
        """Wait for the children of a dead server to end by themselves; kill those that do not."""
        deadline = time.monotonic() + _REMAINS_SECONDS
        while pids := self.pids():
            if time.monotonic() > deadline:
                for pid in pids:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(_POLL_SECONDS)
