"""Two people and a hostile page in a real browser: the link lets in, each sees their own, and the other site moves nothing."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from spikedash.jobs.store import Store

PATIENCE_MS = 90_000
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]


class Lab(NamedTuple):
    """A server that others may reach, with the link it printed."""

    link: str
    store: Store

    @property
    def home(self) -> str:
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.link))


@pytest.fixture(scope="module")
def lab(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    given = os.environ | {"SPIKEDASH_DATA": str(folder / "data"), "PORT": "0", "SPIKEDASH_TOKEN": "auto"}
    log = folder / "app.log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=project, env=given, stdout=out, stderr=out)
    try:
        end = time.monotonic() + 90
        while not (found := re.search(r"http://\S+", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, "it does not say where it is"
            time.sleep(0.1)
        yield Lab(found[0], Store(folder / "data"))
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


@pytest.fixture
def somebody(chromium: Browser) -> Iterator[list[BrowserContext]]:
    """Contexts are people; all that a test opens are closed."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def arrive(chromium: Browser, somebody: list[BrowserContext], address: str) -> BrowserContext:
    somebody.append(chromium.new_context())
    somebody[-1].set_default_timeout(PATIENCE_MS)
    somebody[-1].new_page().goto(address)
    return somebody[-1]


def test_the_link_lets_in_and_each_sees_their_own(chromium: Browser, somebody: list[BrowserContext], lab: Lab) -> None:
    ada = arrive(chromium, somebody, lab.link).pages[0]
    assert ada.url.rstrip("/#") == lab.home, "the token stays in the address"
    assert ada.evaluate("document.cookie") == ""
    ada.locator("#estimate").filter(has_text=re.compile(r"\d")).wait_for()
    ada.locator("#train").click()
    ada.wait_for_url(re.compile("#run="))
    run = ada.url.partition("#run=")[2]
    ada.goto(f"{lab.home}/runs/{run}")
    ada.locator(".run-page h1").wait_for()

    bob = arrive(chromium, somebody, lab.link).pages[0]
    answer = bob.goto(f"{lab.home}/runs/{run}")
    assert answer is not None
    assert answer.status == 404
    expect(bob.locator("h1")).to_have_text("There is no such page", timeout=PATIENCE_MS)
    assert bob.evaluate(f"fetch('/stream/{run}').then((answer) => answer.status)") == 404
    assert ada.evaluate(f"fetch('/stream/{run}').then((answer) => answer.status)") == 200
    bob.goto(f"{lab.home}/#run={run}")
    expect(bob.locator("#notice")).to_contain_text("The run of this link is not on this server", timeout=PATIENCE_MS)
    bob.goto(f"{lab.home}/runs")
    expect(bob.locator("#runs-empty")).to_be_visible(timeout=PATIENCE_MS)
    ada.goto(f"{lab.home}/runs")
    ada.locator(f".ag-row[row-id='{run}']").first.wait_for()

    hostile_page_moves_nothing(ada.context, lab, run)
    lab.store.command(run, "stop")


def test_who_has_no_link_is_asked_for_the_token(chromium: Browser, somebody: list[BrowserContext], lab: Lab) -> None:
    stranger = arrive(chromium, somebody, f"{lab.home}/sweeps").pages[0]
    expect(stranger.locator("h1")).to_have_text("SpikeDash")
    stranger.get_by_label("Token").fill("not the right token at all")
    stranger.get_by_role("button", name="Enter").click()
    expect(stranger.locator("p")).to_contain_text("not this server's token")
    stranger.get_by_label("Token").fill(lab.link.partition("token=")[2])
    stranger.get_by_role("button", name="Enter").click()
    stranger.locator("#train").wait_for()
    assert "token" not in stranger.url


HOSTILE = """<!DOCTYPE html><title>Win a network</title><img src="HOME/stream/RUN"><iframe src="HOME/"></iframe>
<script>
const body = JSON.stringify({output: 'run-stop.title', outputs: {id: 'run-stop', property: 'title'},
  inputs: [{id: 'run-stop', property: 'n_clicks', value: 1}], state: [{id: 'watch', property: 'data', value: 'RUN'}],
  changedPropIds: ['run-stop.n_clicks']});
const remove = JSON.stringify({output: 'runs-said.data', outputs: {id: 'runs-said', property: 'data'},
  inputs: [{id: 'runs-ask', property: 'data', value: {what: 'delete', ids: ['RUN']}}], changedPropIds: ['runs-ask.data']});
const question = JSON.stringify({page: '0123456789abcdef', question: {}});
const ask = (options) => fetch('HOME/_dash-update-component', {method: 'POST', credentials: 'include', body, ...options});
Promise.allSettled([
  ask({mode: 'no-cors', headers: {'Content-Type': 'text/plain'}}),
  ask({mode: 'cors', headers: {'Content-Type': 'application/json'}}),
  fetch('HOME/upload?name=x.csv', {method: 'POST', mode: 'no-cors', credentials: 'include', body: 'time_s,a'}),
  ask({mode: 'no-cors', headers: {'Content-Type': 'text/plain'}, body: remove}),
  fetch('HOME/probe/RUN', {method: 'POST', mode: 'no-cors', credentials: 'include', body: question}),
  ...['stream/RUN', 'stream/runs', 'stream/runs/curves?runs=RUN', 'export/RUN/json', 'export/runs.csv'].map((path) =>
    fetch('HOME/' + path, {mode: 'no-cors', credentials: 'include'})),
]).then(() => { document.title = 'done'; });
</script>"""


def hostile_page_moves_nothing(ada: BrowserContext, lab: Lab, run: str) -> None:
    """A page of another site in the same browser, whose cookies would go along."""
    told = HOSTILE.replace("HOME", lab.home).replace("RUN", run).encode()

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tried: list[str] = []
    answered: list[int] = []  # what the browser lets nobody see is not among them
    ada.on("request", lambda asked: tried.append(f"{asked.method} {asked.url}"))
    ada.on("response", lambda answer: answered.append(answer.status) if answer.url.startswith(lab.home) else None)
    page = ada.new_page()
    ada.pages[0].goto("about:blank")  # so that all that is asked is asked by the hostile page
    tried.clear()
    answered.clear()
    page.goto(f"http://localhost:{server.server_port}/")
    expect(page).to_have_title("done", timeout=PATIENCE_MS)
    server.shutdown()
    server.server_close()
    assert len([asked for asked in tried if asked.startswith("POST " + lab.home)]) >= 4, tried
    for path in (f"stream/{run}", "stream/runs", f"stream/runs/curves?runs={run}", f"export/{run}/json", "export/runs.csv"):
        assert f"GET {lab.home}/{path}" in tried
    assert set(answered) <= {403}
    assert lab.store.run(run).state != "stopped"
    page.close()
