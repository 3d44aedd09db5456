"""What stands in the way of a start, found before anything is started: one line each, which says what to do."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

from stack.cache import SETTING, cache_folder
from stack.ports import PORT_SETTINGS, Ports, is_free

_CACHE_BYTES = 3 << 30
_HOME_BYTES = 1 << 30
_TOOLS = {"unshare": "util-linux", "mount": "mount", "chroot": "coreutils"}
_SERVER_OF_PORT = {"kafka": "kafka", "kafka_controller": "kafka", "database": "timescaledb", "mqtt": "mosquitto"}
_OTHERWISE = "or use a Docker engine"


def problems(home: Path, ports: Ports, running: Collection[str]) -> list[str]:
    """Everything that would make a start fail; empty when nothing does.

    `running` names the servers that run already: their ports are theirs.
    """
    wanted = {
        setting: getattr(ports, field)
        for field, setting in PORT_SETTINGS.items()
        if _SERVER_OF_PORT[field] not in running
    }
    return [
        *machine_problems(sys.platform, os.geteuid()),
        *disk_problems(home, cache_folder()),
        *port_problems(wanted),
    ]


def machine_problems(platform: str, user_id: int) -> list[str]:
    """Whether this is Linux with apt, we are root, and the tools are there and allowed."""
    if platform != "linux":
        return [f"the stack without Docker runs on Linux, not on {platform}: use a Docker engine"]
    if shutil.which("apt-get") is None:
        return [f"apt-get is missing: the stack without Docker needs Debian or Ubuntu, {_OTHERWISE}"]
    if user_id != 0:
        return [f"not root: the stack installs packages and starts servers; run the same with sudo, {_OTHERWISE}"]
    missing = [f"{tool} is missing: apt-get install {package}" for tool, package in _TOOLS.items() if not _has(tool)]
    return missing or _namespace_problems()


def _has(tool: str) -> bool:
    return shutil.which(tool) is not None


def _namespace_problems() -> list[str]:
    tried = subprocess.run(["unshare", "--mount", "--propagation", "private", "true"], capture_output=True, check=False)
    if tried.returncode == 0:
        return []
    return [f"mount namespaces are forbidden here (a container?): give it the capability SYS_ADMIN, {_OTHERWISE}"]


def _free_bytes(folder: Path) -> int:
    existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    return shutil.disk_usage(existing).free


def disk_problems(home: Path, cache: Path, free_bytes: Callable[[Path], int] = _free_bytes) -> list[str]:
    """Whether the programs fit into the cache (when it is empty) and the data into the home."""
    needs = [(home, _HOME_BYTES, "the data", "choose another home or free some")]
    if not cache.exists() or not any(cache.iterdir()):
        needs.append((cache, _CACHE_BYTES, "the servers' programs", f"set {SETTING} to a larger disk or free some"))
    found = []
    for folder, needed, what, remedy in needs:
        free = free_bytes(folder)
        if free < needed:
            found.append(f"{folder}: {free / (1 << 30):.1f} GiB free, {what} need {needed >> 30} GiB: {remedy}")
    return found


def port_problems(ports: Mapping[str, int]) -> list[str]:
    """Which ports, given by the setting that changes each, are held by somebody else or asked for twice."""
    found = []
    seen: dict[int, str] = {}
    for setting, port in ports.items():
        if port in seen:
            found.append(f"port {port} is set for both {seen[port]} and {setting}: change one of them")
        elif not is_free(port):
            found.append(port_in_use(port, setting))
        seen[port] = setting
    return found


def port_in_use(port: int, setting: str) -> str:
    """The line that says who holds the port, as far as /proc tells, and what to change."""
    holder = who_listens(port)
    by = f" by {holder}" if holder else ""
    return f"port {port} is in use{by}: stop that, or set {setting} to a free port"


def who_listens(port: int, proc: Path = Path("/proc")) -> str | None:
    """`java (pid 123)` for the process that listens on the port; None when it cannot be told."""
    sockets = {f"socket:[{inode}]" for name in ("tcp", "tcp6") for inode in _listening(proc / "net" / name, port)}
    for process in proc.iterdir() if sockets else ():
        if process.name.isdecimal() and sockets & _open_files(process):
            with suppress(OSError):  # ended meanwhile
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    return None


def _open_files(process: Path) -> set[str]:
    """What the descriptors of a process point at; less when it ends or closes some meanwhile."""
    found = set()
    with suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                found.add(str(descriptor.readlink()))
    return found


# A line of /proc/net/tcp: "0: 0100007F:2384 00000000:0000 0A ... uid timeout inode"; state 0A is LISTEN.
_ROW = re.compile(r"\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:0000 0A (?:\S+ +){5}(\d+)")


def _listening(table: Path, port: int) -> list[str]:
    """Inodes of the sockets that listen on the port, by a table of /proc/net."""
    if not table.exists():
        return []
    rows = (_ROW.match(line) for line in table.read_text().splitlines())
    return [row[2] for row in rows if row and int(row[1], 16) == port]
