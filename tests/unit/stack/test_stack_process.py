import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stack import process

WAITS_FOR_ITS_INPUT = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


@pytest.fixture
def child(tmp_path):
    with subprocess.Popen(WAITS_FOR_ITS_INPUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as started:
        assert started.stdout.readline() == b"up\n"
        yield started
        started.kill()


def test_a_running_process_is_known_by_pid_and_start(child):
    found = process.identify(child.pid)
    assert found is not None
    assert found.pid == child.pid
    assert process.lives(found)


def test_a_process_that_ended_does_not_live_even_as_a_zombie(child):
    found = process.identify(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process.identify(child.pid) is None
    assert not process.lives(found)


def test_no_process_has_the_pid_of_nobody():
    assert process.identify(2**22 + 1) is None


def test_a_pid_file_gives_back_the_process_it_was_written_for(child, tmp_path):
    found = process.identify(child.pid)
    process.write_pid_file(tmp_path / "a.pid", found)
    assert process.read_pid_file(tmp_path / "a.pid") == found


@pytest.mark.parametrize("changed", ["start", "boot"])
def test_a_pid_that_was_given_to_a_stranger_is_not_ours(child, tmp_path, changed):
    found = process.identify(child.pid)
    start = found.start_ticks - (changed == "start")
    boot = "another-boot" if changed == "boot" else found.boot_id
    (tmp_path / "a.pid").write_text(f"{found.pid} {start} {boot}\n")
    assert process.read_pid_file(tmp_path / "a.pid") is None


@pytest.mark.parametrize("text", ["", "12", "x y z", "\0\0\0"], ids=["empty", "old", "words", "after a power cut"])
def test_a_damaged_pid_file_names_nobody(tmp_path, text):
    (tmp_path / "a.pid").write_text(text)
    assert process.read_pid_file(tmp_path / "a.pid") is None


def test_a_missing_pid_file_names_nobody(tmp_path):
    assert process.read_pid_file(tmp_path / "a.pid") is None


def test_members_are_the_processes_of_a_program_that_work_in_a_folder(child, tmp_path):
    program = Path(f"/proc/{child.pid}/exe").readlink().name
    assert process.members(tmp_path, program) == [child.pid]
    assert process.members(tmp_path, "postgres") == []
    assert process.members(tmp_path / "missing", program) == []


def test_a_launched_process_leads_its_own_session_and_writes_to_the_log(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("before\n")
    pid = process.launch(["/bin/sh", "-c", "echo out; echo err >&2; kill -STOP $$"], log)
    try:
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
        assert os.getsid(pid) == pid
        assert log.read_text() == "before\nout\nerr\n"
    finally:
        process.end(process.identify(pid), signal.SIGKILL, 5)
    assert process.identify(pid) is None
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # taken note of: no zombie is left


def test_end_says_when_a_process_does_not_listen(tmp_path):
    log = tmp_path / "a.log"
    pid = process.launch(
        [sys.executable, "-c", IGNORES_SIGTERM + "import os; os.kill(os.getpid(), signal.SIGSTOP); input()"], log
    )
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
    stubborn = process.identify(pid)
    assert not process.end(stubborn, signal.SIGTERM, 0)
    assert process.end(stubborn, signal.SIGKILL, 5)
