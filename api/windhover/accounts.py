"""Logging in and out, and API keys."""

import asyncio
import time
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.answers import JsonAnswer, present
from api.attempts import Attempts
from api.problems import TooManyRequestsError, UnauthorizedError
from api.resources import Resources
from api.windhover.caller import Caller, Shared
from api.windhover.models import Login, Me, NewToken, Page, Session, Token, TokenSecret
from pipeline.errors import RequestError
from pipeline.secrets import new_token, token_sha256
from pipeline.store import accounts
from pipeline.store.pool import Row

router = APIRouter(tags=["accounts"])

TokenId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post("/login", response_model=Session)
async def log_in(login: Login, request: Request, resources: Shared) -> Response:
    """Give a token for a user name and password. Too many failures in a minute: 429."""
    keys = _count_attempt(resources, login.user, request)
    person = await accounts.find_person(resources.database, login.user) if _storable(login.user) else None
    async with resources.logins:
        kept = person.password_hash if person else None
        right = await asyncio.to_thread(resources.passwords.match, kept, login.password)
    if person is None or not right:
        raise UnauthorizedError("user name or password is wrong")
    for attempts, key in keys:
        attempts.give_back(key)
    token = new_token()
    row = await accounts.add_token(
        resources.database,
        account=person.account,
        person=person.person,
        token_sha256=token_sha256(token),
        label="login",
        lifetime=timedelta(seconds=resources.settings.http_login_seconds),
    )
    await accounts.forget_expired_tokens(resources.database, person.account)
    return JsonAnswer({"token": token, "expires_at": row["expires_at"], "account": person.account_name})


@router.post("/logout", status_code=204)
async def log_out(caller: Caller, resources: Shared) -> Response:
    """Revoke the token of this request."""
    await accounts.revoke_token(resources.database, caller.account, caller.token)
    resources.tokens.forget(caller.token)
    return Response(status_code=204)


@router.get("/me", response_model=Me)
async def read_me(caller: Caller) -> Response:
    """Whom the token acts for."""
    return JsonAnswer(present({"account": caller.account_name, "user": caller.user, "expires_at": caller.expires_at}))


@router.get("/tokens", response_model=Page[Token])
async def list_tokens(caller: Caller, resources: Shared) -> Response:
    """The account's tokens that count now (logins and API keys), newest first, without their secrets."""
    rows = await accounts.tokens(resources.database, caller.account)
    return JsonAnswer({"items": [_token(row) for row in rows], "next_cursor": None})


@router.post("/tokens", status_code=201, response_model=TokenSecret)
async def create_token(new: NewToken, caller: Caller, resources: Shared) -> Response:
    """Make an API key; the answer is the only one that shows it."""
    token = new_token()
    row = await accounts.add_token(
        resources.database,
        account=caller.account,
        person=caller.person,
        token_sha256=token_sha256(token),
        label=new.label,
        lifetime=None if new.lifetime_seconds is None else timedelta(seconds=new.lifetime_seconds),
    )
    return JsonAnswer({**_token({**row, "user_name": caller.user}), "token": token}, status_code=201)


@router.delete("/tokens/{token}", status_code=204)
async def revoke_token(token: TokenId, caller: Caller, resources: Shared) -> Response:
    """Revoke a token of the account; other processes notice within seconds."""
    if not await accounts.revoke_token(resources.database, caller.account, token):
        raise RequestError("the account has no such token", "token", status=404)
    resources.tokens.forget(token)
    return Response(status_code=204)


def _count_attempt(resources: Resources, user: str, request: Request) -> list[tuple[Attempts, str]]:
    address = request.client.host if request.client else "unknown"
    keys = [(resources.failures_of_user, user.casefold()), (resources.failures_of_address, address)]
    for attempts, key in keys:
        wait = attempts.take(key, time.monotonic())
        if wait:
            raise TooManyRequestsError(f"too many failed logins: try again in {wait} s", wait)
    return keys


def _storable(user: str) -> bool:
    return "\0" not in user


def _token(row: Row) -> Row:
    return present(
        {
            "token_id": row["token_id"],
            "label": row["label"],
            "user": row["user_name"],
            "created_at": row["created_at"],
            "expires_at": row["expires_at"],
        }
    )
