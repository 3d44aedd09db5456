"""The load generator as a process of its own, so that its CPU is not the bench's: `python -m bench.load_process`.

Reads a `simulate.load.Load` as JSON from standard input; prints `LoadFigures` as one JSON line.
"""

import subprocess
import sys
import time
from collections.abc import Callable

import msgspec
import uvloop

from pipeline.errors import UnavailableError
from simulate.load import Load
from simulate.load import run_load as send_load
from system.home import FLEET_USER, Home

_SETTLE_SECONDS = 60.0


class LoadFigures(msgspec.Struct, frozen=True):
    """What a load did; `began_at` in epoch seconds."""

    sent: int
    acknowledged: int
    resent: int
    began_at: float
    seconds: float
    cpu_seconds: float
    acknowledged_messages: list[tuple[str, int]] = []


def fleet_load(
    home: Home, *, seconds: float, rate: float, devices: int, connections: int, remember: bool = False
) -> Load:
    """A load as the fleet's MQTT user of a home; `rate` 0 is as fast as it goes."""
    settings = home.settings()
    return Load(
        host=settings.mqtt_host,
        port=settings.mqtt_port,
        username=FLEET_USER,
        password=home.secrets.mqtt_fleet,
        seconds=seconds,
        rate=rate,
        devices=devices,
        connections=connections,
        remember=remember,
    )


def run_load(load: Load, keep: Callable[[], None]) -> LoadFigures:
    """Run a load to its end; `keep` is called several times a second meanwhile.

    Raises:
        UnavailableError: the generator failed; its last words are in the message.
    """
    command = [sys.executable, "-m", "bench.load_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(load))
        process.stdin.close()
        process.stdin = None
        until = time.monotonic() + load.seconds + _SETTLE_SECONDS
        while True:
            try:
                out, err = process.communicate(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                keep()
                if time.monotonic() > until:
                    process.kill()
    if process.returncode:
        raise UnavailableError(f"the load generator failed: {err.decode().strip().splitlines()[-1:]}")
    return msgspec.json.decode(out, type=LoadFigures)


def main() -> None:
    """Send what standard input says."""
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    began_at = time.time()
    report = uvloop.run(send_load(load))
    figures = LoadFigures(
        report.sent,
        report.acknowledged,
        report.resent,
        began_at,
        report.seconds,
        report.cpu_seconds,
        report.acknowledged_messages,
    )
    print(msgspec.json.encode(figures).decode(), flush=True)


if __name__ == "__main__":
    main()
