"""Puts the chunk consumer into a Faust app."""

from typing import Any

from faust.transport.drivers.aiokafka import Transport

from agents.chunks.consumer import ChunkConsumer
from agents.chunks.options import Options


def install(app: Any, options: Options) -> None:
    """Make `app` consume chunks; before its consumer is first used.

    Raises:
        RuntimeError: Faust did not take the consumer. A hook that does not take would fail in silence later.
    """
    consumer = type("InstalledChunkConsumer", (ChunkConsumer,), {"options": options, "__module__": __name__})
    transport = type("ChunkTransport", (Transport,), {"Consumer": consumer, "__module__": __name__})
    app.transport = transport(app.conf.broker_consumer, app)
    if not isinstance(app.consumer, consumer):
        raise RuntimeError(  # noqa: TRY004  # not a caller's wrong type
            "Faust uses another consumer than the chunk consumer: check the pinned version of Faust"
        )
