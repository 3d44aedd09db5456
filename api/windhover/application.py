"""The application mounted at `/v1`: its routes, its description, its kind of errors."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api.problems import MEDIA_TYPE, install_problems
from api.resources import Resources
from api.windhover import accounts, configuration, devices, documentation, history, latest, live, mqtt, track
from api.windhover.models import Problem

_ROUTERS: tuple[APIRouter, ...] = (
    configuration.router,
    accounts.router,
    devices.router,
    latest.router,
    history.router,
    track.router,
    mqtt.router,
    live.router,
    documentation.router,
)

_DESCRIPTION = """\
Every request but login and configuration carries `Authorization: Bearer TOKEN` and sees one account's things alone.
Times are ISO 8601 with an offset, in requests also epoch milliseconds; units are in the names; what is unknown
is absent. Lists go on at `next_cursor`. Errors are problem details (RFC 9457).
The live view is a WebSocket at `/v1/live`: send `{"type": "auth", "token": "..."}` first; a `snapshot` comes, then
`changes` and `heartbeat` frames, numbered without a gap."""


def create(resources: Resources) -> FastAPI:
    """The application; `resources` is opened and closed by who mounts it."""
    application = FastAPI(
        title="Windhover",
        version=version("windhover"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": "/v1"}],
        responses=_problems(),
        generate_unique_id_function=_operation_id,
    )
    application.state.resources = resources
    install_problems(application)
    for router in _ROUTERS:
        application.include_router(router)
    return application


def _operation_id(route: APIRoute) -> str:
    return route.name


def _problems() -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    reasons = {
        401: "No token, or one that does not count",
        404: "The account has no such thing",
        422: "A field is wrong; the answer names it",
        503: "Something needed is away: `Retry-After` says when to try again",
    }
    return {status: {"description": reason, "content": content} for status, reason in reasons.items()}
