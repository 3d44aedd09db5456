"""Device to row: MQTT QoS 1, aircraft OSD of 1.9 kB, committed rows; everything on this machine.

First as fast as it goes for `seconds`, which gives the sustained rate; then at half that rate (or the given one), which
gives the latency from the device's time stamp to the end of the row's transaction.
"""

from typing import Any

import msgspec

from bench.cpu import machine_busy_seconds, memory_bytes, microseconds_per_message, reading
from bench.landing import wait_landed
from bench.load_process import LoadFigures, fleet_load, run_load
from bench.private_system import private_system, processes_of, say
from bench.rows import ask
from system.running import RunningSystem

WARM_UP_SECONDS = 8.0
MARGIN_SECONDS = 2.0


class Part(msgspec.Struct, frozen=True):
    """One load, from its first message to its last row; times are epoch seconds, `cpu` microseconds per message."""

    load: LoadFigures
    last_row_at: float
    cpu: dict[str, float]

    @property
    def messages_per_second(self) -> float:
        """Acknowledged messages over the time until the last of them had its row."""
        return self.load.acknowledged / max(self.last_row_at - self.load.began_at, 1e-3)


def measure(seconds: float, devices: int, connections: int, rate: float | None) -> dict[str, Any]:
    """The figures of one run; `rate` in messages a second for the latency part, half the sustained one when None."""
    with private_system() as system:
        say(f"warming up: full speed for {WARM_UP_SECONDS:.0f} s, {devices} devices")
        warm = _part(system, WARM_UP_SECONDS, 0.0, devices, connections)
        say(f"full speed for {seconds:.0f} s")
        full = _part(system, seconds, 0.0, devices, connections, already=warm.load.acknowledged)
        half = rate or full.messages_per_second / 2
        say(f"{half:.0f} messages/s for {seconds:.0f} s")
        before = warm.load.acknowledged + full.load.acknowledged
        steady = _part(system, seconds, half, devices, connections, already=before)
        dsn = system.home.settings().database
        # From the middle: not while the load begins or ends.
        from_ms = int((steady.load.began_at + MARGIN_SECONDS) * 1000)
        to_ms = int((steady.load.began_at + steady.load.seconds - MARGIN_SECONDS / 2) * 1000)
        latency_rows, p50, p90, p99 = ask(dsn, "bench_latency", from_ms=from_ms, to_ms=to_ms)
        landed, distinct = ask(dsn, "bench_landed")
        memory = {
            name: round(sum(memory_bytes(pid) for pid in pids()) / 1e6) for name, pids in processes_of(system).items()
        }
    loads = [part.load for part in (warm, full, steady)]
    acknowledged = sum(load.acknowledged for load in loads)
    return {
        "messages_per_second": round(full.messages_per_second),
        "latency_p50_ms": round(p50, 1),
        "latency_p90_ms": round(p90, 1),
        "latency_p99_ms": round(p99, 1),
        "latency_at_messages_per_second": round(half),
        "latency_rows": latency_rows,
        "cpu_us_per_message": full.cpu,
        "cpu_us_per_message_at_half_rate": steady.cpu,
        "memory_mb": memory,
        "sent": sum(load.sent for load in loads),
        "acknowledged": acknowledged,
        "landed": landed,
        "missing": acknowledged - distinct,
        "duplicates": landed - distinct,
    }


def _part(
    system: RunningSystem, seconds: float, rate: float, devices: int, connections: int, *, already: int = 0
) -> Part:  # fmt: skip
    """Run one load and wait for its rows; `already` messages have landed before."""
    dsn = system.home.settings().database
    processes = processes_of(system)
    before, busy = reading(processes), machine_busy_seconds()
    wanted = fleet_load(system.home, seconds=seconds, rate=rate, devices=devices, connections=connections)
    load = run_load(wanted, system.supervisor.tick)
    wait_landed(dsn, already + load.acknowledged, system.supervisor.tick)
    cpu = microseconds_per_message(before, reading(processes), load.acknowledged)
    cpu["generator"] = round(load.cpu_seconds / max(load.acknowledged, 1) * 1e6, 1)
    cpu["machine"] = round((machine_busy_seconds() - busy) / max(load.acknowledged, 1) * 1e6, 1)
    return Part(load, ask(dsn, "bench_last_stored")[0], cpu)
