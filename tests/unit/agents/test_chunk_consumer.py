"""The wiring of chunks into Faust's consumer, driven without a broker."""

# ruff: noqa: SLF001  # what is overridden in Faust is private

import asyncio
from collections import defaultdict
from types import SimpleNamespace

from faust.types import TP

from agents.chunks.acknowledged import Acknowledged
from agents.chunks.consumer import ChunkConsumer
from agents.chunks.continuity import Continuity
from agents.chunks.options import Options
from agents.chunks.work import Bounds

HERE = TP("raw", 0)


def records(*offsets):
    return [SimpleNamespace(topic="raw", partition=0, offset=offset, timestamp=1000) for offset in offsets]


class Client:
    """Stands for the client thread: remembers what was sought."""

    def __init__(self, bounds=None) -> None:
        self.sought = []
        self.found = bounds or {}

    async def seek_all(self, positions):
        self.sought.append(dict(positions))

    async def bounds(self, _partitions):
        return self.found


def consumer(callback, *, chunk_records=3, work=None, bounds=None):
    options = Options("test", work, 0.0, 10, chunk_records=chunk_records)
    made = object.__new__(type("Made", (ChunkConsumer,), {"options": options, "assignment": lambda _: {HERE}}))
    made.app = SimpleNamespace(consumer_generation_id=1)
    made.acknowledged, made.continuity = Acknowledged(), Continuity()
    made._read_offset, made._committed_offset = {HERE: 0}, {}
    made._acked, made._acked_index = defaultdict(list), defaultdict(set)
    made.flow_active, made.suspend_flow = True, asyncio.Event()
    made.callback, made._thread = callback, Client(bounds)
    return made


def collector():
    chunks = []

    async def callback(message):
        chunks.append(message.value)

    return chunks, callback


def test_fetched_records_come_in_chunks_that_follow_one_another():
    async def scenario():
        chunks, callback = collector()
        await consumer(callback)._deliver(HERE, records(*range(7)))
        assert [[record.offset for record in chunk.records] for chunk in chunks] == [[0, 1, 2], [3, 4, 5], [6]]
        assert [(chunk.starts_at, chunk.next_offset) for chunk in chunks] == [(0, 3), (3, 6), (6, 7)]

    asyncio.run(scenario())


def test_f1_what_faust_takes_for_acknowledged_is_not_committed_and_what_the_agent_acknowledges_is():
    async def scenario():
        chunks, callback = collector()
        tested = consumer(callback)
        await tested._deliver(HERE, records(0, 1, 2))
        tested._acked[HERE].append(2)  # what the compiled stream does, also after an exception
        tested._acked_index[HERE].add(2)
        assert list(tested._filter_tps_with_pending_acks()) == []
        assert not tested._acked
        chunks[0].ack()
        assert list(tested._filter_tps_with_pending_acks()) == [HERE]
        assert tested._new_offset(HERE) == 3

    asyncio.run(scenario())


def test_f3_a_delivery_that_slept_through_a_rebalance_does_not_move_the_new_position():
    async def scenario():
        async def callback(_message):
            tested.app.consumer_generation_id = 2  # the rebalance happens while the delivery sleeps
            tested._read_offset[HERE] = 1

        tested = consumer(callback)
        await tested._deliver(HERE, records(*range(9)))
        assert tested._read_offset[HERE] == 1

    asyncio.run(scenario())


def test_a_delivery_that_is_held_up_ends_when_flow_is_suspended_and_counts_for_nothing():
    async def scenario():
        async def callback(_message):
            tested.flow_active = False
            tested.suspend_flow.set()
            await asyncio.Event().wait()  # a full queue

        tested = consumer(callback)
        await tested._deliver(HERE, records(0, 1))
        assert tested._read_offset[HERE] == 0
        assert tested.acknowledged.unfinished(HERE) == 0

    asyncio.run(scenario())


def test_a_gap_is_sought_back_and_a_real_hole_is_passed_with_the_position_it_continues():
    async def scenario():
        chunks, callback = collector()
        tested = consumer(callback)
        await tested._deliver(HERE, records(5, 6))
        assert tested._thread.sought == [{HERE: 0}]
        assert chunks == []
        await tested._deliver(HERE, records(5, 6))
        assert [(chunk.starts_at, chunk.next_offset) for chunk in chunks] == [(0, 7)]

    asyncio.run(scenario())


def test_f4_a_partition_without_a_commit_is_pinned_where_its_work_starts():
    class Work:
        async def load(self, bounds, generation):
            assert generation == 1
            return {partition: found.resume for partition, found in bounds.items()}

    async def scenario():
        tested = consumer(None, work=Work(), bounds={HERE: Bounds(None, 40, 90)})
        tested._read_offset = {}
        await tested.perform_seek()
        assert tested._read_offset == {HERE: 40}
        assert tested._committed_offset == {HERE: 40}
        assert tested._thread.sought == [{HERE: 40}]

    asyncio.run(scenario())


def test_work_that_starts_before_the_commit_does_not_move_the_commit_back():
    class Work:
        async def load(self, bounds, _generation):
            return dict.fromkeys(bounds, 50)

    async def scenario():
        tested = consumer(None, work=Work(), bounds={HERE: Bounds(80, 0, 90)})
        await tested.perform_seek()
        assert tested._read_offset[HERE] == 50
        assert tested._committed_offset[HERE] == 80
        assert not tested._should_commit(HERE, 60)
        assert tested._should_commit(HERE, 81)

    asyncio.run(scenario())
