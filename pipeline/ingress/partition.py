"""The partition of a key, as Kafka's own default partitioner counts it.

Source: Apache Kafka, `org.apache.kafka.common.utils.Utils.murmur2` (Austin Appleby's MurmurHash2, 32 bit). A foreign
producer with the same key therefore writes to the same partition, and a device keeps its partition for the topic's
life.
"""

_SEED, _FACTOR, _SHIFT = 0x9747B28C, 0x5BD1E995, 24
_WORD, _SIGNLESS = 0xFFFF_FFFF, 0x7FFF_FFFF


def murmur2(data: bytes) -> int:
    """MurmurHash2 of the bytes, as an unsigned 32-bit number."""
    whole = len(data) & ~3
    state = _SEED ^ len(data)
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * _FACTOR & _WORD
        word = (word ^ word >> _SHIFT) * _FACTOR & _WORD
        state = state * _FACTOR & _WORD ^ word
    if whole < len(data):
        state = (state ^ int.from_bytes(data[whole:], "little")) * _FACTOR & _WORD
    state = (state ^ state >> 13) * _FACTOR & _WORD
    return state ^ state >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key on a topic of that many partitions."""
    return (murmur2(key) & _SIGNLESS) % partitions
