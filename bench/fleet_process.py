"""The simulated fleet as a process that remembers what was acknowledged: `python -m bench.fleet_process`.

Reads a `FleetLoad` as JSON from the first line of standard input, flies until standard input ends, waits for the last
acknowledgements and prints `FleetFigures` as one JSON line.
"""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable

import msgspec
import uvloop

from pipeline.errors import UnavailableError
from simulate.fleet import Fleet, Message, SimulatedFleet
from simulate.run import Address, FleetRun
from system.home import FLEET_USER, Home

_SETTLE_SECONDS = 60.0


class FleetLoad(msgspec.Struct, frozen=True):
    """Who flies, and how many messages a second all of them send."""

    fleet: Fleet
    address: Address
    rate: float


class FleetFigures(msgspec.Struct, frozen=True):
    """What came of it; telemetry only: the topology messages that clients begin with are not counted as sent.

    `acknowledged` has every acknowledged message as (device, epoch milliseconds).
    """

    sent: int
    resent: int
    skipped: int
    acknowledged: list[tuple[str, int]]


class _Envelope(msgspec.Struct):
    timestamp: int


class Ledger:
    """Remembers each acknowledged telemetry message."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, int]] = []
        self._decode = msgspec.json.Decoder(_Envelope).decode

    def note(self, message: Message) -> None:
        """Called with a message that the broker has taken."""
        topic, payload = message
        parts = topic.split("/")
        if parts[-1] == "osd":
            self.entries.append((parts[2], self._decode(payload).timestamp))


class FleetProcess:
    """The process, seen from the bench: start, then `finish`."""

    def __init__(self, home: Home, aircraft: int, rate: float) -> None:
        settings = home.settings()
        address = Address(settings.mqtt_host, settings.mqtt_port, FLEET_USER, home.secrets.mqtt_fleet)
        load = FleetLoad(Fleet(aircraft=aircraft, docks=0, things=0, user=FLEET_USER), address, rate)
        command = [sys.executable, "-m", "bench.fleet_process"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(load) + b"\n")
        self._process.stdin.flush()

    def finish(self, keep: Callable[[], None]) -> FleetFigures:
        """Land the fleet and read its figures; `keep` is called several times a second meanwhile.

        Raises:
            UnavailableError: the fleet ended before it was told to, or with an error.
        """
        answer: list[bytes] = []
        reader = threading.Thread(target=lambda: answer.append(self._process.communicate()[0]), daemon=True)
        reader.start()  # communicate() closes standard input, which ends the flight
        while reader.is_alive():
            keep()
            reader.join(0.2)
        if self._process.returncode or not answer:
            raise UnavailableError(f"the simulated fleet failed with exit code {self._process.returncode}")
        return msgspec.json.decode(answer[0], type=FleetFigures)


async def _fly(load: FleetLoad) -> FleetFigures:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(stop.set)), daemon=True).start()
    fleet = SimulatedFleet(load.fleet)
    ledger = Ledger()
    run = FleetRun(fleet, load.address, rate=load.rate, acknowledged=ledger.note)
    figures = await run.run(0, stop, lambda _: None)
    return FleetFigures(figures.sent - len(fleet.clients), figures.resent, figures.skipped, ledger.entries)


def main() -> None:
    """Fly what the first line of standard input says."""
    load = msgspec.json.decode(sys.stdin.readline(), type=FleetLoad)
    print(msgspec.json.encode(uvloop.run(_fly(load))).decode(), flush=True)


if __name__ == "__main__":
    main()
