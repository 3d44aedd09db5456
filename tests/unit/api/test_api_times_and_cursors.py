"""Times as clients write them, and cursors as clients hand them back."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.windhover.cursors import device_cursor, history_cursor, read_device_cursor, read_history_cursor
from api.windhover.moments import read_moment, read_range
from pipeline.errors import RequestError
from pipeline.store.reads import Place, next_place

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - strategy


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-05-04T12:00:00Z", NOW, id="Z"),
        pytest.param("2026-05-04T14:00:00+02:00", NOW, id="offset"),
        pytest.param("2026-05-04T14:00:00 02:00", NOW, id="plus sign lost in the address"),
        pytest.param("2026-05-04T12:00:00.000Z", NOW, id="fraction"),
        pytest.param("1777896000000", NOW, id="epoch milliseconds"),
        pytest.param("0", datetime(1970, 1, 1, tzinfo=UTC), id="epoch"),
    ],
)
def test_a_time_is_read_in_utc(text, moment):
    assert read_moment(text) == moment
    assert read_moment(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    ["2026-05-04T12:00:00", "2026-05-04", "now", "", "-1", "1e3", "999999999999999", "0001-01-01T00:00:00+14:00"],
)
def test_what_is_no_aware_time_since_1970_is_refused(text):
    with pytest.raises(ValueError, match=r"^[a-z].*"):
        read_moment(text)


@given(st.text())
def test_any_text_is_a_time_or_refused(text):
    try:
        moment = read_moment(text)
    except ValueError:
        return
    assert moment.tzinfo is UTC


def test_a_range_is_the_last_hour_where_nothing_is_said():
    hour = timedelta(hours=1)
    assert read_range(None, None, NOW) == (NOW - hour, NOW)
    assert read_range(None, NOW - hour, NOW) == (NOW - 2 * hour, NOW - hour)
    assert read_range(NOW - 9 * hour, None, NOW) == (NOW - 9 * hour, NOW)
    with pytest.raises(RequestError, match="before the end"):
        read_range(NOW, NOW, NOW)


@given(MOMENTS, MOMENTS, st.integers(0, 10**9), st.sampled_from(["asc", "desc"]))
def test_a_cursor_brings_back_its_place_to_the_microsecond(at, stored, skip, order):
    cursor = history_cursor(Place(at, stored, skip), order)
    assert read_history_cursor(cursor, order, NOW, NOW) == Place(at, stored, skip)
    with pytest.raises(RequestError):
        read_history_cursor(cursor, "desc" if order == "asc" else "asc", NOW, NOW)


@given(st.text(max_size=50))
def test_any_text_is_a_cursor_or_refused_as_one(text):
    for read in (read_device_cursor, lambda cursor: read_history_cursor(cursor, "asc", NOW, NOW)):
        with suppress(RequestError):
            read(text)


def test_what_is_no_cursor_is_refused_by_its_name():
    with pytest.raises(RequestError) as refused:
        read_device_cursor("no cursor")
    assert refused.value.field == "cursor"


def test_a_device_cursor_brings_back_its_device():
    assert read_device_cursor(device_cursor("Ä-1")) == "Ä-1"
    assert read_device_cursor(None) == ""


def row(at, stored=NOW):
    return {"observed_at": at, "stored_at": stored}


def test_the_next_place_counts_the_rows_of_its_times():
    later = NOW + timedelta(seconds=1)
    start = Place(NOW, datetime(1970, 1, 1, tzinfo=UTC), 0)
    assert next_place([row(NOW), row(later), row(later)], start) == Place(later, NOW, 2)
    assert next_place([row(later), row(later)], Place(later, NOW, 2)) == Place(later, NOW, 4)
    assert next_place([row(later), row(later, later)], Place(later, NOW, 2)) == Place(later, later, 1)
