"""The api on a real port, in a thread of this process; accounts, tokens and rows by SQL."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import msgspec
import psycopg
import uvicorn

from api.app import create_application
from pipeline.secrets import new_token, token_sha256
from pipeline.settings import Settings


class RunningApi(msgspec.Struct):
    url: str
    settings: Settings

    @property
    def live_url(self) -> str:
        return urlsplit(self.url)._replace(scheme="ws", path="/v1/live").geturl()

    def client(self, token: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


class Account(msgspec.Struct):
    account: int
    token: str


@contextmanager
def serving(settings: Settings) -> Iterator[RunningApi]:
    """The application served by uvicorn until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_application(settings), log_config=None, timeout_graceful_shutdown=3, ws_max_size=65536
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        wait_until(lambda: server.started, "the api starts")
        yield RunningApi(f"http://127.0.0.1:{listening.getsockname()[1]}", settings)
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
        assert not thread.is_alive()


def wait_until(condition, what, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain until {what}"
        time.sleep(0.05)


def make_account(rows: psycopg.Connection, name: str) -> Account:
    token = new_token()
    account = rows.execute("insert into store.account (name) values (%s) returning account_id", (name,)).fetchone()[0]
    rows.execute(
        "insert into store.token (account_id, token_sha256, label) values (%s, %s, 'test')",
        (account, token_sha256(token)),
    )
    return Account(account, token)


def make_device(rows, account, device, *, family="dji", kind="aircraft", mqtt_user=None, name=None):
    rows.execute(
        "insert into store.device (device_id, account_id, family, kind, mqtt_user, name)"
        " values (%s, %s, %s, %s, %s, %s)",
        (device, account.account, family, kind, mqtt_user, name),
    )


def make_positions(rows, account, device, moments, stored_at="2026-05-04T00:00:00Z"):
    """Aircraft samples at these moments, a little further north each time."""
    for number, moment in enumerate(moments):
        rows.execute(
            "insert into store.aircraft_sample (observed_at, device_id, account_id, received_at, stored_at,"
            " longitude_deg, latitude_deg, height_ellipsoid_m, battery_percent)"
            " values (%s, %s, %s, %s, %s, 8.5, %s, 500.25, 80)",
            (moment, device, account.account, moment, stored_at, 47 + number * 1e-5),
        )


def make_readings(rows, account, device, readings):
    """(moment, stored_at, channel, value) each."""
    for moment, stored_at, channel, value in readings:
        rows.execute(
            "insert into store.reading (observed_at, device_id, account_id, received_at, stored_at, channel, value)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (moment, device, account.account, moment, stored_at, channel, value),
        )


def make_latest(rows, account, device, moment="2026-05-04T10:00:00Z"):
    rows.execute(
        "insert into store.device_latest (device_id, account_id, observed_at, received_at, longitude_deg, latitude_deg,"
        " height_ellipsoid_m, position_at, state, state_at) values (%s, %s, %s, %s, 8.5, 47.25, 512.5, %s,"
        """ '{"battery_percent": 71.0, "ground_speed_mps": 4.5}', '{"battery_percent": 1777888800000}')""",
        (device, account.account, moment, moment, moment),
    )
