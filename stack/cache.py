"""The machine-wide cache of programs: versioned folders that appear complete or not at all."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SETTING = "WINDHOVER_CACHE"
DEFAULT_FOLDER = "/var/cache/windhover"
_UNFINISHED = "unfinished-"


def cache_folder() -> Path:
    """Where programs lie: `WINDHOVER_CACHE`, or /var/cache/windhover."""
    return Path(os.environ.get(SETTING) or DEFAULT_FOLDER).absolute()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting while another process (or thread) holds it; a dead holder holds nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def provide(name: str, build: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache; when it is not there, `build` fills a new folder that is then renamed to it.

    Two processes that want the same folder build it once: the second waits. What a killed build left is removed.
    """
    cache = cache_folder()
    folder = cache / name
    if folder.exists():
        return folder
    with locked(cache / f"{name}.lock"):
        if folder.exists():
            return folder
        for left in cache.glob(f"{_UNFINISHED}{name}-*"):
            shutil.rmtree(left)
        unfinished = Path(tempfile.mkdtemp(prefix=f"{_UNFINISHED}{name}-", dir=cache))
        unfinished.chmod(0o755)  # servers without privileges read it
        build(unfinished)
        unfinished.rename(folder)
    return folder
