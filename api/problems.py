"""Errors as RFC 9457 problem details: `application/problem+json`, for every error that the api answers with.

{"type": "about:blank", "title": "Unprocessable Content", "status": 422, "detail": "one line for people",
 "errors": [{"field": "from", "detail": "..."}]}
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline import metrics
from pipeline.errors import RequestError, UnavailableError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
#: What a client is told to wait when something that the api needs is away.
RETRY_AFTER_SECONDS = 2

_DETAILS = {
    404: "there is nothing at this address",
    405: "this address does not take this method",
}


class TooManyRequestsError(RequestError):
    """The caller comes too often; `retry_after_seconds` says when to come again."""

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail, status=429)
        self.retry_after_seconds = retry_after_seconds


class UnauthorizedError(RequestError):
    """No token, or one that does not count (any more)."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, status=401)


def problem(
    status: int,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status, headers=kept, media_type=MEDIA_TYPE)


def install_problems(application: FastAPI) -> None:
    """Answer every error of this application as a problem."""
    application.add_exception_handler(RequestValidationError, _on_validation)
    application.add_exception_handler(RequestError, _on_request_error)
    application.add_exception_handler(UnavailableError, _on_unavailable)
    application.add_exception_handler(HTTPException, _on_http_exception)
    application.add_exception_handler(Exception, _on_failure)


async def _on_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [{"field": _field(each["loc"]), "detail": _sentence(each["msg"])} for each in error.errors()[:20]]
    first = errors[0]
    return problem(422, f"{first['field']}: {first['detail']}", errors)


def _field(location: tuple[int | str, ...]) -> str:
    """The field's own path: `("query", "from")` gives `from`, `("body", "a", 0)` gives `a.0`, `("body",)` `body`."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")


async def _on_request_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    headers = {}
    if isinstance(error, UnauthorizedError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_after_seconds)
    errors = [{"field": error.field, "detail": error.detail}] if error.field else None
    return problem(error.status, error.detail, errors, headers)


async def _on_unavailable(request: Request, error: Exception) -> Response:
    metrics.ERRORS.labels("api", "unavailable").inc()
    log.warning("request refused for now", extra={"path": request.url.path, "reason": str(error)})
    what = str(error).partition(":")[0]
    detail = f"{what} does not answer now: try again in {RETRY_AFTER_SECONDS} s"
    return problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


async def _on_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    detail = _DETAILS.get(error.status_code, str(error.detail)) if error.detail == phrase else str(error.detail)
    return problem(error.status_code, detail, headers=error.headers)


async def _on_failure(request: Request, _: Exception) -> Response:
    # Starlette raises the error again after this answer, so the server logs it with its traceback.
    metrics.ERRORS.labels("api", "request").inc()
    log.error("request failed", extra={"path": request.url.path, "method": request.method})
    return problem(500, "the server made a mistake: its log says which")
