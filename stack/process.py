"""Processes that outlive the one that started them: who they are, whether they live, how they end.

A pid file holds `PID START BOOT`: the start time in clock ticks since boot and the id of the boot. A pid that was
given to another process since then has another start time, so a stale file never points at a stranger.
"""

import os
import shutil
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_POLL_SECONDS = 0.05


class Process(msgspec.Struct, frozen=True):
    """One process, told apart from any later one with the same pid."""

    pid: int
    start_ticks: int
    boot_id: str


def identify(pid: int) -> Process | None:
    """The process that has this pid now; None when there is none, or only a zombie."""
    try:
        # The command's name, in brackets, may hold anything: split behind the last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, threads, start_ticks = fields[0], int(fields[17]), int(fields[19])
    # The first thread of a killed JVM is a zombie while others still hold its ports.
    if state in "ZX" and threads <= 1:
        return None
    return Process(pid, start_ticks, _BOOT_ID.read_text().strip())


def lives(process: Process) -> bool:
    """Whether exactly this process runs. A child of ours that ended is taken note of, so no zombie stays."""
    if identify(process.pid) == process:
        return True
    with suppress(ChildProcessError):  # not our child, or noted before
        os.waitpid(process.pid, os.WNOHANG)
    return False


def write_pid_file(path: Path, process: Process) -> None:
    """Write `PID START BOOT`, whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(f"{process.pid} {process.start_ticks} {process.boot_id}\n")
    unfinished.rename(path)


def read_pid_file(path: Path) -> Process | None:
    """The process of the pid file if it still runs; None when it does not, or the file is missing or not ours."""
    try:
        pid, start_ticks, boot_id = path.read_text().split()
        process = Process(int(pid), int(start_ticks), boot_id)
    except (FileNotFoundError, ValueError):
        return None
    return process if lives(process) else None


def launch(command: Sequence[str], log: Path) -> int:
    """Start a command in a session of its own (Ctrl-C in a terminal does not reach it); its words go to `log`.

    Returns its pid. It outlives this process; should it end before, `lives` takes note of that.
    """
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        shutil.which(command[0]) or command[0],
        list(command),
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), appending, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE],  # Python ignores SIGPIPE
    )


def members(folder: Path, program: str) -> list[int]:
    """Pids of all processes of `program` (a file name) that work in this folder, whoever their parent is."""
    try:
        wanted = folder.stat()
    except FileNotFoundError:
        return []
    found = []
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()):
        try:
            # The link itself may name a path of another root; following it always reaches the folder.
            working = Path(f"/proc/{pid}/cwd").stat()
            runs = Path(f"/proc/{pid}/exe").readlink().name
        except OSError:  # ended meanwhile, or a kernel thread
            continue
        if runs == program and (working.st_dev, working.st_ino) == (wanted.st_dev, wanted.st_ino):
            found.append(pid)
    return found


def end(process: Process, how: signal.Signals, seconds: float) -> bool:
    """Send a signal and wait; False when the process still runs after `seconds`."""
    if lives(process):
        os.kill(process.pid, how)
    deadline = time.monotonic() + seconds
    while lives(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
