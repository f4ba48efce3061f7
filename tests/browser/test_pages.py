"""The pages beside the playground in a real browser: going there and back, a sweep from form to run, phones, keys, axe."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from spikedash.jobs.store import Axis, Measure, NewCell, Plan
from spikedash.params import Params
from tests.browser.panel import in_scheme, serious_findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]

TINY = {"network.n": 30, "training.loops": 3, "training.test_trials": 2, "target.duration_ms": 200}


@pytest.fixture
def visit(context, faults):
    """Open a page other than the playground."""

    def go(path):
        page = context.new_page()
        page.goto(path)
        page.locator("main h1").wait_for()
        return page

    return go


@pytest.fixture(scope="module")
def measured(served):
    """A finished sweep over one axis that counts as an experiment, and one of its runs."""
    taus = (10.0, 20.0, 40.0)
    cells = tuple(
        NewCell(
            (k,), seed, Params().with_values({**TINY, "network.tau_s_ms": tau, "training.seed": seed}), f"{tau:g} ms, seed {seed}"
        )
        for seed in (1, 2)
        for k, tau in enumerate(taus)
    )
    number = Measure("Test correlation", "correlation.test_mean", "", 0, 1)
    sweep_id = served.store.sweeps.launch(
        Plan("Times", (Axis("tau", "Synaptic time", "ms", taus),), number, cells, "fig1-drive", "short")
    )
    end = time.monotonic() + 120
    while served.store.sweeps.sweep(sweep_id).state != "done":
        assert time.monotonic() < end, "the sweep takes too long"
        time.sleep(0.1)
    return sweep_id, served.store.sweeps.cells(sweep_id)[0].run


def test_pages_are_visited_without_loading_and_the_playground_comes_back(page):
    page.evaluate("window.kept = 1")
    asked = []
    page.get_by_role("link", name="Experiments").click()
    page.get_by_role("heading", name="Experiments", exact=True).wait_for()
    expect(page).to_have_title("Experiments · SpikeDash")
    expect(page.get_by_role("link", name="Experiments")).to_have_attribute("aria-current", "page")
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1500)
    assert not [url for url in asked if "/stream/demo" in url or "/healthz" in url]
    page.get_by_role("link", name="Sweeps", exact=True).click()
    page.get_by_role("heading", name="Sweeps", exact=True).wait_for()
    page.go_back()
    page.get_by_role("heading", name="Experiments", exact=True).wait_for()
    page.go_back()
    page.wait_for_function("document.querySelector('#sentence') && document.querySelector('#sentence').textContent !== ''")
    expect(page.locator("#count-exc")).to_have_text("160 E")
    page.locator("""[id='{"name":"network.n","type":"knob"}']""").fill("100")
    expect(page.locator("#count-exc")).to_have_text("80 E")
    assert page.evaluate("window.kept") == 1


def test_the_setting_of_an_experiment_opens_in_the_playground(visit):
    page = visit("/experiments")
    page.get_by_role("link", name=re.compile("setting of Sine waves")).first.click()
    expect(page.locator("""[id='{"name":"training.loops","type":"knob"}']""")).to_have_value("60")
    expect(page.locator("#preset")).to_have_value(re.compile("Sine waves"))
    page.wait_for_url(re.compile("#preset=fig1-drive$"))


def test_a_sweep_from_the_form_to_one_of_its_runs_and_back(visit):
    page = visit("/sweeps")
    if not page.locator("#grid-run").is_visible():
        page.get_by_text("New sweep").click()
    page.locator("#grid-x").click()
    page.get_by_role("option", name="Loops", exact=True).click()
    page.locator("#grid-x-values").fill("1, two")
    expect(page.locator("#grid-wrong")).to_contain_text("'two', which is no number")
    page.locator("#grid-x-values").fill("1, 2")
    page.locator("#grid-seeds").fill("2")
    expect(page.locator("#grid-cost")).to_contain_text("4 runs")
    page.locator("#grid-run").click()
    page.wait_for_url(re.compile("/sweeps/[A-Za-z0-9_-]{16}$"))
    expect(page.locator("#sweep-state")).to_have_text("Done", timeout=120_000)
    expect(page.locator("#sweep-cells a.cell.done")).to_have_count(4)
    expect(page.locator(".sweep-sentence")).to_contain_text("4 of 4 runs done")
    page.wait_for_function("document.querySelector('#sweep-figure .js-plotly-plot').data[1].y !== undefined")
    here = page.url
    page.reload()
    expect(page.locator("#sweep-cells a.cell.done")).to_have_count(4)
    page.locator("#sweep-cells a.cell.done").first.click()
    page.wait_for_url(re.compile("/runs/"))
    expect(page.locator("#state")).to_have_text("Done")
    page.go_back()
    expect(page.locator("#sweep-cells a.cell.done")).to_have_count(4)
    assert page.url == here


def test_a_sweep_is_stopped_and_goes_on(visit, served):
    cells = tuple(
        NewCell((), seed, Params().with_values({**TINY, "training.loops": 5000, "training.seed": seed})) for seed in range(3)
    )
    sweep_id = served.store.sweeps.launch(Plan("Long", (), Measure("r", "correlation.test_mean"), cells))
    page = visit(f"/sweeps/{sweep_id}")
    expect(page.locator("#sweep-cells a.cell.running")).to_have_count(1, timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#sweep-state")).to_have_text("Stopped")
    expect(page.locator("#sweep-cells .cell.stopped")).to_have_count(1)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#sweep-cells a.cell.running")).to_have_count(1, timeout=60_000)
    served.store.sweeps.command(sweep_id, "stop")


def test_the_gallery_tells_what_was_measured_here(visit, measured):
    page = visit("/experiments")
    card = page.get_by_role("article", name=re.compile("Sine waves"))
    expect(card).to_contain_text("short form, 2 seeds")
    page.wait_for_function(
        "[...document.querySelectorAll('.shot img')].every((image) => image.complete && image.naturalWidth > 0)"
    )
    card.get_by_role("link", name="short form").click()
    expect(page.locator("#sweep-checks")).to_contain_text("at least 0.93")


def test_a_run_shows_its_network_its_theory_and_its_settings(visit, measured):
    page = visit(f"/runs/{measured[1]}")
    expect(page.locator("#state")).to_have_text("Done")
    expect(page.get_by_role("heading", name="Weights before and after")).to_be_visible()
    page.locator(".tab-stage .main-svg").first.wait_for()
    page.get_by_role("tab", name="Theory").click()
    expect(page.get_by_role("heading", name="Quasi-static drive")).to_be_visible()
    expect(page.get_by_role("region", name="One spike deleted").locator(".main-svg").first).to_be_visible()
    page.get_by_role("tab", name="Settings").click()
    expect(page.locator(".settings-group").filter(has_text="Neurons").first).to_contain_text("30")
    expect(page.get_by_role("tab", name="Recording")).to_have_count(0)


def test_what_is_not_there_is_told_with_its_status(context, faults, served):
    for path in ("/nothing", "/runs/AAAAAAAAAAAAAAAA", "/sweeps/AAAAAAAAAAAAAAAA", "/runs/../../etc"):
        page = context.new_page()
        answer = page.goto(path)
        assert answer.status == 404
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        page.close()
    faults[:] = [fault for fault in faults if "404" not in fault]  # browsers log the answer that says so


def test_axe_finds_nothing_serious_on_any_page(visit, measured):
    sweep_id, run_id = measured
    for path in ("/learn", "/experiments", "/sweeps", f"/sweeps/{sweep_id}", f"/runs/{run_id}"):
        page = visit(path)
        for scheme in ("light", "dark"):
            in_scheme(page, scheme)
            assert serious_findings(page) == [], path
        page.close()


NOT_SIDEWAYS = "document.documentElement.scrollWidth <= 360"


def test_a_phone_sees_every_page_and_goes_from_one_to_the_next(visit, measured):
    page = visit("/experiments")
    page.set_viewport_size({"width": 360, "height": 740})
    for name in ("Sweeps", "Experiments", "Playground"):
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
        page.locator("[aria-current=page]", has_text=name).wait_for()
        page.wait_for_function(f"document.querySelector('main').innerText.trim() && {NOT_SIDEWAYS}")
    for path in (f"/sweeps/{measured[0]}", f"/runs/{measured[1]}"):
        page.goto(path)
        page.locator(".stage .main-svg").first.wait_for()
        page.wait_for_function(NOT_SIDEWAYS)


def test_a_deleted_sweep_asks_first_and_leaves_the_other_tab(visit, served, faults):
    cells = tuple(NewCell((), seed, Params().with_values({**TINY, "training.seed": seed}), f"seed {seed}") for seed in (1, 2))
    sweep_id = served.store.sweeps.launch(Plan("Short-lived", (), Measure("r", "correlation.test_mean"), cells))
    page, other, listed = visit(f"/sweeps/{sweep_id}"), visit(f"/sweeps/{sweep_id}"), visit("/sweeps")
    expect(page.locator("#sweep-state")).to_have_text("Done", timeout=60_000)
    run_id = served.store.sweeps.cells(sweep_id)[0].run
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete with runs").click()
    page.get_by_role("heading", name="Sweeps", exact=True).wait_for()
    expect(page.get_by_text("Short-lived")).to_have_count(0)
    other.bring_to_front()
    other.get_by_role("heading", name="There is no such page").wait_for()
    expect(listed.get_by_text("Short-lived")).to_have_count(0)
    with pytest.raises(KeyError):
        served.store.run(run_id)
    faults[:] = [fault for fault in faults if "404" not in fault]


def test_failed_cells_are_tried_again_and_arrows_go_from_square_to_square(visit, served):
    lost = {"target.family": "recorded", "target.recording": "0" * 64}
    cells = tuple(NewCell((), k, Params().with_values({**TINY, **(lost if k == 2 else {})}), f"seed {k}") for k in (1, 2))
    sweep_id = served.store.sweeps.launch(Plan("Half", (), Measure("r", "correlation.test_mean"), cells))
    page = visit(f"/sweeps/{sweep_id}")
    expect(page.locator("#sweep-cells a.cell.failed")).to_have_attribute(
        "aria-label", re.compile("no longer here"), timeout=60_000
    )
    expect(page.locator("#sweep-errors")).to_contain_text("1 failed: The recording of this run is no longer here")
    before = served.store.sweeps.cells(sweep_id)[1].run
    page.get_by_role("button", name="Retry failed").click()
    page.wait_for_function(
        "run => { const cell = document.querySelector('#sweep-cells a.cell.failed'); return cell && !cell.href.endsWith(run) }",
        arg=before,
    )
    page.locator("#sweep-cells a.cell.done").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className") == "cell failed"
    assert page.locator("#sweep-cells a.cell[tabindex='0']").count() == 1


def test_by_keyboard_alone(visit):
    page = visit("/sweeps")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Experiments":
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Experiments", exact=True).wait_for()
    page.wait_for_function("document.activeElement.id === 'main'")
