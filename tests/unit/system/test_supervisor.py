import os
import sys
import time

import pytest

from system.supervisor import BACK_OFF_SECONDS, ProcessPlan, Supervisor, read_states


def plan(code: str, name: str = "worker", **options: object) -> ProcessPlan:
    return ProcessPlan(name, (sys.executable, "-c", code), dict(os.environ), **options)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervise(tmp_path, said):
    started: list[Supervisor] = []

    def start(*plans: ProcessPlan) -> Supervisor:
        supervisor = Supervisor(plans, tmp_path, said.append)
        supervisor.start()
        started.append(supervisor)
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


def wait_until(condition, supervisor, seconds=20.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        supervisor.tick()


def test_a_process_that_is_killed_starts_again_and_its_restart_is_counted(supervise, tmp_path, said):
    supervisor = supervise(plan("import time; time.sleep(60)"))
    first = supervisor.pid("worker")
    supervisor.kill_one("worker")
    wait_until(lambda: supervisor.pid("worker") not in {0, first}, supervisor)
    (state,) = read_states(tmp_path)
    assert (state.restarts, state.last_exit) == (1, -9)
    assert "worker ended (signal 9)" in said[0]


def test_one_that_keeps_dying_waits_longer_each_time_and_is_named(supervise, said):
    supervisor = supervise(plan("raise SystemExit(3)"))
    clock = 0.0
    for _ in BACK_OFF_SECONDS:
        until = len(said) + 1
        while len(said) < until:
            clock += 20.0  # past any back-off
            supervisor.tick(now=clock)
    waits = [line for line in said if "starts again in" in line]
    assert all(f"starts again in {wait:.1f} s" in line for wait, line in zip(BACK_OFF_SECONDS, waits, strict=True))
    assert "keeps dying: read the end of" in said[-1]


def test_stop_ends_every_process_and_forgets_them(supervise, tmp_path):
    supervisor = supervise(plan("import time; time.sleep(60)", "one"), plan("import time; time.sleep(60)", "two"))
    pids = [supervisor.pid("one"), supervisor.pid("two")]
    supervisor.stop()
    assert read_states(tmp_path) == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_one_that_ignores_the_request_to_stop_is_ended_by_force(supervise, tmp_path, said):
    ready = tmp_path / "ready"
    deaf = "import signal, time, pathlib; signal.signal(15, signal.SIG_IGN)"
    code = f"{deaf}; pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    supervisor = supervise(plan(code, stop_seconds=0.2))
    wait_until(ready.exists, supervisor)
    assert supervisor.stop_one("worker") == -9
    assert said == ["worker did not end within 0 s: ended by force"]


def test_a_process_that_was_stopped_on_purpose_stays_down_until_asked_for(supervise):
    supervisor = supervise(plan("import time; time.sleep(60)"))
    supervisor.stop_one("worker")
    supervisor.tick()
    assert supervisor.pid("worker") == 0
    supervisor.start_one("worker")
    wait_until(lambda: supervisor.pid("worker") != 0, supervisor)
