"""The points of a drawn curve as a table: by keyboard alone, and pasted from a spreadsheet."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.panel import curve, fresh, in_scheme, opened, serious_findings, until, values

expect.set_options(timeout=30_000)  # where others compute, an answer takes seconds
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk(chromium, served):
    yield from opened(chromium, served, viewport={"width": 1440, "height": 900})


@pytest.fixture
def table(desk):
    """The page with the table of an empty curve open."""
    page = desk.page
    fresh(page, "Drawn by you", "#draw-pad svg")
    page.evaluate("document.getElementById('draw-points').open = true")
    page.locator("#draw-table .draw-add").wait_for()
    yield page
    assert desk.faults == []


def points(page):
    """Times and drives of the curve for all neurons, as the store has them."""
    kept = curve(page)
    return None if kept is None else list(zip(kept["times_ms"], kept["values"], strict=True))


def becomes(page, expected):
    until(page, "all", lambda _: points(page) == expected if curve(page) and curve(page).get("times_ms") else expected is None)


def focused(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def paste(page, text, where="#draw-table"):
    page.evaluate(
        """([where, text]) => {
            const data = new DataTransfer();
            data.setData('text/plain', text);
            const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
            document.querySelector(where).dispatchEvent(event);
        }""",
        [where, text],
    )


def said(page):
    return page.locator("#draw-table-said")


def wrong(page):
    return page.locator("#draw-table-wrong")


def test_a_curve_by_keyboard_alone(table):
    page = table
    page.focus("#draw-points summary")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Add a point"
    page.keyboard.press("Enter")
    becomes(page, [(0, 0), (1000, 0)])
    assert focused(page) == "Drive of point 1"
    page.keyboard.type("-0,5")
    page.keyboard.press("Enter")
    assert focused(page) == "Drive of point 2"
    page.keyboard.type("1.25")
    page.keyboard.press("Enter")  # no room after the end: a point in the widest gap
    becomes(page, [(0, -0.5), (500, 0.375), (1000, 1.25)])
    assert focused(page) == "Time of point 2 in ms"
    page.keyboard.type("250")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("ArrowUp")
    becomes(page, [(0, -0.5), (250, 2), (1000, 1.25)])
    assert focused(page) == "Drive of point 1"
    page.keyboard.press("Control+z")
    becomes(page, [(0, -0.5), (250, 0.375), (1000, 1.25)])
    page.keyboard.press("Control+Shift+z")
    becomes(page, [(0, -0.5), (250, 2), (1000, 1.25)])
    page.keyboard.press("Tab")
    assert focused(page) == "Remove point 1"
    page.keyboard.press("Enter")
    becomes(page, [(250, 2), (1000, 1.25)])
    assert focused(page) == "Remove point 1"
    expect(said(page)).to_have_text("Point 1 removed.")


def test_the_pad_shows_the_points_of_the_table(table):
    paste(table, "0\t0\n250\t1\n1000\t-1\n")
    becomes(table, [(0, 0), (250, 1), (1000, -1)])
    path = table.locator("#draw-pad .draw-curve").get_attribute("d")
    y = np.array([[float(number) for number in point.split(",")] for point in path[1:].split("L")])
    expected = np.interp(np.linspace(0, 1000, len(y)), [0, 250, 1000], [0, 1, -1])
    assert np.corrcoef(y[:, 1], -expected)[0, 1] == pytest.approx(1, abs=1e-4)
    table.click("#draw-smooth")  # an edit on the pad: the points are those of the pad again
    smooth = until(table, "all", lambda v: len(v) == len(expected))
    np.testing.assert_allclose(smooth[30:34], 0.96, atol=0.04)


def test_a_drawn_curve_has_few_points_that_keep_it(table):
    table.click("#draw-from-sine")
    drawn = until(table, "all", lambda v: v is not None)
    rows = table.eval_on_selector_all(
        "#draw-table tbody tr",
        "rows => rows.map(row => [...row.querySelectorAll('input')].map(i => Number(i.value.replace('−', '-'))))",
    )
    assert 10 < len(rows) < 60
    np.testing.assert_allclose(np.interp(np.linspace(0, 1000, 128), *np.transpose(rows)), drawn, atol=0.03)
    np.testing.assert_array_equal(values(table), drawn)  # looking changes nothing


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        ("0\t0\n500\t1\n1000\t0", [(0, 0), (500, 1), (1000, 0)], "3 points pasted."),
        (
            "\ufefftime (ms)\tdrive\r\n0\t0,5\r\n1000\t−1,25\r\n",
            [(0, 0.5), (1000, -1.25)],
            "The first row was left out as a heading.",
        ),
        ("0;0,5\n10,5;1", [(0, 0.5), (10.5, 1)], "2 points pasted."),
        ("0, 1\n500, 2.5", [(0, 1), (500, 2.5)], "2 points pasted."),
        ("1000\t3\n0\t1\n500\t2", [(0, 1), (500, 2), (1000, 3)], "Sorted by time."),
        ("0\t1\n500\t2\n1,000\t3", [(0, 1), (500, 2), (1000, 3)], "Commas in times were read as thousands."),
        ("1\n2\n3", [(0, 1), (500, 2), (1000, 3)], "One column: 3 values, spread evenly over the pattern."),
    ],
)
def test_a_spreadsheet_can_be_pasted(table, text, expected, told):
    paste(table, text)
    becomes(table, expected)
    expect(said(table)).to_contain_text(told)
    expect(wrong(table)).to_be_empty()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0\t1\n500\tNaN", "Row 2 of what was pasted: “NaN” is no number; give a time in ms and a drive."),
        ("0\t1\n500\t", "Row 2 of what was pasted: a cell is empty; give a time in ms and a drive."),
        ("0\t1\n500", "Row 2 of what was pasted has 1 of 2 cells; fill it or leave it out."),
        ("0\t1\t2\n500\t1\t2", "What was pasted has 3 columns; copy two, time in ms and drive."),
        ("0\t1\n0\t2", "Two points are at 0 ms; a curve has one value at a time."),
        ("0\t1\n100\t55", "The drive at 100 ms is 55; it must lie between −20 and 20."),
        ("0\t1\n20000\t1", "A point is at 20000 ms; times lie between 0 and 10,000 ms."),
    ],
)
def test_what_cannot_be_a_curve_is_a_sentence_and_changes_nothing(table, text, sentence):
    paste(table, "0\t0\n1000\t1")
    becomes(table, [(0, 0), (1000, 1)])
    paste(table, text)
    expect(wrong(table)).to_have_text(sentence)
    assert points(table) == [(0, 0), (1000, 1)]


def test_seconds_for_milliseconds_are_offered_to_be_mended(table):
    paste(table, "0\t0\n0.5\t1\n1\t0")
    becomes(table, [(0, 0), (0.5, 1), (1, 0)])
    table.get_by_role("button", name="The times are seconds").click()
    becomes(table, [(0, 0), (500, 1), (1000, 0)])
    assert table.locator("#draw-table-seconds").is_hidden()


def test_a_typed_word_is_told_at_its_cell(table):
    paste(table, "0\t0\n1000\t1")
    becomes(table, [(0, 0), (1000, 1)])
    cell = table.get_by_label("Drive of point 2")
    cell.fill("high")
    cell.press("Tab")
    expect(wrong(table)).to_have_text("Point 2: “high” is no number; write a drive such as −0.5.")
    expect(cell).to_have_attribute("aria-invalid", "true")
    cell.fill("0.5")
    cell.press("Tab")
    becomes(table, [(0, 0), (1000, 0.5)])
    expect(wrong(table)).to_be_empty()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_finding_in_the_table(table, scheme):
    paste(table, "0\t0\n1000\t1")
    becomes(table, [(0, 0), (1000, 1)])
    in_scheme(table, scheme)
    assert serious_findings(table, "#draw-points") == []
