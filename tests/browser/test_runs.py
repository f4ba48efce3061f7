"""The page of runs and the page of one run in a real browser: choose, overlay, rename, colour, group, clone, delete, save."""

from __future__ import annotations

import json
import re
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from spikedash.jobs.catalogue import Catalogue
from spikedash.jobs.store import FINAL
from spikedash.params import Params
from tests.browser.panel import in_scheme, serious_findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

expect.set_options(timeout=60_000)

TINY = {"network.n": 30, "training.loops": 4, "training.test_trials": 2, "target.duration_ms": 200}
TRACES = "[...document.querySelector('#compare .js-plotly-plot').data]"


@pytest.fixture(scope="module")
def trained(served):
    """Three seeds of one setting and one run of another, oldest first."""
    ids = [served.store.launch(Params().with_values({**TINY, "training.seed": seed}), name="Sine waves") for seed in (1, 2, 3)]
    ids.append(served.store.launch(Params().with_values({**TINY, "network.n": 40}), name="Larger"))
    end = time.monotonic() + 150
    while not all(served.store.run(run_id).state in FINAL for run_id in ids):
        assert time.monotonic() < end, "the runs take too long"
        time.sleep(0.1)
    return ids


@pytest.fixture
def table(context, faults):
    """The page of runs, its rows and its first figure there."""

    def go():
        page = context.new_page()
        page.goto("/runs")
        page.locator(".ag-row .run-name").first.wait_for()
        page.wait_for_function(f"document.querySelector('#compare .js-plotly-plot') && {TRACES}.some(trace => trace.meta)")
        return page

    return go


def row(page, run_id):
    return page.locator(f".ag-center-cols-container [row-id='{run_id}'], .ag-pinned-left-cols-container [row-id='{run_id}']")


def choose(page, *ids):
    for run_id in ids:
        row(page, run_id).locator(".ag-checkbox-input").check()


def drawn(page, keys):
    """Waits until exactly these curves are shown."""
    page.wait_for_function(
        f"keys => JSON.stringify([...new Set({TRACES}.map(trace => trace.meta))].sort()) === JSON.stringify([...keys].sort())",
        arg=keys,
    )


def test_two_runs_are_chosen_and_laid_over_each_other_and_hovering_brings_one_forward(table, trained):
    page = table()
    choose(page, trained[0], trained[3])
    drawn(page, [trained[0], trained[3]])
    expect(page.locator("#compare-keys li")).to_have_text(["Sine waves", "Larger"])
    expect(page.locator("#runs-chosen")).to_have_text("2 selected")
    row(page, trained[3]).locator("[col-id=state_word]").hover()
    opacity = f"key => {TRACES}.filter(trace => trace.meta === key).map(trace => trace.opacity)"
    page.wait_for_function(f"key => ({opacity})(key).every(value => value < 0.5)", arg=trained[0])
    assert set(page.evaluate(opacity, trained[3])) == {1}
    page.locator("#compare-keys li").first.hover()
    page.wait_for_function(f"key => ({opacity})(key).every(value => value === 1)", arg=trained[0])
    expect(row(page, trained[0]).first).to_have_class(re.compile("lit"))


def test_a_name_given_in_the_table_stays(table, trained, served):
    page = table()
    row(page, trained[1]).locator(".run-name").hover()
    row(page, trained[1]).locator(".pencil").click()
    editor = page.locator(".ag-cell-inline-editing input")
    editor.fill("Second seed")
    editor.press("Enter")
    expect(row(page, trained[1]).locator(".run-name")).to_have_text("Second seed")
    for _ in range(100):
        if served.store.run(trained[1]).title == "Second seed":
            break
        page.wait_for_timeout(100)
    page.reload()
    expect(row(page, trained[1]).locator(".run-name")).to_have_text("Second seed")
    page.locator("#runs-find").fill("second")
    expect(page.locator(".ag-pinned-left-cols-container .ag-row")).to_have_count(1)
    Catalogue(served.store).rename("", trained[1], "")


def test_a_colour_is_kept_and_drawn(table, trained, served):
    page = table()
    row(page, trained[3]).locator(".swatch").click()
    page.get_by_role("button", name="Pink").click()
    choose(page, trained[3])
    drawn(page, [trained[3]])
    page.wait_for_function(f"{TRACES}[0].line.color === '#b83280'")
    assert served.store.run(trained[3]).colour == "pink"


def test_seeds_are_grouped_with_their_mean_and_deviation(table, trained, served):
    page = table()
    page.get_by_label("Group by seed").check()
    alike = Catalogue(served.store).entries("", trained)[0].alike
    group = f"g{alike}"
    expect(row(page, group).locator(".run-name")).to_contain_text("3 seeds")
    entries = Catalogue(served.store).entries("", trained[:3])
    tests = [entry.test for entry in entries]
    expect(row(page, group).locator("[col-id=test]")).to_have_text(
        f"{np.mean(tests):.3f} ± {np.std(tests, ddof=1):.3f}".replace("-", "−")
    )
    choose(page, group)
    drawn(page, [alike])
    table_ = np.array([[e.correlation for e in served.store.events(run_id)[0] if hasattr(e, "loop")] for run_id in trained[:3]])
    band = page.evaluate("Array.from(document.querySelector('#compare .js-plotly-plot')._fullData[0].y)")
    expected = [*(table_.mean(0) + table_.std(0, ddof=1)), *(table_.mean(0) - table_.std(0, ddof=1))[::-1]]
    np.testing.assert_allclose(band, expected, rtol=1e-4)
    row(page, group).locator(".run-seeds a").nth(1).click()
    page.wait_for_url(re.compile(trained[1]))


def test_a_run_is_cloned_into_the_controls(table, trained):
    page = table()
    choose(page, trained[3])
    page.get_by_role("link", name="Open in playground").click()
    knob = page.locator("""[id='{"name":"network.n","type":"knob"}']""")
    expect(knob).to_have_value("40")
    expect(page.locator("#recent-list li").first).to_be_visible()


def test_rows_appear_and_move_while_the_page_is_open(table, served):
    page = table()
    run_id = served.store.launch(Params().with_values({**TINY, "training.loops": 10_000}), name="Live")
    expect(row(page, run_id).locator("[col-id=state_word]")).to_contain_text("Training", timeout=90_000)
    expect(page.locator("#queue-sentence")).to_contain_text("1 running")
    last = row(page, run_id).locator("[col-id=last]")
    expect(last).not_to_have_text(last.inner_text())
    served.store.command(run_id, "stop")
    expect(row(page, run_id).locator("[col-id=state_word]")).to_have_text("Stopped", timeout=30_000)


def test_deleting_asks_first(table, served):
    gone, kept = (served.store.launch(Params().with_values(TINY), name=name) for name in ("Gone", "Kept"))
    for run_id in (gone, kept):
        served.store.command(run_id, "stop")
    page = table()
    choose(page, gone)
    page.locator("#act-delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator("#act-delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row(page, gone)).to_have_count(0)
    expect(row(page, kept).first).to_be_visible()
    with pytest.raises(KeyError):
        served.store.run(gone)
    served.store.delete(kept)


def test_by_keyboard_alone(table, trained):
    page = table()
    row(page, trained[3]).locator("[col-id=title]").focus()
    page.keyboard.press("Space")
    expect(page.locator("#runs-chosen")).to_have_text("1 selected")
    page.keyboard.press("c")
    expect(page.locator("#runs-palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#runs-palette")).to_be_hidden()
    row(page, trained[3]).locator("[col-id=title]").focus()
    page.keyboard.press("F2")
    expect(page.locator(".ag-cell-inline-editing input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".ag-cell-inline-editing")).to_have_count(0)
    page.wait_for_function("document.activeElement.matches('.ag-cell[col-id=title]')")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(trained[3]))


def test_the_page_of_a_run_renames_saves_and_deletes(context, faults, served):
    run_id = served.store.launch(Params().with_values(TINY), name="Short")
    end = time.monotonic() + 120
    while served.store.run(run_id).state not in FINAL:
        assert time.monotonic() < end, "the run takes too long"
        time.sleep(0.1)
    page = context.new_page()
    page.goto(f"/runs/{run_id}")
    expect(page.locator("#state")).to_have_text("Done")
    page.get_by_role("button", name="Rename this run").click()
    page.get_by_label("Name of this run").fill("Kept for later")
    page.keyboard.press("Enter")
    expect(page.locator("#run-title")).to_have_text("Kept for later")
    page.reload()
    expect(page.get_by_role("heading", name="Kept for later")).to_be_visible()
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as saving:
        page.get_by_role("link", name=re.compile("^NPZ")).click()
    assert saving.value.suggested_filename == f"kept-for-later-{run_id}.npz"
    with np.load(saving.value.path(), allow_pickle=False) as arrays:
        assert json.loads(str(arrays["params"][0]))["network"]["n"] == 30
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile("/runs$"))
    with pytest.raises(KeyError):
        served.store.run(run_id)


@pytest.mark.parametrize("state", ["failed", "stopped", "queued"])
def test_a_run_in_every_state_says_how_it_stands(context, faults, served, state):
    lost = {"target.family": "recorded", "target.recording": "0" * 64}
    blocker = served.store.launch(Params().with_values({**TINY, "training.loops": 10_000}), name="Blocker")  # none begins
    run_id = served.store.launch(Params().with_values(TINY), name="Stands")
    if state == "stopped":
        served.store.command(run_id, "stop")
    if state == "failed":
        with served.store.database.write() as db:
            text = Params().with_values({**TINY, **lost}).model_dump_json()
            error = "The disk is full; a larger training.lam does not help."
            db.execute("UPDATE runs SET state = 'failed', error = ?, params = ? WHERE id = ?", (error, text, run_id))
    page = context.new_page()
    page.goto(f"/runs/{run_id}")
    words = {"failed": "The disk is full.", "stopped": "Stopped before the end.", "queued": "Waiting for a free worker"}
    expect(page.locator("#sentence")).to_contain_text(words[state])
    notice = page.get_by_role("alert").filter(has_text="The run failed")
    expect(notice).to_have_count(int(state == "failed"))
    if state == "failed":
        expect(notice).to_contain_text("The disk is full; a larger “Ridge λ” does not help.")
    if state != "queued":
        expect(page.get_by_role("tab", name="Settings")).to_have_attribute("aria-selected", "true")
        expect(page.locator("#raster-waiting")).to_have_text("The run ended before its first spike.")
    page.get_by_text("Download", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("^JSON"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^NWB"))).to_be_hidden()
    for each in (run_id, blocker):
        served.store.delete(each)
    if state == "queued":  # nothing more is asked about a run that is over; and Chromium hangs if closed while a page reloads
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        faults[:] = [fault for fault in faults if "404" not in fault]


def test_axe_finds_nothing_serious_and_a_phone_has_room(table, trained):
    page = table()
    choose(page, trained[0])
    for scheme in ("light", "dark"):
        in_scheme(page, scheme)
        assert serious_findings(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function("document.documentElement.scrollWidth <= 360")
    page.reload()
    page.locator(".ag-row").first.wait_for()
    for part in ("header", "cols-container"):
        expect(page.locator(f".ag-pinned-left-{part} .ag-checkbox").first).to_be_attached()
        expect(page.locator(f".ag-center-{part} .ag-checkbox, .ag-header-viewport .ag-checkbox")).to_have_count(0)
