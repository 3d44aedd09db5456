"""Telemetry that the database refuses becomes a dead letter of the raw record it came from."""

import logging
from collections.abc import Mapping, Sequence

import msgspec

from agents.chunks.chunk import Chunk, Record
from pipeline import clock, kafka, metrics
from pipeline.dead_letters import encode_headers
from pipeline.settings import Settings
from pipeline.store.batch import Place
from schemas.telemetry import DECODER
from schemas.topics import DEAD_LETTERS, RAW, full_name

log = logging.getLogger(__name__)

ROLE = "land"
REASON = "not-storable"


async def set_aside(
    settings: Settings, producer: kafka.Producer, chunks: Sequence[Chunk], refused: Mapping[Place, str]
) -> None:
    """Send a dead letter for each refused place and wait until Kafka has it.

    The bytes and headers are those of the raw record, so that it can be requeued; where that is gone (its retention is
    over) they are the telemetry record's own.
    """
    for chunk in chunks:
        for record in chunk.records:
            detail = refused.get((chunk.partition[1], record.offset))
            if detail is None:
                continue
            metrics.DISCARDED.labels(ROLE, REASON).inc()
            where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            log.warning("record set aside", extra={"reason": REASON, "detail": detail} | where)
            source = await _source(settings, record)
            origin = f"{source.topic}:{source.partition}:{source.offset}"
            await producer.send_and_wait(
                full_name(DEAD_LETTERS, settings.topic_prefix),
                source.value or b"",
                key=source.key or record.key or b"",
                timestamp_ms=clock.now_ms(),
                headers=encode_headers(source.headers, REASON, detail, origin),
            )


async def _source(settings: Settings, record: Record) -> Record:
    try:
        offset = DECODER.decode(record.value or b"").source_offset
    except msgspec.MsgspecError:
        return record
    found = await kafka.read_records(settings, RAW, record.partition, offset, offset)
    return found[0] if found else record
