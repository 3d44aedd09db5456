"""The batcher against a Kafka that is an object: what it sends, when it acknowledges, and when it stops reading."""

import asyncio

import msgspec

from pipeline.errors import UnavailableError
from pipeline.ingress import batcher as module
from pipeline.ingress.batcher import Batcher
from schemas import raw

OSD = b"thing/product/SN1/osd"


class Batch(list[dict[str, object]]):
    """At most `room` records."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def append(self, **record: object) -> object:  # type: ignore[override]
        if len(self) == self.room:
            return None
        super().append(record)
        return record


class Kafka:
    """Takes batches; acknowledges them when `gate` is open."""

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.sent: list[tuple[int, Batch]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.in_flight: dict[int, int] = {}
        self.most_in_flight = 0
        self.refusal: Exception | None = None

    def create_batch(self) -> Batch:
        return Batch(self.room)

    async def send(self, batch: Batch, partition: int) -> None:
        self.in_flight[partition] = self.in_flight.get(partition, 0) + 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight[partition])
        await self.gate.wait()
        self.in_flight[partition] -= 1
        if self.refusal is not None:
            raise self.refusal
        self.sent.append((partition, batch))


class Link:
    """A connection as the batcher knows it."""

    def __init__(self) -> None:
        self.acknowledged: list[bytes] = []
        self.paused = False

    def acknowledge(self, packet_ids: list[bytes]) -> None:
        self.acknowledged += packet_ids

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


def message(number: int, topic: bytes = OSD, payload: bytes = b"{}", first: int = 0x32):
    return topic, number.to_bytes(2, "big") if first & 0x06 else None, payload, first


def run(work, room: int = 1000, partitions: int = 4):
    async def inside():
        failures: list[BaseException] = []
        kafka = Kafka(room)
        return await work(Batcher(kafka, partitions, 0.0, failures.append), kafka, failures)

    return asyncio.run(inside())


async def settled() -> None:
    """Let everything that can run without the gate run."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_record_carries_topic_arrival_and_flags():
    async def work(batcher, kafka, _):
        batcher.add(Link(), [message(1), message(2, first=0x3B)])
        await batcher.drained()
        return kafka.sent

    ((_, records),) = run(work)
    plain, flagged = (raw.decode_record(record["value"], record["headers"], 0) for record in records)
    assert plain.topic == OSD.decode()
    assert plain.received_at_ms == records[0]["timestamp"]
    assert (plain.retain, plain.duplicate) == (False, False)
    assert (flagged.retain, flagged.duplicate) == (True, True)
    assert records[0]["key"] == b"SN1"
    again = raw.encode_headers(msgspec.structs.replace(flagged))
    assert records[1]["headers"] == again


def test_nothing_is_acknowledged_before_kafka_has_it():
    async def work(batcher, kafka, _):
        link = Link()
        kafka.gate.clear()
        batcher.add(link, [message(1), message(2)])
        await settled()
        before = list(link.acknowledged)
        kafka.gate.set()
        await batcher.drained()
        return before, link.acknowledged, batcher.waiting_messages

    assert run(work) == ([], [b"\0\1", b"\0\2"], 0)


def test_a_partition_has_one_produce_in_flight_and_later_messages_join_the_next():
    async def work(batcher, kafka, _):
        kafka.gate.clear()
        link = Link()
        for number in range(1, 6):
            batcher.add(link, [message(number)])
            await settled()
        kafka.gate.set()
        await batcher.drained()
        return kafka.most_in_flight, [len(records) for _, records in kafka.sent], link.acknowledged

    most, sizes, acknowledged = run(work)
    assert most == 1
    assert sizes == [1, 4]
    assert acknowledged == [number.to_bytes(2, "big") for number in range(1, 6)]


def test_more_than_a_batch_holds_goes_out_as_several_in_order():
    async def work(batcher, kafka, _):
        link = Link()
        batcher.add(link, [message(number, payload=b"%d" % number) for number in range(1, 8)])
        await batcher.drained()
        return [[record["value"] for record in records] for _, records in kafka.sent], len(link.acknowledged)

    assert run(work, room=3) == ([[b"1", b"2", b"3"], [b"4", b"5", b"6"], [b"7"]], 7)


def test_an_acknowledgement_goes_back_on_the_connection_the_message_came_from():
    async def work(batcher, kafka, _):
        first, second = Link(), Link()
        kafka.gate.clear()
        batcher.add(first, [message(1)])
        batcher.add(second, [message(1), message(2)])
        kafka.gate.set()
        await batcher.drained()
        return first.acknowledged, second.acknowledged

    assert run(work) == ([b"\0\1"], [b"\0\1", b"\0\2"])


def test_qos_0_messages_are_taken_and_never_acknowledged():
    async def work(batcher, kafka, _):
        link = Link()
        batcher.add(link, [message(1, first=0x30)])
        await batcher.drained()
        return len(kafka.sent), link.acknowledged

    assert run(work) == (1, [])


def test_the_clouds_own_messages_are_acknowledged_and_not_recorded():
    async def work(batcher, kafka, _):
        link = Link()
        batcher.add(link, [message(7, topic=b"thing/product/SN1/services")])
        await batcher.drained()
        return kafka.sent, link.acknowledged, batcher.waiting_messages

    assert run(work) == ([], [b"\0\7"], 0)


def test_reading_stops_above_the_bound_and_goes_on_below_it(monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 10_000)

    async def work(batcher, kafka, _):
        link = Link()
        kafka.gate.clear()
        batcher.add(link, [message(number, payload=bytes(1000), first=0x30) for number in range(5)])
        below = link.paused
        batcher.add(link, [message(number, payload=bytes(1000), first=0x30) for number in range(5)])
        above = link.paused
        kafka.gate.set()
        await settled()
        return below, above, link.paused

    assert run(work) == (False, True, False)


def test_a_refusal_for_good_is_reported_once_for_a_partition_and_acknowledges_nothing():
    async def work(batcher, kafka, failures):
        link = Link()
        kafka.refusal = UnavailableError("sequence lost")
        batcher.add(link, [message(1)])
        await batcher.drained()
        return [str(each) for each in failures], link.acknowledged, batcher.waiting_messages

    assert run(work) == (["sequence lost"], [], 1)


def test_a_silent_kafka_shows():
    async def work(batcher, kafka, _):
        idle = batcher.stalled_seconds()
        kafka.gate.clear()
        batcher.add(Link(), [message(1)])
        await settled()
        loop = asyncio.get_running_loop()
        later = loop.time() + 7.0
        loop.time = lambda: later
        silent = batcher.stalled_seconds()
        del loop.time
        kafka.gate.set()
        await batcher.drained()
        return idle, round(silent), batcher.stalled_seconds()

    assert run(work) == (0.0, 7, 0.0)
