"""The command as somebody uses it: its page in a browser, from the first look to the end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytest.importorskip("streamlit", reason="no Streamlit: `uv sync --group browser` to look at pages")
api = pytest.importorskip("playwright.sync_api", reason="no Playwright: `uv sync --group browser`")
expect = api.expect
WAIT = 120_000
HOST = "127.0.0.1"

pytestmark = pytest.mark.long


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) == 0


def _started(curves_file: Path, folder: Path, *more: str) -> tuple[subprocess.Popen[str], int]:
    port = _free_port()
    command = [sys.executable, "-c", "from tiermix.cli.main import main; main()", "planner"]
    asked = ["retail", "--curves", str(curves_file), "--port", str(port), "--customers", "60"]
    environment = {**os.environ, "HOME": str(folder)}
    return subprocess.Popen(
        [*command, *asked, "--replications", "2", "--workers", "1", *more],
        cwd=folder, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    ), port  # fmt: skip


@pytest.fixture(scope="module")
def address(curves_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page that is served; when it is told to end its port is free."""
    server, port = _started(curves_file, tmp_path_factory.mktemp("page"))
    assert server.stderr is not None
    assert f"http://{HOST}:{port}" in server.stderr.readline()
    yield f"http://{HOST}:{port}"
    server.send_signal(signal.SIGTERM)
    server.wait(20)
    assert not _answers(port)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def _visit(browser: Browser, address: str, complaints: list[str], width: int = 1100) -> Page:
    sheet = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    sheet.on("console", lambda message: complaints.append(message.text))
    sheet.on("pageerror", lambda error: complaints.append(str(error)))
    sheet.on("request", lambda asked: _note(asked.url, address, complaints))
    for _ in range(60):
        try:
            sheet.goto(address)
            break
        except Exception:
            sheet.wait_for_timeout(500)
    sheet.get_by_text("Certified:").wait_for(timeout=WAIT)
    sheet.get_by_role("button", name="Keep as a study").wait_for(timeout=WAIT)
    return sheet


def _note(url: str, address: str, complaints: list[str]) -> None:
    if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:")):
        complaints.append(f"asked for {url}")


def _field(sheet: Page) -> Locator:
    return sheet.get_by_role("textbox", name="Budget of the year (CNY)")


def _budget(sheet: Page, written: str) -> None:
    field = _field(sheet)
    field.fill(written)
    field.press("Enter")


def test_moves_are_answered_survive_a_reload_and_stay_in_their_own_tab(
    browser: Browser, address: str
) -> None:
    complaints: list[str] = []
    sheet = _visit(browser, address, complaints)
    field = _field(sheet)
    expect(field).to_have_value("30,000,000")
    _budget(sheet, "80%")
    expect(field).to_have_value("24,000,000", timeout=WAIT)
    _budget(sheet, "nothing at all")
    sheet.get_by_text("no amount of money").first.wait_for(timeout=WAIT)
    expect(field).to_have_value("24,000,000")
    other = _visit(browser, address, complaints)
    expect(_field(other)).to_have_value("30,000,000")
    sheet.reload()
    expect(field).to_have_value("24,000,000", timeout=WAIT)
    assert re.search(r"\?sheet=\w{12}$", sheet.url)
    assert complaints == []


def test_an_amount_that_is_written_into_the_grid_stays(browser: Browser, address: str) -> None:
    complaints: list[str] = []
    sheet = _visit(browser, address, complaints)
    grid = sheet.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    sheet.wait_for_timeout(2000)  # until it has drawn itself, and nothing above it moves any more
    box = grid.bounding_box()
    assert box is not None
    sheet.mouse.dblclick(box["x"] + 140, box["y"] + 52)  # the first channel's first month
    sheet.locator(".gdg-input").first.fill("123456")
    sheet.keyboard.press("Enter")
    sheet.get_by_text("seo 2026-01 as set: ¥123,456").wait_for(timeout=WAIT)
    sheet.get_by_text("Certified:").wait_for(timeout=WAIT)
    sheet.get_by_role("button", name="Free all").click()
    expect(sheet.get_by_text("seo 2026-01 as set")).to_have_count(0, timeout=WAIT)
    assert complaints == []


def test_a_conflict_is_left_by_a_button(browser: Browser, address: str) -> None:
    complaints: list[str] = []
    sheet = _visit(browser, address, complaints)
    _budget(sheet, "15%")
    sheet.get_by_text("No plan keeps all rules").first.wait_for(timeout=WAIT)
    sheet.get_by_role("button", name=re.compile("^(raise|lower) ")).click()
    sheet.get_by_text("Certified:").wait_for(timeout=WAIT)
    assert complaints == []


def test_nothing_scrolls_sideways_on_a_telephone(browser: Browser, address: str) -> None:
    complaints: list[str] = []
    sheet = _visit(browser, address, complaints, width=390)
    sheet.wait_for_timeout(1000)
    sizes = "[document.documentElement.scrollWidth, window.innerWidth]"
    assert sheet.evaluate(sizes) == [390, 390]
    main = "e => e.scrollWidth - e.clientWidth"
    assert sheet.get_by_test_id("stMain").evaluate(main) <= 0
    assert complaints == []


def test_a_port_that_is_taken_is_refused(address: str, curves_file: Path, tmp_path: Path) -> None:
    port = address.rsplit(":", 1)[1]
    again, _ = _started(curves_file, tmp_path, "--port", port)
    _, said = again.communicate(timeout=60)
    assert again.returncode == 2
    assert f"port {port}: something answers there already" in said
