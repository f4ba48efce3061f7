"""A served page in a real Chromium; every test fails on a console error or a request that leaves the host."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from spikedash.jobs.store import FINAL, Store

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 60_000

expect.set_options(timeout=30_000)  # other work may share the machine


#: Python loads this in every process of the server: it writes down whoever wants to speak with another host.
WATCH = """
import os, sys

def watch(event, given):
    if event == "socket.connect" and isinstance(given[1], tuple):
        host = str(given[1][0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = str(given[0])
    else:
        return
    if not host.startswith("127.") and host not in ("::1", "localhost", "None"):
        with open(os.environ["SPIKEDASH_TEST_WATCH"], "a") as log:
            log.write(f"{event} {host} {sys.argv}\\n")

sys.addaudithook(watch)
"""


class Served(NamedTuple):
    """A running app.py."""

    url: str
    pid: int
    store: Store


@pytest.fixture(scope="session")
def served(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app as a person starts it, on a free port with an empty store, its demo trained."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("served")
    log = folder / "app.log"
    # One person: what a test puts into the store itself is then as much the page's as what the page launches.
    settings = {
        "SPIKEDASH_DATA": str(folder / "data"),
        "PORT": str(port),
        "SPIKEDASH_HOST": "127.0.0.1",
        "SPIKEDASH_PEOPLE": "one",
    }
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH)
    settings |= {"PYTHONPATH": str(folder / "watch"), "SPIKEDASH_TEST_WATCH": str(folder / "spoken")}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=project, env=os.environ | settings, stdout=out, stderr=out)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(lambda: _answers(f"{url}/healthz") or process.poll() is not None, 90, "a serving page")
            assert process.poll() is None, log.read_text()
            store = Store(folder / "data")
            _wait(lambda: any(run.state in FINAL for run in store.runs()), 170, "the demo run")
            yield Served(url, process.pid, store)
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
    assert "Traceback" not in log.read_text(), log.read_text()
    assert not (folder / "spoken").exists(), (folder / "spoken").read_text()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait(happened: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.1)


def until(page: Page, expression: str, *, arg: Any = None, timeout: float = PATIENCE_MS) -> None:
    """Wait until an expression, or a function of `arg`, is true in the page."""
    end = time.monotonic() + timeout / 1000
    while not _holds(page, expression, arg):
        assert time.monotonic() < end, f"waited {timeout / 1000:g} s for {expression}"
        page.wait_for_timeout(50)


def _holds(page: Page, expression: str, arg: Any) -> bool:
    try:
        return bool(page.evaluate(expression, arg))
    except Error as gone:
        if "navigation" not in str(gone):
            raise
        return False


# Playwright's own repeats its question by eval inside of the page, which the page's Content Security Policy refuses.
Page.wait_for_function = until


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        if os.environ.get("SPIKEDASH_TEST_SLOW"):
            quick = browser.new_context
            browser.new_context = lambda **given: slowed(quick(**given))
        yield browser
        browser.close()


def slowed(context: BrowserContext) -> BrowserContext:
    """A browser on a slow computer far away: what a test, or a page, takes to be there already is not."""

    def slow(page: Page) -> None:
        tools = context.new_cdp_session(page)
        tools.send("Emulation.setCPUThrottlingRate", {"rate": 1.5})
        line = {"offline": False, "latency": 150, "downloadThroughput": -1, "uploadThroughput": -1}
        tools.send("Network.emulateNetworkConditions", line)

    context.on("page", slow)
    return context


@pytest.fixture
def context(chromium: Browser, served: Served) -> Iterator[BrowserContext]:
    """A browser of a person who has never been here."""
    fresh = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=served.url)
    fresh.set_default_timeout(PATIENCE_MS)
    yield fresh
    fresh.close()
    for sweep in served.store.sweeps.sweeps():
        if sweep.state not in ("done", "stopped"):
            served.store.sweeps.command(sweep.id, "stop")
    for run in served.store.runs():
        if run.state not in FINAL:
            served.store.command(run.id, "stop")


@pytest.fixture
def faults(context: BrowserContext, served: Served) -> Iterator[list[str]]:
    """Console errors, exceptions and foreign requests of every page; a test that provokes one takes it out."""
    found: list[str] = []
    context.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: found.append(str(error.error)))
    context.on(
        "request", lambda request: None if _local(request.url, served.url) else found.append(f"left the host: {request.url}")
    )
    yield found
    assert not found, "\n".join(found)


def _local(url: str, home: str) -> bool:
    return url.startswith((home, "data:", "blob:"))


@pytest.fixture
def open_page(context: BrowserContext, faults: list[str]) -> Callable[[str], Page]:
    """Open a path and wait until the page can be used."""

    def go(path: str = "/") -> Page:
        page = context.new_page()
        page.goto(path)
        ready(page)
        return page

    return go


def ready(page: Page) -> None:
    """Wait until controls, figures and the first answer of the stream are there."""
    page.locator("#raster .main-svg").first.wait_for()
    page.wait_for_function("document.querySelector('#sentence').textContent !== ''")
    page.wait_for_function("document.querySelector('#estimate').textContent !== ''")
    page.wait_for_function("getComputedStyle(document.querySelector('.controls')).visibility === 'visible'")  # a lesson's wait


@pytest.fixture
def page(open_page: Callable[[str], Page]) -> Page:
    """The playground, as a newcomer sees it."""
    return open_page("/")
