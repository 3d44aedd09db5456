"""MQTT 5 packets as bytes: what a client sends, and the bodies it reads. `pipeline.mqtt.stream` cuts the stream.

A packet is a first byte (type in the high half, flags in the low half), a variable length, and a body. Source: OASIS
MQTT Version 5.0, sections 2 and 3. Properties that Windhover has no use for are skipped, never refused.
"""

import struct
from collections.abc import Iterable, Sequence

import msgspec

from pipeline.mqtt.errors import ProtocolError

CONNACK, PUBLISH, PUBACK, SUBACK, UNSUBACK = 0x20, 0x30, 0x40, 0x90, 0xB0
PINGRESP, DISCONNECT = 0xD0, 0xE0
RETAIN_FLAG, DUPLICATE_FLAG, QOS_MASK = 0x01, 0x08, 0x06
PINGREQ_PACKET = b"\xc0\x00"
MAX_LENGTH = 268_435_455
NEVER_EXPIRES = 0xFFFF_FFFF

_SESSION_EXPIRY, _RECEIVE_MAXIMUM, _MAXIMUM_PACKET, _ALIAS_MAXIMUM = 0x11, 0x21, 0x27, 0x22
_ASSIGNED_CLIENT_ID, _SERVER_KEEP_ALIVE, _REASON_STRING, _USER_PROPERTY = 0x12, 0x13, 0x1F, 0x26
#: How long a property's value is, by its identifier (section 2.2.2.2): a number of bytes, or how to find out.
_FIXED = {
    0x01: 1, 0x02: 4, 0x11: 4, 0x13: 2, 0x17: 1, 0x18: 4, 0x19: 1, 0x21: 2, 0x22: 2, 0x23: 2, 0x24: 1, 0x25: 1,
    0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1,
}  # fmt: skip
_COUNTED = frozenset({0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F})
_SUBSCRIPTION_ID = 0x0B
_CONTINUES, _SEVEN_BITS, _MAX_LENGTH_BYTES = 0x80, 0x7F, 4


class Connack(msgspec.Struct, frozen=True):
    """The broker's answer to CONNECT. `receive_maximum`: QoS 1 messages it takes at once; keep-alive 0: ours stands."""

    session_present: bool
    reason: int
    receive_maximum: int = 65_535
    keep_alive_seconds: int = 0
    maximum_packet_bytes: int = MAX_LENGTH
    explanation: str = ""


def encode_length(number: int) -> bytes:
    """A variable byte integer: seven bits a byte, low first, at most four bytes.

    Raises:
        ValueError: the number is negative or above 268,435,455.
    """
    if not 0 <= number <= MAX_LENGTH:
        raise ValueError(f"{number} does not fit a variable byte integer")
    out = bytearray()
    while True:
        number, low = divmod(number, _CONTINUES)
        out.append(low | (_CONTINUES if number else 0))
        if not number:
            return bytes(out)


def decode_length(data: bytes, at: int) -> tuple[int, int] | None:
    """The number at `at` and where it ends; None where more bytes are needed.

    Raises:
        ProtocolError: more than four bytes.
    """
    number = 0
    for index in range(_MAX_LENGTH_BYTES):
        if at + index >= len(data):
            return None
        byte = data[at + index]
        number |= (byte & _SEVEN_BITS) << (7 * index)
        if byte < _CONTINUES:
            return number, at + index + 1
    raise ProtocolError("the broker sent a length of more than four bytes: connecting again")


def encode_text(text: str | bytes) -> bytes:
    """Two bytes of length, then the bytes; a str as utf-8.

    Raises:
        ValueError: longer than 65,535 bytes.
    """
    data = text.encode() if isinstance(text, str) else text
    if len(data) > 0xFFFF:  # noqa: PLR2004 - the two length bytes of section 1.5.4
        raise ValueError(f"{len(data)} bytes do not fit an MQTT string")
    return struct.pack("!H", len(data)) + data


def packet(first: int, body: bytes) -> bytes:
    """First byte, length and body."""
    return bytes((first,)) + encode_length(len(body)) + body


def connect(
    *,
    client_id: str,
    username: str,
    password: str,
    clean_start: bool,
    keep_alive_seconds: int,
    session_expiry_seconds: int,
    receive_maximum: int,
    maximum_packet_bytes: int,
) -> bytes:
    """CONNECT. Topic aliases are refused (maximum 0): every PUBLISH then carries its whole topic."""
    properties = struct.pack(
        "!BIBHBIBH",
        *(_SESSION_EXPIRY, session_expiry_seconds, _RECEIVE_MAXIMUM, receive_maximum),
        *(_MAXIMUM_PACKET, maximum_packet_bytes, _ALIAS_MAXIMUM, 0),
    )
    flags = (0x02 if clean_start else 0) | 0x80 | 0x40
    head = encode_text("MQTT") + struct.pack("!BBH", 5, flags, keep_alive_seconds)
    body = head + encode_length(len(properties)) + properties
    return packet(0x10, body + encode_text(client_id) + encode_text(username) + encode_text(password))


_NO_RETAINED_AT_SUBSCRIBE = 0x20


def subscribe(packet_id: int, filters: Sequence[str], qos: int = 1) -> bytes:
    """SUBSCRIBE to all filters at one QoS.

    Retain as published 0: a live message is never marked as a replay. Retain handling 2: what is retained is not sent
    again at every connect.
    """
    options = bytes((qos | _NO_RETAINED_AT_SUBSCRIBE,))
    wanted = b"".join(encode_text(each) + options for each in filters)
    return packet(0x82, struct.pack("!H", packet_id) + b"\0" + wanted)


def unsubscribe(packet_id: int, filters: Sequence[str]) -> bytes:
    """UNSUBSCRIBE."""
    return packet(0xA2, struct.pack("!H", packet_id) + b"\0" + b"".join(encode_text(each) for each in filters))


def publish(
    topic: str | bytes, payload: bytes, *, packet_id: int | None, retain: bool = False, duplicate: bool = False
) -> bytes:
    """PUBLISH: QoS 1 with a packet id, QoS 0 without."""
    first = PUBLISH | (RETAIN_FLAG if retain else 0) | (DUPLICATE_FLAG if duplicate else 0)
    if packet_id is None:
        return packet(first, encode_text(topic) + b"\0" + payload)
    return packet(first | 0x02, encode_text(topic) + struct.pack("!H", packet_id) + b"\0" + payload)


def pubacks(packet_ids: Iterable[bytes]) -> bytes:
    """Many PUBACKs (success) in one run of bytes; a packet id is its two bytes as they came."""
    return b"".join([b"\x40\x02" + each for each in packet_ids])


def disconnect(session_expiry_seconds: int | None = None) -> bytes:
    """DISCONNECT. The session's expiry changes where seconds are given, and stays what CONNECT said where not."""
    if session_expiry_seconds is None:
        return b"\xe0\x00"
    properties = struct.pack("!BI", _SESSION_EXPIRY, session_expiry_seconds)
    return packet(DISCONNECT, b"\0" + encode_length(len(properties)) + properties)


def decode_properties(body: bytes, at: int) -> tuple[dict[int, bytes], int]:
    """Properties that start at `at` (with their length) as identifier -> value bytes, and where they end.

    Of a property that may be repeated the last one counts.

    Raises:
        ProtocolError: cut short, or an identifier that MQTT 5 does not have.
    """
    length = decode_length(body, at)
    if length is None or length[1] + length[0] > len(body):
        raise ProtocolError("the broker sent properties that are cut short: connecting again")
    found: dict[int, bytes] = {}
    at, end = length[1], length[1] + length[0]
    while at < end:
        identifier, start = body[at], at + 1
        at = _property_end(body, identifier, start)
        if at > end:
            raise ProtocolError("the broker sent a property that is cut short: connecting again")
        found[identifier] = body[start + 2 : at] if identifier in _COUNTED else body[start:at]
    return found, end


def _property_end(body: bytes, identifier: int, start: int) -> int:
    """Where the value that begins at `start` ends; may lie behind the body, which the caller refuses."""
    if identifier in _FIXED:
        return start + _FIXED[identifier]
    if identifier in _COUNTED:
        return start + 2 + int.from_bytes(body[start : start + 2], "big")
    if identifier == _USER_PROPERTY:
        name_end = start + 2 + int.from_bytes(body[start : start + 2], "big")
        return name_end + 2 + int.from_bytes(body[name_end : name_end + 2], "big")
    if identifier == _SUBSCRIPTION_ID:
        number = decode_length(body, start)
        return len(body) + 1 if number is None else number[1]
    raise ProtocolError(f"the broker sent property 0x{identifier:02X}, which MQTT 5 does not have: connecting again")


def decode_connack(body: bytes) -> Connack:
    """CONNACK's body.

    Raises:
        ProtocolError: too short or malformed.
    """
    if len(body) < 2:  # noqa: PLR2004 - flags and reason
        raise ProtocolError("the broker sent a CONNACK that is cut short: connecting again")
    # A broker that speaks only MQTT 3 answers without properties.
    found = decode_properties(body, 2)[0] if len(body) > 2 else {}  # noqa: PLR2004

    def number(identifier: int, otherwise: int) -> int:
        return int.from_bytes(found[identifier], "big") if identifier in found else otherwise

    return Connack(
        session_present=bool(body[0] & 1),
        reason=body[1],
        receive_maximum=number(_RECEIVE_MAXIMUM, 65_535),
        keep_alive_seconds=number(_SERVER_KEEP_ALIVE, 0),
        maximum_packet_bytes=number(_MAXIMUM_PACKET, MAX_LENGTH),
        explanation=found.get(_REASON_STRING, b"").decode("utf-8", "replace"),
    )


def decode_suback(body: bytes) -> tuple[int, bytes]:
    """SUBACK's or UNSUBACK's packet id and one reason a filter, in their order.

    Raises:
        ProtocolError: too short or malformed.
    """
    if len(body) < 3:  # noqa: PLR2004 - packet id and the length of the properties
        raise ProtocolError("the broker sent a SUBACK that is cut short: connecting again")
    _, end = decode_properties(body, 2)
    return int.from_bytes(body[:2], "big"), body[end:]


def decode_disconnect(body: bytes) -> int:
    """DISCONNECT's reason; an empty body means 0, a normal end."""
    return body[0] if body else 0
