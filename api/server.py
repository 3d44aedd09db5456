"""The api role: serves the application until a signal ends it, finishing what is in hand."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.app import create_application
from pipeline.errors import ConfigurationError
from pipeline.logs import configure_logs
from pipeline.operations import serve_operations
from pipeline.settings import Settings

#: Requests in hand get this long; live subscribers are told at once (1012, service restart).
_GRACE_SECONDS = 10
#: The kernel drops a connection whose peer takes nothing for this long, so that no stuck client keeps a buffer.
_STUCK_MS = 30_000
_LIVE_FRAME_BYTES = 64 * 1024

EXIT_FAILED = 70


class _Server(uvicorn.Server):
    """uvicorn without its own signals: it would raise them again after its end, and exit 0 would never be reached."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit code: 0, 2 (address in use), 70 (a part of the role failed)."""
    configure_logs("api", settings.log_level)
    try:
        listening = _listen(settings)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with listening:
        return asyncio.run(_serve(settings, listening))


async def _serve(settings: Settings, listening: socket.socket) -> int:
    application = create_application(settings)
    resources = application.state.resources
    server = _Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            timeout_keep_alive=30,
            limit_concurrency=4000,
            ws_max_size=_LIVE_FRAME_BYTES,
            # Compressing every frame for every subscriber costs more than a local network does.
            ws_per_message_deflate=False,
        )
    )

    def end() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)

    async def end_on_failure() -> None:
        await resources.failed.wait()
        end()

    watch = asyncio.create_task(end_on_failure())
    operations = await serve_operations("api", settings.ops_host, settings.ops_port, resources.why_not_ready)
    try:
        await server.serve(sockets=[listening])
    finally:
        watch.cancel()
        await operations.cleanup()
    return EXIT_FAILED if resources.failed.is_set() or not server.started else 0


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    try:
        listening = socket.create_server((settings.http_host, settings.http_port), family=family, backlog=1024)
    except OSError as error:
        address = f"{settings.http_host}:{settings.http_port}"
        message = f"api: cannot listen on {address}: {error.strerror}: set WINDHOVER_HTTP_HOST or WINDHOVER_HTTP_PORT"
        raise ConfigurationError(message) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STUCK_MS)
    return listening
