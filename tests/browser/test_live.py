"""The Live view against the running system: its main story, and its worst state."""

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import WAIT_SECONDS, log_in, wait_until
from tests.browser.wire import Wire

#: The aircraft that is in the air and drawn, the fastest first; see web/src/test_hook.ts.
FLYING = """() => window.windhover.devices()
    .filter((device) => device.kind === 'aircraft' && device.drawn && device.ground_speed_mps > 2)
    .sort((a, b) => b.ground_speed_mps - a.ground_speed_mps)[0]"""
#: A symbol that moved by this much was not just redrawn: about a metre.
STEP_DEG = 1e-5


def drawn(device: str) -> str:
    return f"() => window.windhover.devices().find((each) => each.device === {device!r})?.drawn"


def test_an_aircraft_moves_on_the_map_without_a_reload(page: Page, running_system):
    log_in(page, running_system.url, running_system.user, running_system.password)
    aircraft = wait_until(page, FLYING)
    device, (longitude, latitude) = aircraft["device"], aircraft["drawn"]
    moved = f"""() => {{
        const [longitude, latitude] = ({drawn(device)})();
        return Math.abs(longitude - {longitude}) + Math.abs(latitude - {latitude}) > {STEP_DEG};
    }}"""
    frames = page.evaluate("() => window.windhover.framesDrawn()")
    assert wait_until(page, moved)
    assert wait_until(page, f"() => window.windhover.framesDrawn() > {frames}")


def test_a_device_chosen_in_the_list_shows_its_fields_and_its_last_hour(page: Page, running_system):
    log_in(page, running_system.url, running_system.user, running_system.password)
    device = wait_until(page, FLYING)["device"]
    page.get_by_label("Filter").fill(device)
    page.get_by_role("option").first.click()
    card = page.get_by_role("region", name=re.compile("^Device "))
    expect(card.get_by_text(device, exact=True).last).to_be_visible()
    expect(card.get_by_text("Height above take-off")).to_be_visible()
    expect(card.get_by_text(re.compile(r"Last hour: [\d,]+ positions"))).to_be_visible(timeout=WAIT_SECONDS * 1000)
    expect(page).to_have_url(re.compile(f"device={device}"))


def test_a_wrong_password_is_said_plainly(page: Page, running_system):
    page.goto(running_system.url)
    page.get_by_label("User").fill(running_system.user)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("User or password is wrong")


def test_a_server_that_is_gone_is_said_at_once_and_the_map_lives_on_when_it_is_back(page: Page, running_system):
    with Wire(running_system.url) as wire:
        log_in(page, wire.url, running_system.user, running_system.password)
        wait_until(page, FLYING)
        wire.cut()
        gone = page.get_by_text(re.compile(r"Disconnected: the map shows the past, \d+ s old"))
        expect(gone).to_be_visible(timeout=10_000)
        expect(page.get_by_text(re.compile(r"Next attempt in \d+ s"))).to_be_visible(timeout=10_000)
        wire.join()
        expect(gone).to_be_hidden(timeout=WAIT_SECONDS * 1000)
        assert wait_until(page, FLYING)
