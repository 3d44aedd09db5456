import random

import pytest

from agents.chunks.acknowledged import Acknowledged

HERE = ("raw", 0)


def test_nothing_is_committed_while_the_oldest_piece_is_unfinished():
    acknowledged = Acknowledged()
    acknowledged.hand_out(HERE, 10)
    acknowledged.hand_out(HERE, 20).done = True
    assert acknowledged.committable() == []
    assert acknowledged.commit(HERE) is None


def test_the_commit_is_the_end_of_the_acknowledged_prefix():
    acknowledged = Acknowledged()
    first, second, _third = (acknowledged.hand_out(HERE, offset) for offset in (10, 20, 30))
    second.done = first.done = True
    assert acknowledged.committable() == [HERE]
    assert acknowledged.commit(HERE) == 20
    assert acknowledged.unfinished(HERE) == 1
    assert acknowledged.commit(HERE) is None


def test_partitions_do_not_wait_for_one_another():
    acknowledged = Acknowledged()
    acknowledged.hand_out(("raw", 0), 10)
    acknowledged.hand_out(("raw", 1), 5).done = True
    assert acknowledged.committable() == [("raw", 1)]


def test_a_piece_that_was_taken_back_leaves_no_trace():
    acknowledged = Acknowledged()
    first = acknowledged.hand_out(HERE, 10)
    acknowledged.take_back(HERE, acknowledged.hand_out(HERE, 20))
    first.done = True
    assert acknowledged.commit(HERE) == 10


def test_a_late_acknowledgement_of_a_revoked_partition_commits_nothing():
    acknowledged = Acknowledged()
    late = acknowledged.hand_out(HERE, 10)
    acknowledged.forget([HERE])
    late.done = True
    assert acknowledged.committable() == []
    assert acknowledged.commit(HERE) is None


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_order_of_acknowledgements_the_commit_never_passes_unfinished_work(seed):
    chance, acknowledged = random.Random(seed), Acknowledged()
    tokens = [acknowledged.hand_out(HERE, offset) for offset in range(1, 51)]
    committed = 0
    for token in chance.sample(tokens, len(tokens)):
        token.done = True
        committed = acknowledged.commit(HERE) or committed
        assert committed == next((each.next_offset - 1 for each in tokens if not each.done), 50)
