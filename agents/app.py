"""The Faust app of one role: a consumer group of its own, chunks in place of records, nothing else of Faust's."""

from typing import Any

import faust

from agents.chunks.install import install
from agents.chunks.options import Options
from agents.chunks.work import Work
from pipeline.settings import Settings

#: Bytes a fetch may bring per partition. Smaller ones were slower (measured with 1.9 kB records).
FETCH_BYTES = 4 << 20
#: Chunks that wait for the agent, over all partitions; beyond it partitions are not fetched.
WAITING_CHUNKS = 32


class App(faust.App):  # type: ignore[misc]  # Faust is untyped here
    """Faust's app without its data folder: nothing here keeps state on the disk."""

    def _create_directories(self) -> None:
        """No folders."""


def group_name(role: str, settings: Settings) -> str:
    """The consumer group of a role: prefix and role, e.g. `windhover.land`."""
    return settings.topic_prefix + role


def create_app(role: str, settings: Settings, work: Work) -> Any:
    """The app of a role, with the chunk transport installed; call it inside the event loop that will run it.

    Membership is static (`ROLE-INDEX`): a process that is killed and started again gets its partitions back without a
    rebalance. A session lasts 10 s, so that others take over soon from a process that does not come back.
    """
    app = App(
        group_name(role, settings),
        broker=[f"kafka://{server.strip()}" for server in settings.kafka.split(",")],
        consumer_group_instance_id=f"{role}-{settings.process_index}",
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        broker_session_timeout=10.0,
        broker_heartbeat_interval=1.0,
        broker_rebalance_timeout=20.0,
        broker_request_timeout=20.0,
        broker_commit_interval=1.0,
        stream_buffer_maxsize=WAITING_CHUNKS,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
    )
    options = Options(role, work, settings.drain_gap_seconds, settings.fetch_wait_ms)
    install(app, options)
    return app
