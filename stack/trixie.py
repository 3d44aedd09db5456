"""The Debian 13 root that holds PostgreSQL 17 with TimescaleDB and PostGIS, and Mosquitto with its plugin.

The root lies in the cache and serves any number of stacks at once. A host that is Debian 13 or newer and has the same
packages installed needs none: its own root is used then. Packages are never installed on such a host, because that
would start its own servers on the default ports.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from stack.cache import cache_folder, provide
from stack.commands import run
from stack.packages import install_missing
from stack.server import Say

_FOLDER = "trixie-1"
_PACKAGES = ("postgresql-17", "postgresql-17-timescaledb", "postgresql-17-postgis-3", "mosquitto", "tzdata")
_HOST_PACKAGES = {"mmdebstrap": ("mmdebstrap",)}

#: Paths inside the root; `*` stands for the machine's architecture.
POSTGRESQL_PROGRAMS = "usr/lib/postgresql/17/bin"
MOSQUITTO_PROGRAM = "usr/sbin/mosquitto"
DYNAMIC_SECURITY_PLUGIN = "usr/lib/*/mosquitto_dynamic_security.so"
_NEEDED = (
    f"{POSTGRESQL_PROGRAMS}/postgres",
    "usr/lib/postgresql/17/lib/timescaledb.so",
    "usr/share/postgresql/17/extension/postgis.control",
    MOSQUITTO_PROGRAM,
    DYNAMIC_SECURITY_PLUGIN,
)


def root(host: Path = Path("/")) -> Path:
    """The root to run in: the host's own when it has all programs, else the one in the cache."""
    return host if has_programs(host) else cache_folder() / _FOLDER


def has_programs(host: Path) -> bool:
    """Whether this root is Debian 13 or newer with all that is needed installed."""
    release = host / "etc/os-release"
    return is_trixie(release.read_text() if release.exists() else "") and all(any(host.glob(path)) for path in _NEEDED)


def is_trixie(os_release: str) -> bool:
    """Whether an os-release file names Debian 13 or newer."""
    pairs = (line.partition("=") for line in os_release.splitlines())
    names = {name: value.strip('"') for name, _, value in pairs}
    version = names.get("VERSION_ID", "")
    return names.get("ID") == "debian" and version.isdecimal() and int(version) >= 13  # noqa: PLR2004 - the title says it


def prepare(say: Say) -> None:
    """Make the root when it is needed and missing (about a minute, 780 MB)."""
    if has_programs(Path("/")):
        return
    install_missing(_HOST_PACKAGES, say)
    provide(_FOLDER, _build(say))


def _build(say: Say) -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        say("timescaledb, mosquitto: installing Debian 13's packages into a root of their own (about a minute) ...")
        run(_mmdebstrap(folder, _PACKAGES), "making the root of Debian 13")

    return build


def _mmdebstrap(folder: Path, packages: Iterable[str]) -> list[str]:
    # Debian's packages would make a database cluster of their own.
    no_cluster = "echo create_main_cluster = false"
    hook = f'mkdir -p "$1/etc/postgresql-common" && {no_cluster} > "$1/etc/postgresql-common/createcluster.conf"'
    unused = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "info", "locale")]
    return [
        *("unshare", "--mount", "--propagation", "private"),  # a killed build leaves no mount either
        *("mmdebstrap", "--quiet", "--mode=root", "--variant=apt"),
        f"--include={','.join(packages)}",
        *unused,
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        "--dpkgopt=force-unsafe-io",  # an unfinished root is thrown away, so nothing need be forced to disk
        f"--essential-hook={hook}",
        "trixie",
        str(folder),
    ]
