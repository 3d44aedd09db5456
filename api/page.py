"""Serves the page: static files built from `web/` into `api/windhover/static`.

Files below `assets/` have a hash in their name and are kept by browsers for ever; all others are asked for again each
time (a short answer when nothing changed). Where nothing was built, a plain page says how to build it.
"""

from pathlib import Path
from urllib.parse import urlsplit

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

FOLDER = Path(__file__).parent / "windhover" / "static"

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Windhover: the page is not built yet</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>The page is not built yet</h1>
<p>The server runs, but its page has not been built. In the project's folder:</p>
<pre>npm --prefix web ci
npm --prefix web run build</pre>
<p>Then load this page again. <code>make run</code> does both.
The HTTP API works already: <a href="/v1/docs">its pages</a>.</p>
</html>
"""


class _Page(StaticFiles):
    async def check_config(self) -> None:
        """A folder that is not built yet is no reason to fail."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == "." and scope["method"] in {"GET", "HEAD"} and not (FOLDER / "index.html").is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = _FOR_EVER if path.startswith("assets/") else _ASK_AGAIN
        return response


def page_application() -> ASGIApp:
    """The application that is mounted at `/`; text is compressed on the way."""
    return GZipMiddleware(_Page(directory=FOLDER, html=True, check_dir=False), minimum_size=1024, compresslevel=6)


def content_security_policy(tile_url: str) -> str:
    """What a browser may load: this host alone, and the tile server where one is set.

    MapLibre runs its worker from a blob: and draws tiles from blob: images; it and Svelte set styles inline.
    """
    tiles = urlsplit(tile_url)
    also = f" {tiles.scheme}://{tiles.netloc}" if tiles.scheme in {"http", "https"} and tiles.netloc else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self' blob:",
            "child-src blob:",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{also}",
            "font-src 'self'",
            f"connect-src 'self'{also}",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
