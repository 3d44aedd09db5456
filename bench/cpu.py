"""CPU seconds and memory of processes, read from /proc."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")

#: name -> its process ids now; asked at every reading, because processes are restarted.
Processes = Mapping[str, Callable[[], Iterable[int]]]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children that have ended; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / _TICKS


def memory_bytes(pid: int) -> int:
    """Resident memory of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def reading(processes: Processes) -> dict[str, float]:
    """CPU seconds so far, by name."""
    return {name: sum(cpu_seconds(pid) for pid in pids()) for name, pids in processes.items()}


def microseconds_per_message(
    before: Mapping[str, float], after: Mapping[str, float], messages: int
) -> dict[str, float]:
    """CPU microseconds for each message, by name, and their `sum`."""
    spent = {name: round((after[name] - before[name]) / max(messages, 1) * 1e6, 1) for name in before}
    return {**spent, "sum": round(sum(spent.values()), 1)}


def machine_busy_seconds() -> float:
    """CPU seconds that the whole machine has spent on anything but waiting; for telling a noisy run."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / _TICKS
