"""Every private attribute of Faust, mode and aiokafka that agents/ relies on, so that a new version fails here."""

# ruff: noqa: SLF001  # private attributes are what this module is about

import inspect
from importlib.metadata import version

import aiokafka
import pytest
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from faust._cython.streams import StreamIterator
from faust.app.base import App
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer, ConsumerThread, ThreadDelegateConsumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Transport
from mode import Service
from mode.utils.queues import FlowControlEvent


@pytest.mark.parametrize(("package", "pinned"), [("faust-streaming", "0.15.3"), ("aiokafka", "0.14.0")])
def test_the_version_is_the_one_that_this_code_was_read_against(package, pinned):
    assert version(package) == pinned, f"{package} changed: read the private attributes below again, then change this"


OVERRIDDEN = [
    (Consumer, "_drain_messages", ["self", "fetcher"]),
    (Consumer, "_filter_tps_with_pending_acks", ["self", "topics"]),
    (Consumer, "_new_offset", ["self", "tp"]),
    (Consumer, "perform_seek", ["self"]),
    (Consumer, "on_partitions_revoked", ["self", "revoked"]),
    (Consumer, "on_partitions_assigned", ["self", "assigned", "generation_id"]),
    (Consumer, "on_buffer_drop", ["self", "tp"]),
    (Consumer, "verify_event_path", ["self", "now", "tp"]),
    (ThreadDelegateConsumer, "_new_consumer_thread", ["self"]),
    (AIOKafkaConsumerThread, "_create_worker_consumer", ["self", "transport"]),
    (App, "_create_directories", ["self"]),
]
CALLED = [
    (ThreadDelegateConsumer, "_getmany", ["self", "active_partitions", "timeout"]),
    (Consumer, "_get_active_partitions", ["self"]),
    (Consumer, "_should_commit", ["self", "tp", "offset"]),
    (Consumer, "maybe_wait_for_commit_to_finish", ["self"]),
    (Consumer, "commit", ["self", "topics", "start_new_transaction"]),
    (Consumer, "stop_flow", ["self"]),
    (AIOKafkaConsumerThread, "_ensure_consumer", ["self"]),
    (FlowControlEvent, "suspend", ["self"]),
    (FlowControlEvent, "clear", ["self"]),
]


@pytest.mark.parametrize(("owner", "name", "parameters"), OVERRIDDEN + CALLED, ids=str)
def test_a_method_is_there_with_its_parameters(owner, name, parameters):
    found = list(inspect.signature(getattr(owner, name)).parameters)
    assert found == parameters, f"{owner.__name__}.{name} takes {found} now: agents/chunks has to follow"


ATTRIBUTES = [
    (Consumer.__init__, ("_acked", "_acked_index", "_read_offset", "_committed_offset", "_buffered_partitions")),
    (Consumer.__init__, ("can_resume_flow", "suspend_flow", "callback")),
    (Consumer._reset_state, ("flow_active", "can_resume_flow", "suspend_flow")),
    (ThreadDelegateConsumer.__init__, ("_thread",)),
    (AIOKafkaConsumerThread.on_start, ("_consumer",)),
    (aiokafka.AIOKafkaConsumer.__init__, ("_fetch_max_wait_ms",)),
    (aiokafka.AIOKafkaConsumer.start, ("_fetch_max_wait_ms", "_coordinator", "_fetcher")),
    (Fetcher.__init__, ("_fetch_max_wait_ms", "_fetch_task")),
    (GroupCoordinator.__init__, ("_coordination_task", "_group_instance_id", "generation")),
    (GroupCoordinator._maybe_leave_group, ("_group_instance_id is None", "member_id")),
]


@pytest.mark.parametrize(("where", "names"), ATTRIBUTES, ids=lambda value: getattr(value, "__qualname__", str(value)))
def test_an_attribute_is_still_used_where_it_was(where, names):
    source = inspect.getsource(where)
    for name in names:
        assert name in source, f"{where.__qualname__} has no {name} any more: agents/chunks has to follow"


def test_faust_fetches_with_the_wait_of_each_request():
    assert "self._fetch_max_wait_ms" in inspect.getsource(Fetcher._get_actions_per_node)


def test_faust_asks_for_positions_between_assignment_and_flow():
    source = inspect.getsource(Recovery._resume_streams)
    assert source.index("consumer.perform_seek()") < source.index("consumer.resume_flow()")


def test_faust_makes_the_consumer_that_the_transport_names():
    assert "self.Consumer(" in inspect.getsource(Transport.create_consumer)


def test_the_thread_calls_coroutines_in_its_own_loop():
    assert issubclass(AIOKafkaConsumerThread, ConsumerThread)
    assert inspect.iscoroutinefunction(AIOKafkaConsumerThread.call_thread)


def test_a_crash_is_told_by_a_property():
    assert isinstance(Service.crash_reason, property)


def test_the_compiled_stream_still_acknowledges_by_itself():
    """F1 is about code that cannot be overridden; when Faust drops it, Faust's acks may be used again."""
    assert hasattr(StreamIterator, "after")
