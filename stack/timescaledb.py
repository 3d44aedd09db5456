"""TimescaleDB and PostGIS on PostgreSQL 17, for one owner role, on 127.0.0.1."""

import os
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.store.connection import connect
from stack import sandbox, trixie
from stack.commands import run
from stack.ports import HOST, PORT_SETTINGS
from stack.server import Say

OWNER = "windhover"
DATABASE = "windhover"
_USER = "postgres"
_ENVIRONMENT = {"LANG": "C.UTF-8", "TZ": "UTC"}


class TimescaleDB:
    """One PostgreSQL server whose files lie in `folder`."""

    name = "timescaledb"
    program = "postgres"
    stop_signal = signal.SIGINT  # ends sessions and shuts down; SIGTERM would wait for every client to leave
    start_seconds = 180.0  # recovery after a kill replays up to max_wal_size

    def __init__(self, folder: Path, port: int, password: str) -> None:
        self.folder = folder
        self.port = port
        self.listens = {PORT_SETTINGS["database"]: port}
        self.password = password

    @property
    def working_folder(self) -> Path:
        """PostgreSQL's processes all work in its data directory."""
        return self.folder / "data"

    @property
    def dsn(self) -> str:
        """The address for the owner, password included."""
        return f"postgresql://{OWNER}:{quote(self.password, safe='')}@{HOST}:{self.port}/{DATABASE}"

    def prepare(self, say: Say) -> None:
        """Make the Debian root."""
        trixie.prepare(say)

    def lay_out(self) -> None:
        """Write the configuration; make the cluster, the owner and the empty database when there is none."""
        user = sandbox.find_user(trixie.root(), _USER)
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chown(self.folder, user.uid, user.gid)
        for name, text in (("postgresql.conf", postgresql_conf(self.port)), ("pg_hba.conf", _PG_HBA)):
            (self.folder / name).write_text(text)
        if not self.working_folder.exists():
            self._make_cluster(user)

    def _make_cluster(self, user: sandbox.User) -> None:
        """Make everything in another folder and rename it, so that a killed first start leaves no half cluster.

        The name is this process's own: what a killed start left may still be at work in its folder.
        """
        for left in self.folder.glob("unfinished-*"):
            shutil.rmtree(left, ignore_errors=True)  # where it still is at work, the next first start comes
        unfinished = self.folder / f"unfinished-{os.getpid()}"
        password = self.folder / "password.unfinished"
        password.touch(mode=0o600)
        try:
            os.chown(password, user.uid, user.gid)
            password.write_text(self.password + "\n")
            data = f"{sandbox.DATA}/{unfinished.name}"
            who = [f"--username={OWNER}", f"--pwfile={sandbox.DATA}/{password.name}", "--auth=scram-sha-256"]
            what = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--builtin-locale=C.UTF-8"]
            # --no-sync: a cluster that was not renamed is made again.
            initdb = [_program("initdb"), f"--pgdata={data}", *who, *what, "--no-sync", "--data-checksums"]
            run(self._confined(initdb), "timescaledb: making the database cluster")
            single = [_program("postgres"), "--single", "-D", data, "postgres"]
            run(self._confined(single), "timescaledb: making the database", text=f'create database "{DATABASE}"\n')
        finally:
            password.unlink()
        os.sync()
        unfinished.rename(self.working_folder)

    def command(self) -> list[str]:
        """PostgreSQL with its data directory."""
        files = [f"{name}={sandbox.DATA}/{file}" for name, file in _FILES.items()]
        options = [part for setting in files for part in ("-c", setting)]
        return self._confined(
            [_program("postgres"), "-D", f"{sandbox.DATA}/data", *options], working_folder=f"{sandbox.DATA}/data"
        )

    def _confined(self, program: list[str], working_folder: str = sandbox.DATA) -> list[str]:
        root = trixie.root()
        user = sandbox.find_user(root, _USER)
        folders = {self.folder: sandbox.DATA}
        return sandbox.confined(root, user, folders, program, working_folder=working_folder, environment=_ENVIRONMENT)

    def unready(self) -> str | None:
        """PostgreSQL is ready when the owner can log in to the database.

        Raises:
            ConfigurationError: it refuses the password: the data was made with another one.
        """
        try:
            connect(self.dsn, "stack").close()
        except UnavailableError as error:
            if "password authentication failed" in str(error):
                message = f"{self.folder} was made with another database password: restore that, or wipe the data"
                raise ConfigurationError(message) from error
            return str(error)
        return None


_FILES = {"config_file": "postgresql.conf", "hba_file": "pg_hba.conf"}

_PG_HBA = f"""\
# Written by windhover at every start. Passwords only, from this machine only.
host all all {HOST}/32 scram-sha-256
"""


def _program(name: str) -> str:
    return f"/{trixie.POSTGRESQL_PROGRAMS}/{name}"


def postgresql_conf(port: int) -> str:
    """The text of `postgresql.conf`: for two cores and some GiB shared with Kafka, Mosquitto and Windhover itself."""
    return f"""\
# Written by windhover at every start; changes here do not last.
listen_addresses = '{HOST}'
port = {port}
unix_socket_directories = ''
max_connections = 100

shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off
timescaledb.max_background_workers = 8
max_worker_processes = 24

shared_buffers = 512MB
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = 1

# A committed row is on the disk: `land` acknowledges nothing before.
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = lz4
max_wal_size = 2GB
min_wal_size = 256MB
checkpoint_timeout = 10min
checkpoint_completion_target = 0.9
wal_level = minimal
max_wal_senders = 0

password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%a '
log_min_messages = warning
log_checkpoints = off
"""
