import threading

import pytest

from pipeline.errors import UnavailableError
from stack import cache
from stack.commands import reason, run


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WINDHOVER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fill(folder):
    (folder / "program").write_text("here")


def test_a_folder_is_built_once(folder):
    built = []
    for _ in range(2):
        assert cache.provide("tool-1", lambda path: (built.append(path), fill(path))) == folder / "tool-1"
    assert len(built) == 1
    assert (folder / "tool-1" / "program").read_text() == "here"


def test_a_failed_build_leaves_nothing_and_the_next_one_cleans_up(folder):
    def fail(path):
        fill(path)
        raise UnavailableError("no network")

    with pytest.raises(UnavailableError):
        cache.provide("tool-1", fail)
    assert not (folder / "tool-1").exists()
    cache.provide("tool-1", fill)
    assert sorted(path.name for path in folder.iterdir()) == ["tool-1", "tool-1.lock"]


def test_two_that_want_the_same_folder_at_once_build_it_once(folder):
    built = []
    both = threading.Barrier(2)

    def provide():
        both.wait()
        cache.provide("tool-1", lambda path: (built.append(path), fill(path)))

    threads = [threading.Thread(target=provide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert (folder / "tool-1" / "program").exists()


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("reading\nE: Unable to locate package x\nbye", "E: Unable to locate package x"),
        ("2025 UTC FATAL:  data is gone\nLOG:  shut down", "2025 UTC FATAL:  data is gone"),
        ("FATAL:  the database system is starting up\nPANIC:  no WAL", "PANIC:  no WAL"),
        ("ERROR Kafka: exiting\njava.lang.RuntimeException: no disk\n\tat x", "java.lang.RuntimeException: no disk"),
        ("one\ntwo\n\n", "two"),
        ("", "no output"),
    ],
    ids=["apt", "PostgreSQL", "not the answer to a probe", "Java", "the last line", "silent"],
)
def test_the_reason_is_the_line_that_tells(output, line):
    assert reason(output) == line


def test_a_command_that_fails_gives_one_line_with_its_purpose_and_reason():
    with pytest.raises(UnavailableError, match=r"^fetching: E: no route \(/bin/sh: 3\)$"):
        run(["/bin/sh", "-c", "echo E: no route >&2; exit 3"], "fetching")


def test_a_command_that_is_not_there_gives_one_line():
    with pytest.raises(UnavailableError, match=r"^fetching: no-such-program: No such file or directory$"):
        run(["no-such-program"], "fetching")
