"""The HTTP application: one FastAPI with a mount per public API, and the page at `/`.

Every public API is an application of its own, so that each keeps its own shape of errors and its own description; all
share `Resources`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.responses import Response

import api.windhover.application
from api.answers import JsonAnswer
from api.guards import BodyLimit, SecurityHeaders
from api.page import content_security_policy, page_application
from api.problems import install_problems
from api.resources import Resources
from pipeline.settings import Settings


def create_application(settings: Settings) -> FastAPI:
    """The application; `application.state.resources` is what its requests share."""
    resources = Resources(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with resources.opened():
            yield

    application = FastAPI(title="Windhover", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    application.state.resources = resources
    install_problems(application)
    application.add_middleware(BodyLimit)
    application.add_middleware(SecurityHeaders, content_security_policy=content_security_policy(settings.tile_url))

    @application.get("/healthz")
    async def healthz() -> Response:
        return JsonAnswer({"role": "api", "ready": (reason := resources.why_not_ready()) is None, "reason": reason})

    application.mount("/v1", api.windhover.application.create(resources))
    application.mount("/", page_application())
    return application
