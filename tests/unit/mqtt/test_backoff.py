"""Waits between tries, as a table."""

import pytest

from pipeline.mqtt.backoff import Backoff


@pytest.mark.parametrize(
    ("tries", "chance", "seconds"),
    [(1, 0.0, 0.05), (1, 1.0, 0.1), (2, 1.0, 0.2), (4, 0.5, 0.6), (7, 1.0, 5.0), (1000, 1.0, 5.0)],
)
def test_waits_double_up_to_the_longest_and_are_spread(tries, chance, seconds):
    assert Backoff().wait_seconds(tries, chance) == pytest.approx(seconds)
