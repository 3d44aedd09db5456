"""Mosquitto with its dynamic-security plugin: one listener on 127.0.0.1, nobody comes in without a password."""

import os
import signal
import socket
from pathlib import Path

from stack import sandbox, trixie
from stack.ports import HOST, PORT_SETTINGS
from stack.server import Say

_USER = "mosquitto"
SECURITY_FILE = "dynamic-security.json"


class Mosquitto:
    """One broker whose files lie in `folder`. `dynamic_security` is the plugin's first configuration."""

    name = "mosquitto"
    program = "mosquitto"
    stop_signal = signal.SIGTERM  # saves, then ends
    start_seconds = 60.0

    def __init__(self, folder: Path, port: int, dynamic_security: bytes) -> None:
        self.folder = folder
        self.port = port
        self.listens = {PORT_SETTINGS["mqtt"]: port}
        self.dynamic_security = dynamic_security

    @property
    def working_folder(self) -> Path:
        """Mosquitto is one process, which works in the folder of its database."""
        return self.folder / "data"

    def prepare(self, say: Say) -> None:
        """Make the Debian root."""
        trixie.prepare(say)

    def lay_out(self) -> None:
        """Write the configuration; the plugin's own file only when there is none, for the plugin changes it."""
        user = sandbox.find_user(trixie.root(), _USER)
        self.working_folder.mkdir(parents=True, exist_ok=True)
        self.working_folder.chmod(0o700)
        os.chown(self.working_folder, user.uid, user.gid)
        plugin = next(trixie.root().glob(trixie.DYNAMIC_SECURITY_PLUGIN)).relative_to(trixie.root())
        (self.folder / "mosquitto.conf").write_text(mosquitto_conf(self.port, f"/{plugin}"))
        security = self.working_folder / SECURITY_FILE
        if not security.exists():
            unfinished = security.with_suffix(".unfinished")
            unfinished.touch(mode=0o600)
            unfinished.write_bytes(self.dynamic_security)
            os.chown(unfinished, user.uid, user.gid)
            unfinished.rename(security)

    def command(self) -> list[str]:
        """Mosquitto with its configuration, in the foreground."""
        root = trixie.root()
        return sandbox.confined(
            root,
            sandbox.find_user(root, _USER),
            {self.folder: sandbox.DATA},
            [f"/{trixie.MOSQUITTO_PROGRAM}", "-c", f"{sandbox.DATA}/mosquitto.conf"],
            working_folder=f"{sandbox.DATA}/data",
            environment={"LANG": "C.UTF-8"},
        )

    def unready(self) -> str | None:
        """Mosquitto is ready when it answers a CONNECT."""
        return unready(HOST, self.port)


# MQTT 3.1.1, sections 3.1 and 3.2: CONNECT with a clean session and an empty client id; CONNACK's first byte.
_CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x05\x00\x00"
_CONNACK = b"\x20"


def unready(host: str, port: int) -> str | None:
    """None when a broker answers a nameless CONNECT (that it refuses is the right answer), else why not."""
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(_CONNECT)
            answer = connection.recv(4)
    except OSError as error:
        return f"no answer on port {port}: {error}"
    return None if answer[:1] == _CONNACK else "it answers, but not with a CONNACK"


def mosquitto_conf(port: int, plugin: str, address: str = HOST, data: str = f"{sandbox.DATA}/data") -> str:
    """The text of `mosquitto.conf`; `plugin` and the folder `data` as the broker sees them in its root."""
    return f"""\
# Written by windhover at every start; changes here do not last.
per_listener_settings false
listener {port} {address}
protocol mqtt
set_tcp_nodelay true

allow_anonymous false
plugin {plugin}
plugin_opt_config_file {data}/{SECURITY_FILE}

# Sessions and what is queued in them survive a kill. Each save writes the whole database and the broker waits for it:
# with a backlog of some hundred megabytes, a save every two seconds cost it a third of its time (measured). A kill -9
# can lose what is younger than the last save and still here: acknowledged to its sender, not yet taken by the ingress;
# without a backlog that is nothing. New sessions are saved at once where they matter (`Stack.save_sessions`).
persistence true
persistence_location {data}/
autosave_interval 10
autosave_on_changes false

# What waits for an ingress that is away. Mosquitto's own limit is 1,000 messages per client, and what comes beyond it
# is dropped in silence: at 2,000 messages a second that is half a second. A million messages of 2 kB are some eight
# minutes. Both limits must be set: without a limit of messages the limit of bytes is not looked at.
max_queued_messages 1000000
max_queued_bytes 2147483648
# No memory_limit: Mosquitto 2.0.21 counts wrongly when the plugin changes users, and after some thirty of them it
# closes every new connection without a word (tried). The limits above bound what one ingress session can hold.

# The ingress asks for windows of 4,000 and more (receive maximum); a client's own wish is the limit below this one.
max_inflight_messages 20000
max_inflight_bytes 0

# DJI and Cayenne messages are some kB; what is larger is a mistake or an attack. Below Kafka's message.max.bytes.
max_packet_size 2000000

# A session whose owner never returns is forgotten, with its queue.
persistent_client_expiration 7d

log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp_format %Y-%m-%dT%H:%M:%S
# A line for each of ten thousand devices that come and go is noise.
connection_messages false
"""
