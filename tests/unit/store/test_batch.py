import msgspec
import pytest

from pipeline.store.batch import FencedError, Landed, NotStorableError, Span, prepare
from schemas.telemetry import ENCODER, AircraftSample


class Record(msgspec.Struct):
    offset: int
    value: bytes


def sample(source, **more):
    return AircraftSample("AIR1", 1, source, 1_700_000_000_000 + source, 1_700_000_000_000, **more)


def span(first, *sources, partition=0):
    records = [Record(first + place, ENCODER.encode(sample(source))) for place, source in enumerate(sources)]
    return Span(partition, first, first + len(records), records)


def sources(batch):
    return [record.source_offset for _, record in batch.records]


def test_records_that_are_landed_or_said_again_are_left_out():
    landed = {0: Landed(next_offset=12, source_offset=101)}
    batch = prepare(1, landed, [span(10, 100, 101, 100, 101, 102)], {}, "telemetry")
    assert sources(batch) == [102]
    assert batch.repeats == 2
    assert batch.after == {0: Landed(15, 102)}


def test_spans_of_one_partition_follow_one_another():
    batch = prepare(1, {0: Landed(0, -1)}, [span(0, 1, 2), span(2, 2, 3)], {}, "telemetry")
    assert sources(batch) == [1, 2, 3]
    assert batch.before == {0: Landed(0, -1)}
    assert batch.after == {0: Landed(4, 3)}


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        pytest.param([span(5, 1)], "3 expected, 5 came", id="behind a gap"),
        pytest.param([span(3, 1), span(5, 2)], "4 expected, 5 came", id="between two spans"),
        pytest.param([span(0, 1, partition=1)], "not claimed", id="of a partition that is not ours"),
    ],
)
def test_a_span_is_refused(spans, words):
    with pytest.raises(FencedError, match=words):
        prepare(1, {0: Landed(3, -1)}, spans, {}, "telemetry")


def test_a_value_that_no_row_can_hold_is_named_and_can_be_passed_over():
    bad = Span(0, 0, 1, [Record(0, ENCODER.encode(sample(1, satellites=70_000)))])
    with pytest.raises(NotStorableError) as caught:
        prepare(1, {0: Landed(0, -1)}, [bad, span(1, 2)], {}, "telemetry")
    batch = prepare(1, {0: Landed(0, -1)}, [bad, span(1, 2)], caught.value.refused, "telemetry")
    assert sources(batch) == [2]
    assert batch.after == {0: Landed(2, 2)}


def test_a_batch_of_repeats_alone_moves_the_partition_and_writes_no_rows():
    batch = prepare(1, {0: Landed(4, 9)}, [span(4, 8, 9)], {}, "telemetry")
    assert (batch.rows, batch.aircraft, batch.readings) == (0, b"", b"")
    assert batch.after == {0: Landed(6, 9)}
