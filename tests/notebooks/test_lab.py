"""`tiermix lab` in a real browser: a double click opens a notebook, and nobody else is asked."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium

LAB = "import sys; from tiermix.cli.main import main; sys.argv[0] = 'tiermix'; main()"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A laboratory on a folder of copies: where it is, and its word of admission."""
    places = {"JUPYTER_RUNTIME_DIR": tmp_path / "runtime", "JUPYTER_CONFIG_DIR": tmp_path / "conf"}
    env = {**os.environ, **{name: str(path) for name, path in places.items()}, "BROWSER": "true"}
    told = [sys.executable, "-c", LAB, "lab", "--folder", str(tmp_path / "mine")]
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen(
            [*told, "--port", str(_free_port())], env=env, stdout=log, stderr=log, cwd=tmp_path
        )
        try:
            yield _ready(tmp_path / "runtime", server)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _ready(runtime: Path, server: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What the server says of itself, once it does."""
    for _ in range(600):
        for told in runtime.glob("jpserver-*.json"):
            return dict(json.loads(told.read_text("utf-8")))
        assert server.poll() is None, "the laboratory ended at once"
        time.sleep(0.1)
    raise AssertionError("the laboratory did not start within a minute")


@pytest.mark.long
def test_a_double_click_opens_a_notebook_that_runs(lab: dict[str, Any], tmp_path: Path) -> None:
    complaints: list[str] = []
    with chromium() as browser:
        sheet = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
        sheet.on("pageerror", lambda error: complaints.append(str(error)))
        sheet.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        sheet.on(
            "request",
            lambda asked: None if _ours(asked.url, lab["port"]) else complaints.append(asked.url),
        )
        sheet.goto(f"{lab['url']}lab?token={lab['token']}")
        item = sheet.locator(".jp-DirListing-item", has_text="story_retail.ipynb")
        item.dblclick(timeout=60_000)
        panel = sheet.locator(".jp-NotebookPanel")
        panel.locator("h1").first.wait_for(timeout=60_000)
        assert panel.locator("h1").first.inner_text().startswith("Retail: search harvests")
        sheet.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
        if shown := os.environ.get("TIERMIX_TEST_PICTURES"):
            sheet.screenshot(path=f"{shown}/lab.png")
        prompt = panel.locator(".jp-CodeCell .jp-InputPrompt").first
        for tenth in range(900):
            if prompt.inner_text() == "[ ]:" and tenth % 100 == 0:
                # A page that is still busy may miss a key, as it would a person's.
                panel.locator(".jp-CodeCell").first.click()
                sheet.keyboard.press("Shift+Enter")
            if re.fullmatch(r"\[\d+\]:", prompt.inner_text()):
                break
            sheet.wait_for_timeout(100)
        assert re.fullmatch(r"\[\d+\]:", prompt.inner_text())
        assert sheet.locator(".Toastify__toast").count() == 0, "it asks whether it may ask"
    assert complaints == []


def _ours(url: str, port: int) -> bool:
    return url.startswith(
        ("data:", "blob:", f"http://127.0.0.1:{port}", f"http://localhost:{port}")
    )
