"""The browser, and a page whose every mishap fails the test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while Playwright runs, its event loop is the thread's, and no other test could have one."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; errors in its scripts and requests to other hosts fail the test at its end."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    mishaps: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: mishaps.append(f"script: {error}"))
    page.on("request", lambda request: None if _own(request.url) else mishaps.append(f"foreign host: {request.url}"))
    yield page
    context.close()
    assert mishaps == []


def _own(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "blob:", "data:"))
