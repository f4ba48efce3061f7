"""In a real browser: the content policy holds on every page without a complaint, and nothing leaves the host."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import WATCH
from playwright.sync_api import BrowserContext, Page, expect

from spikedash.jobs.store import Axis, Measure, NewCell, Plan
from spikedash.params import Params
from spikedash.ui.header import PLACES

expect.set_options(timeout=30_000)  # other work may share the machine
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]

PATIENCE_MS = 90_000
TINY = {"network.n": 30, "training.loops": 3, "training.test_trials": 2, "target.duration_ms": 200}

#: Told by the browser for everything that the policy forbids, whether or not it writes to the console.
LISTEN = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@pytest.fixture
def watched(context: BrowserContext, faults: list[str]) -> Iterator[Page]:
    """A page whose console errors, policy violations and foreign requests fail the test."""
    context.add_init_script(LISTEN)
    page = context.new_page()
    yield page
    page.close()


def settled(page: Page) -> None:
    """What a page draws by itself is drawn, and it has asked the server a few times."""
    page.locator("#main").wait_for()
    page.wait_for_timeout(1500)


@pytest.fixture(scope="module")
def trained(served: Any) -> str:
    """A run whose network can be asked."""
    run = str(served.store.launch(Params().with_values(TINY), name="Trained"))
    end = time.monotonic() + 150
    while served.store.run(run).state != "done":
        assert time.monotonic() < end, "the run takes too long"
        time.sleep(0.1)
    return run


@pytest.fixture(scope="module")
def sweep(served: Any) -> str:
    """A sweep whose page has a map."""
    axes = (Axis("network.tau_s_ms", "Synaptic time", "ms", (10, 20)), Axis("network.n", "Neurons", "", (20, 30)))
    cells = tuple(
        NewCell((i, j), 1, Params().with_values({**TINY, "network.tau_s_ms": tau, "network.n": n}))
        for i, tau in enumerate((10, 20))
        for j, n in enumerate((20, 30))
    )
    return str(served.store.sweeps.launch(Plan("Map", axes, Measure("correlation", "correlation.test_mean"), cells)))


@pytest.mark.parametrize("path", [*(place[0] for place in PLACES), "/learn/cortex", "/nothing/here"])
def test_a_page_keeps_its_policy_and_stays_on_the_host(watched: Page, faults: list[str], path: str) -> None:
    answer = watched.goto(path)
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    settled(watched)
    if path == "/nothing/here":
        faults[:] = [fault for fault in faults if "404" not in fault]


def test_the_playground_trains_under_its_policy(watched: Page) -> None:
    watched.goto("/")
    watched.locator("#raster .main-svg").first.wait_for()
    watched.locator("#train").click()
    expect(watched.locator("#state")).not_to_have_text("Ready")
    watched.locator("#scheme").click()
    watched.wait_for_timeout(1000)


def test_a_run_with_its_tabs_and_a_sweep_keep_their_policy(watched: Page, trained: str, sweep: str) -> None:
    run = trained
    watched.goto(f"/runs/{run}")
    for tab in watched.get_by_role("tab").all():
        tab.click()
        watched.wait_for_timeout(500)
    watched.get_by_role("tab", name="Probe").click()
    expect(watched.locator("#probe-time")).to_contain_text("answered in", timeout=PATIENCE_MS)
    watched.get_by_role("button", name="No cue", exact=True).click()
    expect(watched.locator("#probe-said")).to_contain_text("No cue", timeout=PATIENCE_MS)
    with watched.expect_download() as download:
        watched.locator("summary", has_text="Download").click()
        watched.locator(f"a[href='/export/{run}/npz']").click()
    assert download.value.suggested_filename.endswith(".npz")
    watched.goto(f"/sweeps/{sweep}")
    watched.locator("#sweep-figure .main-svg").first.wait_for()
    settled(watched)


def test_the_list_of_runs_keeps_the_policy(watched: Page, trained: str) -> None:
    """Its grid brings styles of its own, and an overlay, a menu and a dialog."""
    run = trained
    watched.goto("/runs")
    row = watched.locator(f".ag-row[row-id='{run}']")
    row.locator(".ag-checkbox-input").check()
    watched.locator("#compare .main-svg").first.wait_for()
    row.locator(".swatch").click()
    watched.locator("#runs-palette [data-colour=pink]").click()
    row.locator(".run-name").hover()
    watched.locator("#act-rename").click()
    expect(watched.locator(".ag-cell-inline-editing input")).to_be_focused()
    watched.keyboard.type("<img src=//203.0.113.1/x onerror=alert(1)>")
    watched.keyboard.press("Enter")
    expect(row.locator(".run-name")).to_have_text("<img src=//203.0.113.1/x onerror=alert(1)>")
    expect(watched.locator("#compare-keys li")).to_have_text("<img src=//203.0.113.1/x onerror=alert(1)>")
    watched.locator("#compare .scatterlayer .point, #compare .scatterlayer path.js-line").first.hover(force=True)
    watched.locator("#act-delete").click()
    watched.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    watched.goto(f"/runs/{run}")
    expect(watched.locator("#run-title")).to_have_text("<img src=//203.0.113.1/x onerror=alert(1)>")
    watched.goto("/")
    expect(watched.locator("#recent-list")).to_contain_text("<img src")
    settled(watched)


def test_code_and_tour_keep_the_policy(watched: Page) -> None:
    watched.goto("/")
    watched.locator("#raster .main-svg").first.wait_for()
    watched.locator("#show-code").click()
    expect(watched.locator("#code-script")).to_contain_text("with_values")
    watched.locator("#copy-script").click()
    watched.keyboard.press("Escape")
    watched.locator("#copy-link").click()
    watched.locator("#start-tour").click()
    title, seen = watched.locator(".driver-popover-title"), set()
    while watched.locator(".driver-popover").count():
        seen.add(title.text_content())
        watched.locator(".driver-popover-next-btn").click()
        watched.wait_for_timeout(600)
    assert len(seen) == 5


HOSTILE_LINK = (
    "preset=<img src=//203.0.113.1/x>&network.n=1e400&hide=all,</style><script>alert(1)</script>&target.family=formula"
    "&target.formula=__import__('os').system('id')&run=../../etc/passwd&javascript:alert(1)=1&curve=all~1~i%00"
)


def test_a_hostile_link_is_words(watched: Page) -> None:
    watched.goto(f"/#{HOSTILE_LINK}")
    expect(watched.locator("#notice")).to_contain_text("There is no preset “<img src=//203.0.113.1/x>”", timeout=PATIENCE_MS)
    settled(watched)
    expect(watched.locator("#train")).to_be_enabled()
    assert watched.locator("#notice img, #notice script").count() == 0


def test_a_graph_hands_out_its_picture(watched: Page) -> None:
    """Plotly makes the file through a blob or data address, which the policy must allow."""
    watched.goto("/")
    watched.locator("#raster .main-svg").first.wait_for()
    watched.locator("#curve").hover()
    with watched.expect_download() as download:
        watched.locator("#curve [data-title*='ownload'], #curve .modebar-btn[aria-label*='ownload']").first.click()
    assert download.value.suggested_filename.endswith(".svg")


def test_an_inline_script_and_eval_are_refused(watched: Page, faults: list[str]) -> None:
    watched.goto("/experiments")
    settled(watched)
    ran = watched.evaluate(
        """() => new Promise((done) => {
            const script = document.createElement('script');
            script.textContent = 'window.planted = 1';
            document.body.append(script);
            const far = document.createElement('img');
            far.src = 'http://203.0.113.1/x.png';
            document.body.append(far);
            setTimeout(() => done(Boolean(window.planted)), 300);
        })"""
    )
    assert ran is False
    assert len([fault for fault in faults if "script-src" in fault]) >= 1
    assert len([fault for fault in faults if "img-src" in fault]) >= 1
    faults.clear()


def test_a_process_that_speaks_with_another_host_is_noticed(tmp_path: Path) -> None:
    """The server's processes are watched by the fixture that starts them; this shows that the watch can see."""
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    code = "import socket; s = socket.socket(); s.settimeout(0.1); s.connect_ex(('127.0.0.1', 1)); s.connect_ex(('192.0.2.1', 9))"
    given = os.environ | {"PYTHONPATH": str(tmp_path), "SPIKEDASH_TEST_WATCH": str(tmp_path / "spoken")}
    subprocess.run([sys.executable, "-c", code], env=given, check=True, timeout=60)
    assert (tmp_path / "spoken").read_text().startswith("socket.connect 192.0.2.1")
    assert (tmp_path / "spoken").read_text().count("\n") == 1


def test_no_style_names_another_host(project: Path) -> None:
    for sheet in (project / "assets").rglob("*.css"):
        assert "url(http" not in sheet.read_text("utf-8").lower()
        assert "@import" not in sheet.read_text("utf-8").lower()
