"""Debian's Chromium, driven by Playwright: how it is started, and how a test waits for something in the page."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

EXECUTABLE = "/usr/bin/chromium"
#: WebGL without a graphics card, and no request that the page itself did not make.
ARGUMENTS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.1


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def wait_until(page: Page, expression: str, seconds: float = WAIT_SECONDS) -> object:
    """What `expression` gives in the page as soon as that counts as true.

    Playwright's own wait_for_function evaluates text inside the page, which the page's Content-Security-Policy forbids.

    Raises:
        AssertionError: it did not within `seconds`.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := page.evaluate(expression):
            return value
        time.sleep(_POLL_SECONDS)
    raise AssertionError(f"after {seconds:g} s it still does not hold in the page: {expression}")


def log_in(page: Page, url: str, user: str, password: str) -> None:
    """Open the page and fill in the form; returns once live data arrives."""
    page.goto(url)
    page.get_by_label("User").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    wait_until(page, "() => window.windhover?.link() === 'open'")
