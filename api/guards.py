"""What stands before every application: a bound on request bodies, security headers on every answer."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

#: Requests to this api are small JSON; uploads will have a bound of their own.
MAX_BODY_BYTES = 256 * 1024
_TOO_LARGE = f"the body is larger than {MAX_BODY_BYTES} bytes: send less at once"


class BodyLimit:
    """Answers 413 to a body above `MAX_BODY_BYTES`, announced or not, without reading the rest of it."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
            await problem(413, _TOO_LARGE, headers={"Connection": "close"})(scope, receive, send)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > MAX_BODY_BYTES:
                    raise HTTPException(413, _TOO_LARGE, {"Connection": "close"})
            return message

        await self._application(scope, bounded, send)


class SecurityHeaders:
    """Sets headers that hold for every answer of ours; what an application set itself stays."""

    def __init__(self, application: ASGIApp, content_security_policy: str) -> None:
        self._application = application
        self._headers = {
            "Content-Security-Policy": content_security_policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._application(scope, receive, with_headers)
