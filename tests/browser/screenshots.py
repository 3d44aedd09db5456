"""Pictures of every view from a running system into docs/pictures, light and dark, wide and phone: `make screenshots`.

Reads the address and the login from `.windhover/run.json` (or the folder that WINDHOVER_HOME names).
"""

import json
import os
import sys
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from tests.browser.chromium import chromium, log_in, wait_until

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
#: Trails grow while the page is open.
TRAIL_MS = 20_000


def take(browser: Browser, run: dict[str, str], scheme: Literal["light", "dark"], size: str) -> None:
    """The Live view as it opens, and with an aircraft chosen."""
    width, height = SIZES[size]
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
    page = context.new_page()
    log_in(page, run["url"], run["user"], run["password"])
    wait_until(page, "() => window.windhover.devices().some((device) => device.kind === 'aircraft' && device.drawn)")
    page.wait_for_timeout(TRAIL_MS)
    page.screenshot(path=PICTURES / f"live-{scheme}-{size}.png")
    page.get_by_label("Filter").fill("aircraft")
    page.get_by_role("option").first.click()
    page.get_by_text("Last hour:").wait_for()
    page.wait_for_timeout(2000)
    page.screenshot(path=PICTURES / f"device-{scheme}-{size}.png")
    context.close()


def main() -> int:
    """Exit code 2 where no system runs."""
    home = Path(os.environ.get("WINDHOVER_HOME", ".windhover"))
    try:
        run = json.loads((home / "run.json").read_text())
    except FileNotFoundError:
        sys.stderr.write(f"{home / 'run.json'} is missing: start the system with `make run`, then try again\n")
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for scheme, size in product(SCHEMES, SIZES):
            take(browser, run, scheme, size)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
