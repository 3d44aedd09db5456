"""A load: few connections, one prepared aircraft message, as fast as a window allows or at a fixed rate. For benches.

Every (device, timestamp) is sent once: timestamps of a device only grow, and a message that the broker has not
acknowledged when its connection goes is sent again as it was, on the next connection, and counted once.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Coroutine, Sequence
from typing import Any

import msgspec

from pipeline.mqtt.errors import BrokerAwayError
from simulate.load_sender import Load, LoadSender, serial_number

__all__ = ["Load", "Report", "run_load", "serial_number"]

_TICK_SECONDS = 0.002
_SETTLE_SECONDS = 20.0


class Report(msgspec.Struct, frozen=True):
    """What came of it. `seconds` is the time of sending; `acknowledged_messages` is empty unless asked for."""

    sent: int
    acknowledged: int
    resent: int
    seconds: float
    cpu_seconds: float
    acknowledged_messages: list[tuple[str, int]] = []

    @property
    def messages_per_second(self) -> float:
        """Acknowledged messages a second of sending."""
        return self.acknowledged / self.seconds if self.seconds else 0.0


async def run_load(load: Load) -> Report:
    """Connect, send for `load.seconds`, wait for what is outstanding, disconnect.

    Raises:
        ConfigurationError: the broker refuses the user.
        PublishRejectedError: the user may not publish the topics.
        BrokerAwayError: nothing connected in the first ten seconds.
    """
    mark = f"{random.getrandbits(40):010x}"
    senders = [
        LoadSender(load, range(place, load.devices, load.connections), f"windhover-load-{mark}-{place}")
        for place in range(min(load.connections, load.devices))
    ]
    running = [asyncio.ensure_future(sender.run()) for sender in senders]
    try:
        await _connected(senders, running)
        cpu, began = time.process_time(), time.monotonic()
        await _until_done(_send(load, senders, began), running)
        seconds = time.monotonic() - began
        await _until_done(_settle(senders), running)
        cpu = time.process_time() - cpu
    finally:
        for sender in senders:
            sender.disconnect()
        for task in running:
            task.cancel()
        await asyncio.wait(running)
    if refused := next((sender.refused for sender in senders if sender.refused), None):
        raise refused
    return Report(
        sent=sum(sender.sent for sender in senders),
        acknowledged=sum(sender.acknowledged for sender in senders),
        resent=sum(sender.resent for sender in senders),
        seconds=seconds,
        cpu_seconds=cpu,
        acknowledged_messages=[
            (serial_number(load, number), timestamp) for sender in senders for number, timestamp in sender.remembered
        ],
    )


async def _connected(senders: list[LoadSender], running: Sequence[asyncio.Future[None]]) -> None:
    async def all_open() -> None:
        while not all(sender.connected for sender in senders):  # noqa: ASYNC110 - many connections, one tick
            await asyncio.sleep(_TICK_SECONDS)

    try:
        await asyncio.wait_for(_until_done(all_open(), running), 10.0)
    except TimeoutError as error:
        raise BrokerAwayError(
            "the MQTT broker did not answer for ten seconds: start it or correct the address"
        ) from error


async def _send(load: Load, senders: list[LoadSender], began: float) -> None:
    end = began + load.seconds
    if not load.rate:
        for sender in senders:
            sender.greedy = True
            sender.send(load.window)
        await asyncio.sleep(load.seconds)
        for sender in senders:
            sender.greedy = False
        return
    done = 0
    while (now := time.monotonic()) < end:
        due = int((now - began) * load.rate) - done
        for place, sender in enumerate(senders):
            share = -(-due // (len(senders) - place))
            sent = sender.send(share) if share > 0 else 0
            done, due = done + sent, due - share
        await asyncio.sleep(_TICK_SECONDS)


async def _settle(senders: list[LoadSender]) -> None:
    """Wait for acknowledgements, through a reconnect where it takes one."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SETTLE_SECONDS):
            while any(sender.unacknowledged for sender in senders):  # noqa: ASYNC110 - many connections, one tick
                await asyncio.sleep(_TICK_SECONDS)


async def _until_done(work: Coroutine[Any, Any, None], running: Sequence[asyncio.Future[None]]) -> None:
    """Wait for `work`, or for a connection that ends for good, whose error is raised."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task, *running], return_when=asyncio.FIRST_COMPLETED)
        for each in running:
            if each.done():
                each.result()
        await task
    finally:
        task.cancel()
