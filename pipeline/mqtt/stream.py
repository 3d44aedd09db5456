"""The bytes of one connection, cut into packets: all PUBLISHes of one read as one list.

This runs once a read and once a message, so it trades beauty for few steps: no object a message but one tuple.
"""

import struct
from collections.abc import Callable

from pipeline.mqtt.errors import FIRST_REFUSAL, NO_SUBSCRIBERS, ProtocolError
from pipeline.mqtt.packets import PUBACK, PUBLISH, QOS_MASK, decode_length, decode_properties

#: Topic, packet id (its two bytes; None for QoS 0), payload, first byte of the packet (retain 0x01, duplicate 0x08).
Publish = tuple[bytes, bytes | None, bytes, int]

_CONTINUES = 0x80
_PUBACK_BYTES = 4
_SHORTEST_PUBLISH = 3
_SHORTEST_PUBACK = 2


class PacketStream:
    """Collects reads and gives packets.

    `publishes`, `acknowledged` and `unheard` (packet ids; the broker took the message, and in the second case had
    nobody to give it to) and `refused` (packet id, reason) grow with every read; the owner takes and replaces them.
    Everything else goes to `others` as (first byte, body). `maximum_packet_bytes` bounds one packet.
    """

    def __init__(self, maximum_packet_bytes: int, others: Callable[[int, bytes], None]) -> None:
        self.publishes: list[Publish] = []
        self.acknowledged: list[int] = []
        self.unheard: list[int] = []
        self.refused: list[tuple[int, int]] = []
        self._others = others
        self._maximum = maximum_packet_bytes
        self._rest = bytearray()
        self._needed = 0

    def feed(self, data: bytes) -> None:  # noqa: C901 - one loop, unrolled on purpose: it runs for every message
        """Take one read.

        Raises:
            ProtocolError: not MQTT 5, or a packet above the maximum.
        """
        rest = self._rest
        if rest:
            rest += data
            if len(rest) < self._needed:
                return
            data = bytes(rest)
            rest.clear()
        elif data[:2] == b"\x40\x02" and self._take_short_pubacks(data):
            return
        at, size, publishes = 0, len(data), self.publishes
        self._needed = 0
        while size - at > 1:
            length, body = data[at + 1], at + 2
            if length >= _CONTINUES:
                long = decode_length(data, at + 1)
                if long is None:
                    break
                length, body = long
                if length > self._maximum:
                    raise ProtocolError(f"the broker sent a packet of {length} bytes, above the maximum we announced")
            end = body + length
            if end > size:
                self._needed = end - at
                break
            first = data[at]
            kind = first & 0xF0
            if kind == PUBLISH:
                publishes.append(_publish(first, data, body, end))
            elif kind == PUBACK:
                self._puback(data[body:end])
            else:
                self._others(first, data[body:end])
            at = end
        if at < size:
            rest += data[at:] if at else data

    def _puback(self, body: bytes) -> None:
        if len(body) < _SHORTEST_PUBACK:
            raise ProtocolError("the broker sent a PUBACK that is cut short: connecting again")
        packet_id = body[0] << 8 | body[1]
        reason = body[2] if len(body) > _SHORTEST_PUBACK else 0
        if reason == NO_SUBSCRIBERS:
            self.unheard.append(packet_id)
        elif reason < FIRST_REFUSAL:
            self.acknowledged.append(packet_id)
        else:
            self.refused.append((packet_id, reason))

    def _take_short_pubacks(self, data: bytes) -> bool:
        """The usual read of a publisher, nothing but four-byte PUBACKs, ten times faster than packet by packet."""
        count, odd = divmod(len(data), _PUBACK_BYTES)
        if odd or data[0::4] != b"\x40" * count or data[1::4] != b"\x02" * count:
            return False
        identifiers = bytearray(2 * count)
        identifiers[0::2], identifiers[1::2] = data[2::4], data[3::4]
        self.acknowledged += struct.unpack(f"!{count}H", identifiers)
        return True


def _publish(first: int, data: bytes, body: int, end: int) -> Publish:
    """A PUBLISH between `body` and `end`: topic length, topic, packet id where QoS is not 0, properties, payload."""
    if end - body < _SHORTEST_PUBLISH:
        raise ProtocolError("the broker sent a PUBLISH that is cut short: connecting again")
    start = body + 2
    stop = start + (data[body] << 8 | data[body + 1])
    at = stop + 2 if first & QOS_MASK else stop
    if at >= end:
        raise ProtocolError("the broker sent a PUBLISH that is cut short: connecting again")
    payload = decode_properties(data[:end], at)[1] if data[at] else at + 1
    return data[start:stop], data[stop:at] if at > stop else None, data[payload:end], first
