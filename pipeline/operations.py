"""Health and metrics of a role, over HTTP on a port of its own.

`GET /metrics` Prometheus text; `GET /healthz` 200 while the process lives; `GET /readyz` 200 when the role does its
work, else 503. Both health answers are JSON: `{"role", "ready", "reason"}`.
"""

from collections.abc import Callable

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

#: Gives None when the role does its work, else why it does not.
Readiness = Callable[[], str | None]


async def serve_operations(role: str, host: str, port: int, readiness: Readiness) -> web.AppRunner:
    """Start serving; port 0 serves nothing (tests). Close with `await runner.cleanup()`."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def answer(reason: str | None, status: int) -> web.Response:
        body = orjson.dumps({"role": role, "ready": reason is None, "reason": reason})
        return web.Response(body=body, status=status, content_type="application/json")

    async def healthz(_: web.Request) -> web.Response:
        return answer(readiness(), 200)

    async def readyz(_: web.Request) -> web.Response:
        reason = readiness()
        return answer(reason, 200 if reason is None else 503)

    application = web.Application()
    application.add_routes([web.get("/metrics", metrics), web.get("/healthz", healthz), web.get("/readyz", readyz)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    if port:
        await web.TCPSite(runner, host, port).start()
    return runner
