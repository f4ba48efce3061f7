"""The Probe in a real browser: from a finished run to a question, its answer, and back, by mouse and by keyboard."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from spikedash.params import Params
from tests.browser.panel import EVERYTHING, cut_off, forgive, in_scheme, serious_findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]

TINY = {"network.n": 40, "training.loops": 30, "training.test_trials": 2, "target.duration_ms": 300}
PATIENCE_MS = 60_000  # the first question starts the process that answers
# Where the pictures begin below the head of the tab, px.
TOP = """() => {
    const [pictures, tab] = ['.probe-sides', '.probe'].map((name) => document.querySelector(name).getBoundingClientRect().top);
    return Math.round(pictures - tab);
}"""


@pytest.fixture(scope="module")
def trained(served):
    run_id = served.store.launch(Params().with_values(TINY))
    end = time.monotonic() + 120
    while served.store.run(run_id).state != "done":
        assert time.monotonic() < end, "the run takes too long"
        time.sleep(0.1)
    return run_id


@pytest.fixture
def probe(context, faults, trained):
    """The tab, opened by its address, with its first answer."""
    page = context.new_page()
    page.goto(f"/runs/{trained}#probe")
    expect(page.locator("#probe-time")).to_contain_text("answered in", timeout=PATIENCE_MS)
    return page


def says(page, words):
    expect(page.locator("#probe-said")).to_have_text(words, timeout=PATIENCE_MS)


def knob(page, name, kind="knob"):
    return page.locator(f"""[id='{{"name":"probe.{name}","type":"probe-{kind}"}}']""")


def test_questions_are_answered_side_by_side_and_undone(probe):
    moved = probe.locator("#probe-tile-correlation")
    says(probe, re.compile("as it was trained"))
    expect(moved).not_to_have_class(re.compile("moved"))
    expect(probe.locator("#probe-undo")).to_be_disabled()
    height = probe.evaluate(TOP)
    before = probe.evaluate("document.querySelector('#probe-before .js-plotly-plot').layout.shapes.length")
    probe.get_by_role("button", name="No cue", exact=True).click()
    says(probe, re.compile(r"^No cue: correlation (falls|rises) from \S+ to \S+, the rate .* Hz\.$"))
    expect(moved).to_have_class(re.compile("moved"))
    expect(probe.get_by_role("button", name="No cue", exact=True)).to_have_attribute("aria-pressed", "true")
    assert probe.evaluate(TOP) == height
    assert probe.evaluate("document.querySelector('#probe-before .js-plotly-plot').layout.shapes.length") == before
    probe.get_by_role("button", name="Remove 10 %", exact=True).click()
    says(probe, re.compile(r"^10 % of the neurons removed"))
    expect(knob(probe, "remove")).to_have_value("0.1")
    probe.locator("#probe-undo").click()
    says(probe, re.compile("as it was trained"))
    expect(knob(probe, "remove")).to_have_value("0")
    expect(probe.locator("#probe-alike-after")).to_have_text("1.000")


def test_the_keyboard_asks_and_a_wrong_number_is_told(probe):
    slider = knob(probe, "scale_inh", "slider").get_by_role("slider")
    slider.focus()
    probe.keyboard.press("Home")
    says(probe, re.compile(r"^Inhibition silenced"))
    expect(probe.get_by_role("button", name="Silence inhibition")).to_have_attribute("aria-pressed", "true")
    knob(probe, "noise").fill("70")
    says(probe, "“Extra noise” is 70; it must be a number from 0 to 50 drive.")
    knob(probe, "noise").fill("2")
    says(probe, re.compile(r"^Inhibition silenced, noise of 2 added"))


def test_the_address_carries_the_question(probe, context):
    probe.get_by_role("button", name="Remove 10 %", exact=True).click()
    knob(probe, "noise").fill("2.5")
    probe.wait_for_url(re.compile(r"#probe&remove=0\.1&noise=2\.5$"))
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    probe.locator("#run-link").click()
    expect(probe.locator("#run-told")).to_have_text("The link was copied.")
    other = context.new_page()
    other.goto(probe.evaluate("navigator.clipboard.readText()") + "&cue=none&trials=abc&nothing=1")
    says(other, re.compile(r"^No cue, 10 % of the neurons removed, noise of 2.5 added"))
    expect(knob(other, "remove")).to_have_value("0.1")
    other.wait_for_url(re.compile(r"#probe&cue=none&remove=0\.1&noise=2\.5$"))  # without what means nothing
    other.locator("#probe-undo").click()
    other.wait_for_url(re.compile("#probe$"))
    other.close()


def test_without_the_server_it_says_so_and_goes_on(probe, context, faults):
    cut_off(context)
    probe.get_by_role("button", name="Wrong cue", exact=True).click()
    says(probe, "The server does not answer; trying again.")
    context.unroute(EVERYTHING)
    says(probe, re.compile(r"^Wrong cue"))
    forgive(faults)


def test_a_run_that_is_not_done_says_when_it_can_be_asked(context, faults, served):
    run_id = served.store.launch(Params().with_values({**TINY, "training.loops": 10_000, "network.n": 100}))
    page = context.new_page()
    page.goto(f"/runs/{run_id}#probe")
    expect(page.locator("#probe-note")).to_have_text(
        "The network can be asked as soon as its training is over.", timeout=PATIENCE_MS
    )
    served.store.command(run_id, "stop")
    expect(page.locator("#probe-note")).to_have_text(
        "This run was stopped before its end, so there is no trained network to ask."
    )


def test_the_playground_leads_to_the_probe_of_its_run(open_page, trained):
    page = open_page(f"/#run={trained}")
    page.locator("#door-probe").click()
    page.wait_for_url(re.compile(f"/runs/{trained}#probe"))
    expect(page.locator("#probe-time")).to_contain_text("answered in", timeout=PATIENCE_MS)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_probe_fits_and_has_no_serious_axe_finding(probe, width, scheme):
    probe.set_viewport_size({"width": width, "height": 800})
    in_scheme(probe, scheme)
    probe.get_by_role("button", name="Delete one spike", exact=True).click()
    says(probe, re.compile(r"^One spike deleted after 200 ms"))
    assert serious_findings(probe, ".probe") == []
    assert probe.evaluate("document.documentElement.scrollWidth") <= width
