"""What one landing transaction writes: telemetry records decoded, repeats left out, rows packed for COPY."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from pipeline.errors import WindhoverError
from pipeline.store import copy_rows
from pipeline.store.failures import first_line
from schemas.telemetry import DECODER, AircraftSample, Telemetry

#: Partition number and offset of a telemetry record.
Place = tuple[int, int]


class FencedError(WindhoverError):
    """The partition is not ours any more, or not where we left it: this process must not write and ends."""


class NotStorableError(WindhoverError):
    """Records that cannot be rows: set them aside and land the rest. `refused` gives the reason for each place."""

    def __init__(self, refused: Mapping[Place, str]) -> None:
        super().__init__(f"{len(refused)} records cannot be stored")
        self.refused = refused


class Landed(msgspec.Struct, frozen=True):
    """Where a partition stands: the next telemetry offset to land, the highest raw offset landed (-1: none)."""

    next_offset: int
    source_offset: int


class Span(msgspec.Struct, frozen=True):
    """Consumed records (`offset`, `value`) of one partition without a gap from `starts_at` to `next_offset`."""

    partition: int
    starts_at: int
    next_offset: int
    records: Sequence[Any]


class Batch(msgspec.Struct):
    """One transaction to be. `claim` tells whether partitions changed hands since it was prepared."""

    claim: int
    before: dict[int, Landed]
    after: dict[int, Landed]
    records: list[tuple[Place, Telemetry]]
    repeats: int
    rows: int = 0
    aircraft: bytes = b""
    readings: bytes = b""


def prepare(
    claim: int, landed: Mapping[int, Landed], spans: Iterable[Span], refused: Mapping[Place, str], topic: str
) -> Batch:  # fmt: skip
    """Decode and pack what is not landed yet. `refused` records are passed over.

    Raises:
        FencedError: a span leaves a gap behind what is landed, or belongs to a partition that is not ours.
        NotStorableError: values that no row can hold.
    """
    batch = Batch(claim, {}, {}, [], 0)
    wrong: dict[Place, str] = {}
    for span in spans:
        before = batch.after.get(span.partition) or landed.get(span.partition)
        if before is None:
            raise FencedError(f"{topic} partition {span.partition} is not claimed by this process")
        if before.next_offset < span.starts_at:
            raise FencedError(
                f"gap in {topic} partition {span.partition}: {before.next_offset} expected, {span.starts_at} came"
            )
        batch.before.setdefault(span.partition, before)
        batch.after[span.partition] = _decode(span, before, batch, refused, wrong)
    _pack(batch, wrong)
    if wrong:
        raise NotStorableError(wrong)
    return batch


def _decode(
    span: Span, before: Landed, batch: Batch, refused: Mapping[Place, str], wrong: dict[Place, str]
) -> Landed:  # fmt: skip
    """Add the span's news to the batch; gives where the partition stands then."""
    source, decode, records = before.source_offset, DECODER.decode, batch.records
    for record in span.records:
        if record.offset < before.next_offset or (refused and (span.partition, record.offset) in refused):
            continue
        try:
            said = decode(record.value or b"")
        except msgspec.MsgspecError as error:
            wrong[span.partition, record.offset] = first_line(error)
            continue
        if said.source_offset <= source:
            batch.repeats += 1  # a restarted normalizer says again what it had said
            continue
        source = said.source_offset
        records.append(((span.partition, record.offset), said))
    return Landed(max(span.next_offset, before.next_offset), source)


def _pack(batch: Batch, wrong: dict[Place, str]) -> None:
    aircraft, readings = [], []
    for place, record in batch.records:
        try:
            if isinstance(record, AircraftSample):
                aircraft.append(copy_rows.aircraft_row(record))
            else:
                readings.extend(list(copy_rows.reading_rows(record)))
        except (ValueError, OverflowError, struct.error) as error:
            wrong[place] = first_line(error)
    batch.rows = len(aircraft) + len(readings)
    batch.aircraft, batch.readings = copy_rows.file(aircraft), copy_rows.file(readings)
