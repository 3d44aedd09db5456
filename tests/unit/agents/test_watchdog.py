import msgspec
import pytest

from agents.chunks.watchdog import Limits, Observed, Watchdog

HERE = ("raw", 0)
LIMITS = Limits(start=60, membership=45, drain=45, progress=45)
BROKER_RESTART_SECONDS = 15
HEALTHY = Observed(started=True, member=True, drained_at=0.0)


def verdicts(seen, seconds, *, drains=True):
    """What the watchdog says each second when it sees the same again and again."""
    watchdog = Watchdog(0.0, LIMITS)
    for now in range(seconds + 1):
        at = float(now) if drains else 0.0
        verdict = watchdog.judge(msgspec.structs.replace(seen, drained_at=at), float(now))
        if verdict is not None:
            return verdict
    return None


@pytest.mark.parametrize(
    ("seen", "drains", "words"),
    [
        pytest.param({"crashed": "ValueError()"}, True, "crashed: ValueError()", id="the app crashed"),
        pytest.param({"started": False}, True, "did not start for 61 s", id="start failed and nobody waited for it"),
        pytest.param({"ended_tasks": ("fetch task",)}, True, "fetch task ended", id="a task of the client ended"),
        pytest.param({"member": False}, True, "not a member of the consumer group for 46 s", id="never joined"),
        pytest.param({}, False, "drain loop is silent for 46 s", id="a rebalance never finished"),
        pytest.param(
            {"committed": {HERE: 10}, "ends": {HERE: 20}}, True, "raw:0 stands at 10 of 20 for 46 s", id="no progress"
        ),
    ],
)
def test_a_process_that_can_do_no_work_ends(seen, drains, words):
    assert words in verdicts(msgspec.structs.replace(HEALTHY, **seen), 100, drains=drains)


@pytest.mark.parametrize(
    ("seen", "drains"),
    [
        pytest.param({}, True, id="a member without partitions stands by"),
        pytest.param({"committed": {HERE: 20}, "ends": {HERE: 20}}, True, id="nothing to do"),
        pytest.param({"committed": {HERE: 10}, "ends": {}}, True, id="the broker does not tell the ends"),
        pytest.param(
            {"committed": {HERE: 10}, "ends": {HERE: 20}, "blocked": "database"}, False, id="held up by the database"
        ),
    ],
)
def test_a_process_that_waits_for_good_reason_lives(seen, drains):
    assert verdicts(msgspec.structs.replace(HEALTHY, **seen), 300, drains=drains) is None


@pytest.mark.parametrize("seen", [{"started": False}, {"member": False}, {"committed": {HERE: 1}, "ends": {HERE: 9}}])
def test_no_limit_is_below_the_restart_of_a_broker(seen):
    assert verdicts(msgspec.structs.replace(HEALTHY, **seen), BROKER_RESTART_SECONDS, drains=False) is None


def test_a_partition_that_moves_slowly_is_not_stuck():
    watchdog = Watchdog(0.0, LIMITS)
    for now in range(400):
        seen = msgspec.structs.replace(HEALTHY, drained_at=float(now), committed={HERE: now // 40}, ends={HERE: 1000})
        assert watchdog.judge(seen, float(now)) is None


def test_a_stall_is_counted_from_the_end_of_what_held_it_up():
    watchdog = Watchdog(0.0, LIMITS)
    stuck = msgspec.structs.replace(HEALTHY, committed={HERE: 1}, ends={HERE: 9})
    for now in range(100):
        held = msgspec.structs.replace(stuck, drained_at=float(now), blocked="database")
        assert watchdog.judge(held, float(now)) is None
    for now in range(100, 145):
        assert watchdog.judge(msgspec.structs.replace(stuck, drained_at=float(now)), float(now)) is None
    assert watchdog.judge(msgspec.structs.replace(stuck, drained_at=146.0), 146.0) is not None
