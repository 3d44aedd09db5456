"""Kafka outside Faust: producers, plain consumers, topics. The one module besides `agents/` that imports aiokafka.

Its errors are translated into ours: `UnavailableError` when waiting helps, `ConfigurationError` when a setting must
change.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka import errors as theirs
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from pipeline.errors import ConfigurationError, MessageError, UnavailableError, WindhoverError
from pipeline.settings import Settings
from schemas.topics import TOPICS, Topic, full_name

log = logging.getLogger(__name__)

#: A consumer without a group and a producer, as aiokafka makes them.
Reader = AIOKafkaConsumer
Producer = AIOKafkaProducer

#: What aiokafka raises; translate with `translate`.
ERRORS: tuple[type[Exception], ...] = (theirs.KafkaError, theirs.ConsumerStoppedError)

#: Misuse of aiokafka: neither waiting nor a setting helps.
MISTAKES: tuple[type[Exception], ...] = (
    theirs.IllegalOperation,
    theirs.IllegalStateError,
    theirs.IllegalArgumentError,
)

_MISCONFIGURED = (
    theirs.AuthenticationMethodNotSupported,
    theirs.AuthenticationFailedError,
    theirs.KafkaConfigurationError,
    theirs.UnsupportedCodecError,
    theirs.UnrecognizedBrokerVersion,
    theirs.IncompatibleBrokerVersion,
    theirs.TopicAuthorizationFailedError,
    theirs.GroupAuthorizationFailedError,
    theirs.ClusterAuthorizationFailedError,
    theirs.SaslAuthenticationFailed,
    theirs.InvalidTopicError,
    theirs.InvalidPartitionsError,
    theirs.InvalidReplicationFactorError,
    theirs.InvalidConfigurationError,
    theirs.PolicyViolationError,
)
_TOO_LARGE = (theirs.RecordTooLargeError, theirs.MessageSizeTooLargeError, theirs.RecordListTooLargeError)

#: A batch of a producer; beyond it another one is opened. Brokers take 2 MiB (`schemas.topics`).
BATCH_BYTES = 1_000_000
#: How long a produce may take in all, restarts of a broker included, before it counts as failed.
PRODUCE_SECONDS = 60


class Record(Protocol):
    """The members of a consumed record that are used. `timestamp` is epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def translate(error: BaseException) -> WindhoverError:
    """Ours for aiokafka's."""
    words = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, _TOO_LARGE):
        return MessageError("too-large", words)
    if isinstance(error, _MISCONFIGURED):
        return ConfigurationError(f"kafka: {words}: correct WINDHOVER_KAFKA or the broker's permissions")
    return UnavailableError(f"kafka: {words}")


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors for aiokafka's inside the block; misuse of aiokafka passes, for it is our mistake."""
    try:
        yield
    except MISTAKES:
        raise
    except ERRORS as error:
        raise translate(error) from error


async def start_producer(settings: Settings, name: str, *, compression: str | None = None) -> AIOKafkaProducer:
    """A started idempotent producer (acks=all) without linger, meant for `create_batch`/`send_batch`. Stop it yourself.

    Raises:
        UnavailableError: Kafka does not answer.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        client_id=f"windhover-{name}",
        acks="all",
        enable_idempotence=True,
        compression_type=compression,
        linger_ms=0,
        max_batch_size=BATCH_BYTES,
        max_request_size=4 << 20,
        request_timeout_ms=PRODUCE_SECONDS * 1000,
    )
    try:
        with translated():
            await producer.start()
    except WindhoverError:
        await producer.stop()
        raise
    return producer


@asynccontextmanager
async def producer(settings: Settings, name: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer for the length of a block; on leaving, everything is sent."""
    started = await start_producer(settings, name)
    try:
        yield started
    finally:
        await started.stop()


@asynccontextmanager
async def reader(settings: Settings, name: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, for `assign` and `seek`.

    Raises:
        UnavailableError: Kafka does not answer.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        client_id=f"windhover-{name}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )
    try:
        with translated():
            await consumer.start()
            yield consumer
    finally:
        await consumer.stop()


async def assign_topic(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    """Assign all partitions of a topic to a reader.

    Raises:
        UnavailableError: the topic does not exist (yet).
    """
    with translated():
        await consumer._client.force_metadata_update()  # noqa: SLF001  # the public way knows no unsubscribed topics
        numbers = await consumer._client._wait_on_metadata(topic)  # noqa: SLF001  # same reason
    partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
    consumer.assign(partitions)
    return partitions


async def create_topics(settings: Settings, *, replication: int = 1) -> list[str]:
    """Create the declared topics that are missing; gives their names.

    Raises:
        UnavailableError: Kafka does not answer.
        ConfigurationError: the broker refuses a declaration.
    """
    async with _admin(settings) as admin:
        there = set(await admin.list_topics())
        missing = [topic for topic in TOPICS if full_name(topic, settings.topic_prefix) not in there]
        if not missing:
            return []
        answer = await admin.create_topics([_declaration(topic, settings, replication) for topic in missing])
        for name, code, *rest in answer.topic_errors:
            if code not in (0, theirs.TopicAlreadyExistsError.errno):
                refused = theirs.for_code(code)(f"{name}: {rest[0] if rest else ''}")
                raise refused
    return [full_name(topic, settings.topic_prefix) for topic in missing]


async def partition_counts(settings: Settings, topics: Iterable[Topic]) -> dict[Topic, int]:
    """How many partitions each topic has; topics that do not exist are left out.

    Raises:
        UnavailableError: Kafka does not answer.
    """
    names = {full_name(topic, settings.topic_prefix): topic for topic in topics}
    async with _admin(settings) as admin:
        found = await admin.describe_topics(None)
    return {names[each["topic"]]: len(each["partitions"]) for each in found if each["topic"] in names}


async def wait_for_topics(settings: Settings, topics: Sequence[Topic]) -> None:
    """Wait until Kafka answers and the topics exist, saying every few seconds what is missing."""
    delay = 0.25
    while True:
        try:
            missing = set(topics) - set(await partition_counts(settings, topics))
            reason = f"topics {', '.join(sorted(topic.name for topic in missing))} missing: run `windhover topics`"
        except UnavailableError as error:
            missing, reason = set(topics), str(error)
        if not missing:
            return
        log.warning("waiting for Kafka", extra={"reason": reason, "servers": settings.kafka})
        await asyncio.sleep(delay)
        delay = min(delay * 2, 5.0)


async def read_records(
    settings: Settings, topic: Topic, partition: int, first: int, last: int
) -> list[Record]:  # fmt: skip
    """The records of a partition from offset `first` to `last`, as far as they still exist.

    Raises:
        UnavailableError: Kafka does not answer, or the topic does not exist.
    """
    async with reader(settings, "read") as consumer:
        where = TopicPartition(full_name(topic, settings.topic_prefix), partition)
        if where not in await assign_topic(consumer, where.topic):
            return []
        begin = (await consumer.beginning_offsets([where]))[where]
        end = min((await consumer.end_offsets([where]))[where], last + 1)
        return [record async for record in _span(consumer, {where: (max(first, begin), end)})]


async def read_newest(settings: Settings, topic: Topic, count: int) -> list[Record]:
    """The newest `count` records over all partitions, newest first."""
    async with reader(settings, "read") as consumer:
        partitions = await assign_topic(consumer, full_name(topic, settings.topic_prefix))
        begin, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        spans = {where: (max(begin[where], end[where] - count), end[where]) for where in partitions}
        records = [record async for record in _span(consumer, spans)]
    return sorted(records, key=lambda record: (record.timestamp, record.offset), reverse=True)[:count]


async def follow(settings: Settings, topic: Topic, *, from_beginning: bool) -> AsyncIterator[Sequence[Record]]:
    """Every record of a topic as it comes, in lists of one partition each; ends only with the caller."""
    async with reader(settings, "follow") as consumer:
        partitions = await assign_topic(consumer, full_name(topic, settings.topic_prefix))
        if not from_beginning:
            await consumer.seek_to_end(*partitions)
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                yield records


async def _span(
    consumer: AIOKafkaConsumer, spans: Mapping[TopicPartition, tuple[int, int]]
) -> AsyncIterator[Record]:  # fmt: skip
    """The records of each partition in [begin, end); a compacted end is known by the position reaching it."""
    open_spans = {where: end for where, (begin, end) in spans.items() if begin < end}
    consumer.pause(*(set(spans) - set(open_spans)))
    for where in open_spans:
        consumer.seek(where, spans[where][0])
    while open_spans:
        fetched = await consumer.getmany(timeout_ms=200)
        for where, records in fetched.items():
            for record in records:
                if record.offset < open_spans.get(where, -1):
                    yield record
        for where in [where for where in open_spans if await consumer.position(where) >= open_spans[where]]:
            del open_spans[where]
            consumer.pause(where)


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(
        bootstrap_servers=settings.kafka, client_id="windhover-admin", request_timeout_ms=10_000
    )
    try:
        with translated():
            await admin.start()
            yield admin
    except TimeoutError as error:
        raise UnavailableError(f"kafka at {settings.kafka} does not answer in time") from error
    finally:
        await admin.close()


def _declaration(topic: Topic, settings: Settings, replication: int) -> NewTopic:
    configuration = {"max.message.bytes": str(topic.max_message_bytes)}
    if topic.retention_ms is None:
        configuration |= {"cleanup.policy": "compact"}
    else:
        configuration |= {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms)}
    return NewTopic(
        name=full_name(topic, settings.topic_prefix),
        num_partitions=topic.partitions or settings.partitions,
        replication_factor=replication,
        topic_configs=configuration,
    )
