r"""How a message's soundness is proven once and recognised afterwards in one pass over its bytes.

A typed decode skips what it does not want: it notices neither a key given twice, nor deep nesting, nor broken UTF-8
in the parts it skips. Checking each message for these costs ten times the decode. But a device sends the same
structure again and again with other numbers, and every one of these faults is a fault of structure. So the bytes that
make up numbers (digits, `+`, `-`, `.`, and with them blanks, capitals and `a` to `f`, of which serial numbers and
UUIDs consist) are deleted, and a hash of what is left is the shape. Messages of one shape have the same quotes,
brackets, colons and commas, so the same tokens; if in the proven message no two keys of one object became equal by
the deletion, then no message of that shape repeats a key, nests deeper or holds a byte beyond ASCII. Whether numbers
are well formed is the typed decoder's business.

Two keys of one object that do become equal (`latitude`, `altitude`) are told apart by asking for both: each must
stand in the message, as it stood once and only there in the proven one.

A message with a backslash (escapes would hide quotes) or a byte beyond ASCII proves nothing; it goes the exact way. Two
shapes with one 64-bit hash: at 65,536 kept, one chance in 10^14.
"""

from collections import Counter
from typing import Any

from pipeline.normalize.limits import Parsed

#: Deleted before hashing; 2 us for 2 kB.
NOISE = b"0123456789+-. ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
_MOST_SHAPES = 65_536
#: Larger messages are rare and go the exact way.
_MOST_BYTES = 16_384
_MOST_ASKED = 8

#: What every message of a shape must contain: keys with quotes and colon.
Proof = tuple[bytes, ...]


def shape_of(payload: bytes) -> int:
    """The shape of a payload."""
    return hash(payload.translate(None, NOISE))


def prove(payload: bytes, parsed: Parsed) -> Proof | None:
    """What makes any payload of this one's shape sound, None when nothing does.

    Args:
        payload: the bytes.
        parsed: what `limits.parse_json` gave for them.
    """
    if parsed.repeats or len(payload) > _MOST_BYTES or not payload.isascii() or b"\\" in payload:
        return None
    keys = Counter[bytes]()
    alike = Counter[bytes]()
    _gather(parsed.value, keys, alike)
    proof = tuple(b'"%b":' % key for key in alike)
    if len(proof) > _MOST_ASKED or any(payload.count(asked) != 1 for asked in proof):
        return None
    # As many keys asked for as there are places where they could stand: so each of them fills one.
    left, asked_left = _count_left(keys), _count_left(alike)
    return proof if all(left[rest] == times for rest, times in asked_left.items()) else None


def _gather(value: Any, keys: Counter[bytes], alike: Counter[bytes]) -> None:
    """Count all keys, and those that became equal to another key of their object."""
    if isinstance(value, list):
        for item in value:
            _gather(item, keys, alike)
    elif isinstance(value, dict):
        here = {key.encode(): key.encode().translate(None, NOISE) for key in value}
        times = Counter(here.values())
        keys.update(list(here))
        alike.update(key for key, rest in here.items() if times[rest] > 1)
        for item in value.values():
            _gather(item, keys, alike)


def _count_left(keys: Counter[bytes]) -> Counter[bytes]:
    left = Counter[bytes]()
    for key, times in keys.items():
        left[key.translate(None, NOISE)] += times
    return left


class KnownShapes:
    """Proven shapes. Full at 65,536 it forgets all of them: each is proven again by its next message."""

    def __init__(self) -> None:
        self._proofs: dict[int, Proof] = {}

    def sound(self, shape: int, payload: bytes) -> bool:
        """Whether the shape is proven and the payload has what the proof asks for."""
        proof = self._proofs.get(shape)
        if proof is None:
            return False
        for asked in proof:  # noqa: SIM110 - any() over a generator costs twice as much, and most proofs ask for nothing
            if asked not in payload:
                return False
        return True

    def add(self, shape: int, proof: Proof) -> None:
        """Keep a proven shape."""
        if len(self._proofs) >= _MOST_SHAPES:
            self._proofs.clear()
        self._proofs[shape] = proof
