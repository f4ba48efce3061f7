"""The three people, each from the first click to what they came for: a student, a teacher's class, a researcher."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.panel import choose_family, knob, result

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

expect.set_options(timeout=60_000)

SMALL = "network.n=40&network.p=0.5&target.duration_ms=300&training.loops=12&training.test_trials=2"


def row(page, name):
    return page.locator(f"""[id='{{"name":"{name}","type":"row"}}']""")


def trained(page):
    """Presses Train, waits for the result, and returns the id of the run."""
    page.locator("#train").click()
    page.wait_for_url(re.compile("#.*run="))
    run = re.search("run=([A-Za-z0-9_-]{16})", page.url)[1]
    expect(page.locator("#run-page")).to_have_attribute("href", f"/runs/{run}")
    expect(page.locator("#state")).to_have_text("Done", timeout=120_000)
    return run


def test_a_teacher_sends_a_link_and_the_class_trains_and_thinks(open_page):
    page = open_page(f"/learn/learning#preset=fig1-drive&{SMALL}&hide=all&show=training.loops")
    expect(row(page, "training.loops")).to_be_visible()
    expect(row(page, "network.n")).to_be_hidden()
    expect(knob(page, "network.n")).to_have_value("40")
    expect(page.get_by_role("heading", name="Think")).to_be_visible()
    knob(page, "training.loops").fill("15")
    trained(page)
    expect(page.locator("#stat-loop")).to_have_text("15 of 15")
    assert -1 <= result(page) <= 1
    answer = page.locator(".lesson-answer")
    expect(answer.locator("p").first).to_be_hidden()
    answer.locator("summary").click()
    expect(answer.locator("p").first).to_be_visible()


def test_a_student_draws_a_pattern_and_deletes_a_spike_of_what_learnt_it(open_page, served):
    page = open_page(f"/#{SMALL}")
    expect(knob(page, "network.n")).to_have_value("40")
    choose_family(page, "Drawn by you")
    pad = page.locator("#draw-pad svg").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.6 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"], steps=8)
    page.mouse.move(box["x"] + 0.85 * box["width"], box["y"] + 0.6 * box["height"], steps=8)
    page.mouse.up()
    run = trained(page)
    wave = np.array(served.store.run(run).params.target.curves[0].values)
    assert wave[wave.size // 4 : 3 * wave.size // 4].max() > wave[-1]
    page.get_by_role("link", name="Probe").click()
    page.wait_for_url(re.compile(f"/runs/{run}#probe"))
    expect(page.locator("#probe-time")).to_contain_text("answered in")
    page.get_by_role("button", name="Delete one spike", exact=True).click()
    expect(page.locator("#probe-said")).to_have_text(re.compile("^One spike deleted after"))


def test_a_researcher_learns_a_recording_sweeps_seeds_compares_and_takes_the_numbers_away(open_page, tmp_path):
    time_s = np.arange(0, 0.3, 0.01)
    rates = 10 + 8 * np.sin(time_s[:, None] * 30 + np.arange(10))
    file = tmp_path / "rates.csv"
    np.savetxt(file, np.column_stack([time_s, rates]), delimiter=",", comments="", header="time_s," + ",".join("abcdefghij"))
    page = open_page(f"/#{SMALL}")
    choose_family(page, "Recorded rates (your file)")
    with page.expect_file_chooser() as chosen:
        page.locator("#upload-area").click()
    chosen.value.set_files(file)
    expect(page.locator("#upload-card")).to_contain_text("rates.csv")
    run = trained(page)

    page.get_by_role("link", name="Sweeps", exact=True).click()
    page.get_by_role("heading", name="Sweeps", exact=True).wait_for()
    if not page.locator("#grid-run").is_visible():
        page.get_by_text("New sweep").click()
    page.locator("#grid-x").click()
    page.get_by_role("option", name="Loops", exact=True).click()
    page.locator("#grid-x-values").fill("1")
    page.locator("#grid-seeds").fill("2")
    expect(page.locator("#grid-cost")).to_contain_text("2 runs")
    page.locator("#grid-run").click()
    expect(page.locator("#sweep-state")).to_have_text("Done", timeout=120_000)
    expect(page.locator("#sweep-cells a.cell.done")).to_have_count(2)

    page.get_by_role("link", name="Runs", exact=True).click()
    page.get_by_label("Show cells of sweeps").check()
    boxes = page.locator(".ag-center-cols-container .ag-row, .ag-pinned-left-cols-container .ag-row").locator(
        ".ag-checkbox-input"
    )
    expect(boxes.nth(1)).to_be_attached()
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(page.locator("#runs-chosen")).to_have_text("2 selected")
    expect(page.locator("#compare-keys li")).to_have_count(2)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Export (CSV)").click()
    with open(saving.value.path(), newline="") as table:
        assert len(list(csv.reader(table))) == 3

    page.goto(f"/runs/{run}")
    expect(page.locator("#state")).to_have_text("Done")
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as saving:
        page.get_by_role("link", name=re.compile("^NPZ")).click()
    with np.load(saving.value.path(), allow_pickle=False) as arrays:
        assert any(arrays[name].ndim == 2 and 40 in arrays[name].shape for name in arrays.files)
    csv_link = page.get_by_role("link", name=re.compile("^CSV"))
    if not csv_link.is_visible():
        page.get_by_text("Download", exact=True).click()
    with page.expect_download() as saving:
        csv_link.click()
    with open(saving.value.path(), newline="") as curve:
        assert len(list(csv.reader(curve))) >= 12
