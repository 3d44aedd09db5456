"""What a decoder is given and what it gives."""

from collections.abc import Callable, Hashable

import msgspec

from pipeline.normalize.knowledge import Knowledge
from schemas.command import Command
from schemas.device import Device
from schemas.event import Event
from schemas.raw import Message
from schemas.telemetry import Telemetry


class Normalized(msgspec.Struct, frozen=True, gc=False):
    """What one message means.

    `devices`: first seen or changed by this message. `flags`: what was odd about it, in the order it was noticed.
    `dropped`: why nothing of it goes on (`duplicate`, `replay`); a duplicate may still have `replies`, because a device
    that repeats itself has not seen the answer.
    """

    telemetry: Telemetry | None = None
    event: Event | None = None
    replies: list[Command] = []
    devices: list[Device] = []
    flags: tuple[str, ...] = ()
    dropped: str | None = None


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A message with what its topic says. `user` and `channel` are empty where the topic has none."""

    message: Message
    source_offset: int
    device: str
    user: str
    channel: str


class WhenFlagged(msgspec.Struct, frozen=True):
    """The identity of a message whose content alone cannot tell: compared only when the broker marked a redelivery."""

    topic: str
    payload: bytes


#: What tells two messages apart (`RecentMessages`); None: never compared.
Identity = Hashable
Outcome = tuple[Normalized, Identity]

#: Reads one message, or raises MessageError.
Decoder = Callable[[Arrival, Knowledge], Outcome]
