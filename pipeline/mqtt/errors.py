"""What can go wrong with a broker, in our words, and the reason codes of MQTT 5 that say it."""

from pipeline.errors import ConfigurationError, UnavailableError, WindhoverError

#: MQTT 5, section 2.4: the reason codes a client meets as a refusal.
REASONS = {
    0x04: "disconnected with the will message",
    0x80: "unspecified error",
    0x81: "malformed packet",
    0x82: "protocol error",
    0x83: "implementation specific error",
    0x84: "unsupported protocol version",
    0x85: "client identifier not valid",
    0x86: "bad user name or password",
    0x87: "not authorised",
    0x88: "server unavailable",
    0x89: "server busy",
    0x8A: "banned",
    0x8B: "server shutting down",
    0x8D: "keep-alive time-out",
    0x8E: "session taken over",
    0x8F: "topic filter invalid",
    0x90: "topic name invalid",
    0x91: "packet identifier in use",
    0x93: "receive maximum exceeded",
    0x94: "topic alias invalid",
    0x95: "packet too large",
    0x96: "message rate too high",
    0x97: "quota exceeded",
    0x98: "administrative action",
    0x99: "payload format invalid",
    0x9A: "retain not supported",
    0x9B: "QoS not supported",
    0x9C: "use another server",
    0x9D: "server moved",
    0x9E: "shared subscriptions not supported",
    0x9F: "connection rate exceeded",
    0xA0: "maximum connect time",
    0xA1: "subscription identifiers not supported",
    0xA2: "wildcard subscriptions not supported",
}
#: The broker took a message, but nobody is subscribed: it is gone.
NO_SUBSCRIBERS = 0x10
FIRST_REFUSAL = 0x80
#: Refusals that waiting does not cure: someone has to change a setting first.
_PERMANENT = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8E, 0x8F, 0x9E, 0xA2})


class BrokerAwayError(UnavailableError):
    """The broker does not answer, or left. Connect again later."""


class ProtocolError(BrokerAwayError):
    """The other side sent something that is not MQTT 5. The connection is of no more use."""


class PublishRejectedError(WindhoverError):
    """The broker took note of a message and refused it: this message, never."""


def reason_text(code: int) -> str:
    """The words for a reason code, with the code as the specification writes it."""
    return f"{REASONS.get(code, 'unknown reason')} (0x{code:02X})"


def refusal(what: str, code: int, remedy: str) -> ConfigurationError | BrokerAwayError:
    """The error for a refused `what`: a permanent one asks for `remedy`, a passing one is tried again."""
    if code in _PERMANENT:
        return ConfigurationError(f"{what}: {reason_text(code)}: {remedy}")
    return BrokerAwayError(f"{what}: {reason_text(code)}: trying again")
