from types import SimpleNamespace

from agents.chunks.continuity import Continuity, Verdict, from_position

HERE = ("raw", 0)


def records(*offsets):
    return [SimpleNamespace(offset=offset) for offset in offsets]


def test_f2_records_are_judged_by_position_and_the_first_fetch_after_a_rebalance_is_used():
    # Asked for before the rebalance at 80, sought to 90 since: what lies below is cut off, the rest is taken.
    fetched = records(*range(80, 100))
    part = from_position(fetched, 90)
    assert [record.offset for record in part] == list(range(90, 100))
    assert Continuity().judge(HERE, 90, part[0].offset) is Verdict.CONTINUES


def test_a_gap_is_read_again_and_the_same_gap_again_is_a_hole():
    continuity = Continuity()
    assert continuity.judge(HERE, 100, 110) is Verdict.AGAIN
    assert continuity.judge(HERE, 100, 110) is Verdict.HOLE


def test_another_gap_is_read_again_too():
    continuity = Continuity()
    continuity.judge(HERE, 100, 110)
    assert continuity.judge(HERE, 100, 120) is Verdict.AGAIN
    assert continuity.judge(("raw", 1), 100, 120) is Verdict.AGAIN


def test_after_a_seek_an_old_gap_is_not_a_hole():
    continuity = Continuity()
    continuity.judge(HERE, 100, 110)
    continuity.forget()
    assert continuity.judge(HERE, 100, 110) is Verdict.AGAIN


def test_f4_a_gap_at_the_start_of_a_partition_that_was_never_committed_is_seen():
    # The position is pinned to the partition's first offset when there is no commit, so there is something to compare.
    assert Continuity().judge(HERE, 0, 7) is Verdict.AGAIN


def test_records_that_all_lie_behind_the_position_are_passed_on_uncopied():
    fetched = records(5, 6)
    assert from_position(fetched, 5) is fetched
    assert from_position([], 5) == []
    assert from_position(fetched, 7) == []
