"""Who calls: the dependency that every route but the public ones has."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import UnauthorizedError
from api.resources import Resources
from pipeline.store.accounts import Identity

_BEARER = HTTPBearer(auto_error=False, description="A token of `POST /login` or an API key of `POST /tokens`.")
_MAX_TOKEN_LENGTH = 200


def shared(request: Request) -> Resources:
    """What requests share."""
    resources = request.app.state.resources
    assert isinstance(resources, Resources)
    return resources


Shared = Annotated[Resources, Depends(shared)]


async def identify(
    resources: Shared, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Identity:
    """Whom the request acts for.

    Raises:
        UnauthorizedError: no bearer token, or one that is unknown, revoked or expired.
    """
    if credentials is None:
        raise UnauthorizedError("a token is needed: send `Authorization: Bearer ...` (POST /v1/login gives one)")
    token = credentials.credentials
    identity = await resources.tokens.identify(token) if len(token) <= _MAX_TOKEN_LENGTH else None
    if identity is None:
        raise UnauthorizedError("this token does not count (any more): log in again")
    return identity


Caller = Annotated[Identity, Depends(identify)]
