"""Drawing a target with mouse, touch and keys in a real browser."""

from __future__ import annotations

import math

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.panel import (
    choose_family,
    curve,
    fresh,
    in_scheme,
    knob,
    learning,
    opened,
    serious_findings,
    store,
    train,
    until,
    values,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

POINTS = 128


@pytest.fixture(scope="module")
def desk(chromium, served):
    yield from opened(chromium, served, viewport={"width": 1440, "height": 900})


@pytest.fixture(scope="module")
def phone(chromium, served):
    yield from opened(chromium, served, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


@pytest.fixture
def pad(desk):
    """The page with an empty drawing pad."""
    fresh(desk.page, "Drawn by you", "#draw-pad svg")
    yield desk.page
    assert desk.faults == []


@pytest.fixture
def touch_pad(phone):
    """The drawing pad on a phone."""
    phone.page.locator("#burger").click()
    fresh(phone.page, "Drawn by you", "#draw-pad svg")
    yield phone.page
    assert phone.faults == []


def scale(page):
    """Turns time (ms) and drive into page pixels, from what the axes say."""
    ticks = page.evaluate(
        """() => [...document.querySelectorAll('#draw-pad .draw-axes line')].map(line => {
            const box = line.getBoundingClientRect(), text = line.nextElementSibling.textContent;
            const says = Number(text.replace('−', '-').replace(',', ''));
            return [box.width > box.height ? 'y' : 'x', box.left + box.width / 2, box.top + box.height / 2, says];
        })"""
    )
    x = np.array([(value, left) for axis, left, _, value in ticks if axis == "x"])
    y = np.array([(value, top) for axis, _, top, value in ticks if axis == "y"])
    to_x, to_y = np.polyfit(*x.T, 1), np.polyfit(*y.T, 1)
    return lambda t, v: (float(np.polyval(to_x, t)), float(np.polyval(to_y, v)))


def stroke(page, path, *, release=True):
    """Drags the mouse along (ms, drive) points."""
    at = scale(page)
    page.mouse.move(*at(*path[0]))
    page.mouse.down()
    for point in path[1:]:
        page.mouse.move(*at(*point))
    if release:
        page.mouse.up()


def wave(t):
    return 0.9 * math.sin(2 * math.pi * t / 600) + 0.3 * t / 1000 - 0.1


GRID = np.linspace(0, 1000, POINTS)


def test_the_empty_pad_says_what_to_do(pad):
    expect(pad.locator("#draw-pad")).to_contain_text("Draw here")
    expect(pad.locator("#draw-pad")).to_contain_text("time goes right, drive goes up")
    for tool in ("undo", "redo", "smooth", "clear"):
        assert pad.locator(f"#draw-{tool}").is_disabled()


def test_the_curve_follows_the_pointer(pad):
    path = [(t, wave(t)) for t in range(0, 1001, 20)]
    stroke(pad, path)
    got = until(pad, "all", lambda v: v is not None)
    assert got.shape == (POINTS,)
    pixel = 3 / 154  # drive units per pixel of a pad that is 154 pixels high
    np.testing.assert_allclose(got, np.interp(GRID, *np.transpose(path)), atol=1.5 * pixel)
    assert curve(pad)["random_phase"] is True


def test_a_fast_stroke_leaves_no_gap(pad):
    stroke(pad, [(0, -1), (500, 1), (1000, 0)])
    got = until(pad, "all", lambda v: v is not None)
    np.testing.assert_allclose(got, np.interp(GRID, [0, 500, 1000], [-1, 1, 0]), atol=0.06)


def test_a_later_stroke_overwrites_also_backwards(pad):
    stroke(pad, [(0, 0.5), (1000, 0.5)])
    first = until(pad, "all", lambda v: v is not None)
    stroke(pad, [(700, -1), (300, -1)])
    got = until(pad, "all", lambda v: v.min() < -0.9)
    inside = (GRID > 310) & (GRID < 690)
    outside = (GRID < 290) | (GRID > 710)
    np.testing.assert_allclose(got[inside], -1, atol=0.03)
    np.testing.assert_array_equal(got[outside], first[outside])


def test_the_curve_stays_on_the_pad(pad):
    at = scale(pad)
    stroke(pad, [(500, 0)], release=False)
    x, y = at(500, 0)
    pad.mouse.move(x + 900, y - 700)
    pad.mouse.up()
    got = until(pad, "all", lambda v: v is not None)
    assert got[-1] == pytest.approx(1.5, abs=1e-3)
    assert got.max() <= 1.5


def test_news_do_not_undo_a_stroke(pad):
    stroke(pad, [(0, 0.5), (400, 0.5)], release=False)
    pad.evaluate(
        """() => window.dash_clientside.set_props('drawn', {data: [
            {group: 'all', values: Array(128).fill(-1), random_phase: true},
            {group: 'inhibitory', values: Array(128).fill(1), random_phase: true},
        ]})"""
    )
    pad.locator("#draw-list li").nth(1).wait_for()
    pad.mouse.move(*scale(pad)(1000, 0.5))
    pad.mouse.up()
    got = until(pad, "all", lambda v: v is not None and v[-1] > 0)
    np.testing.assert_allclose(got, 0.5, atol=0.03)
    np.testing.assert_array_equal(values(pad, "inhibitory"), 1)


def test_undo_redo_clear(pad):
    stroke(pad, [(0, 0.5), (1000, 0.5)])
    one = until(pad, "all", lambda v: v is not None)
    stroke(pad, [(0, -0.5), (1000, -0.5)])
    two = until(pad, "all", lambda v: v[0] < 0)
    pad.click("#draw-undo")
    until(pad, "all", lambda v: np.array_equal(v, one))
    pad.click("#draw-undo")
    until(pad, "all", lambda v: v is None)
    expect(pad.locator("#draw-pad")).to_contain_text("Draw here")
    pad.focus("#draw-pad")
    pad.keyboard.press("Control+y")
    pad.keyboard.press("Control+Shift+Z")
    until(pad, "all", lambda v: v is not None and np.array_equal(v, two))
    assert pad.locator("#draw-redo").is_disabled()
    pad.click("#draw-clear")
    until(pad, "all", lambda v: v is None)
    pad.click("#draw-undo")
    until(pad, "all", lambda v: v is not None and np.array_equal(v, two))


def test_smoothing_narrows_a_corner_and_keeps_the_mean(pad):
    pad.click("#draw-from-steps")
    before = until(pad, "all", lambda v: v is not None)
    pad.click("#draw-smooth")
    after = until(pad, "all", lambda v: not np.array_equal(v, before))
    assert np.abs(np.diff(after)).max() < 0.3 * np.abs(np.diff(before)).max()
    assert before.min() <= after.min()
    assert after.max() <= before.max()
    assert after.mean() == pytest.approx(before.mean(), abs=0.01)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("sine", lambda u: np.sin(4 * np.pi * u)), ("ramp", lambda u: 2 * u - 1)],
)
def test_starter_curves(pad, name, shape):
    pad.click(f"#draw-from-{name}")
    got = until(pad, "all", lambda v: v is not None)
    np.testing.assert_allclose(got, shape(np.linspace(0, 1, POINTS)), atol=1e-3)


def test_keys_move_the_cursor_and_change_the_value(pad):
    pad.focus("#draw-pad")
    for key in ("End", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp", "PageDown"):
        pad.keyboard.press(key)
    got = until(pad, "all", lambda v: v is not None and v[125] < 0)
    assert got[125] == pytest.approx(2 * 0.05 - 0.5)
    assert np.count_nonzero(got) == 1
    host = pad.locator("#draw-pad")
    expect(host).to_have_attribute("aria-valuetext", "984 ms, drive -0.4")
    expect(host).to_have_attribute("aria-valuenow", "-0.4")
    for _ in range(10):
        pad.keyboard.press("Shift+ArrowLeft")
    got = until(pad, "all", lambda v: np.count_nonzero(v) == 11)
    np.testing.assert_allclose(got[115:126], -0.4)
    pad.keyboard.press("Control+z")  # what Shift drew in one go is one step
    until(pad, "all", lambda v: np.count_nonzero(v) == 1)


def test_several_groups_have_their_own_curves(pad):
    pad.click("#draw-from-sine")
    pad.click("#draw-group")
    pad.get_by_role("option", name="Inhibitory").click()
    pad.locator("#draw-pad[data-group=inhibitory]").wait_for()
    pad.click("#draw-from-bump")
    until(pad, "inhibitory", lambda v: v is not None)
    pad.get_by_label("Random phase").uncheck()
    pad.wait_for_function("() => document.querySelectorAll('#draw-list li').length === 2")
    assert [(c["group"], c["random_phase"]) for c in store(pad, "drawn")] == [("all", True), ("inhibitory", False)]
    expect(pad.locator("#draw-overlap")).to_be_visible()
    pad.get_by_role("button", name="Show the curve for all neurons").click()
    pad.locator("#draw-pad[data-group=all]").wait_for()
    assert pad.get_by_label("Random phase").is_checked()
    pad.get_by_role("button", name="Remove the curve for the inhibitory neurons").click()
    until(pad, "inhibitory", lambda v: v is None)
    assert pad.locator("#draw-overlap").is_hidden()


def test_the_axes_follow_duration_and_range(pad):
    entry = knob(pad, "target.duration_ms")
    entry.fill("3000")
    entry.press("Tab")
    pad.get_by_text("±3", exact=True).click()
    pad.wait_for_function("() => /3,000/.test(document.querySelector('#draw-pad .draw-axes').textContent)")
    stroke(pad, [(0, 2.5), (3000, -2.5)])
    got = until(pad, "all", lambda v: v is not None)
    np.testing.assert_allclose(got, np.linspace(2.5, -2.5, POINTS), atol=0.06)


def test_a_finger_draws_and_does_not_scroll(touch_pad):
    page, at = touch_pad, scale(touch_pad)
    session = page.context.new_cdp_session(page)
    before = page.locator("#draw-pad").bounding_box()

    def touch(kind, *points):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", at(0, 1))
    for t in range(20, 1001, 20):
        touch("touchMove", at(t, 1 - 2 * t / 1000))
    touch("touchEnd")
    got = until(page, "all", lambda v: v is not None)
    np.testing.assert_allclose(got, 1 - 2 * GRID / 1000, atol=0.05)
    assert page.locator("#draw-pad").bounding_box() == before


def test_a_pen_draws(pad):
    at, session = scale(pad), pad.context.new_cdp_session(pad)
    seen = pad.evaluate_handle(
        """() => {
            const seen = new Set();
            document.getElementById('draw-pad').addEventListener('pointermove', (event) => seen.add(event.pointerType));
            return seen;
        }"""
    )

    def pen(kind, t, v, buttons=1):
        x, y = at(t, v)
        more = {"button": "left", "clickCount": 1} if kind != "mouseMoved" else {"button": "left"}
        session.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "buttons": buttons, "pointerType": "pen", **more})

    pen("mousePressed", 0, -1)
    for t in range(20, 1001, 20):
        pen("mouseMoved", t, 2 * t / 1000 - 1)
    pen("mouseReleased", 1000, 1, 0)
    got = until(pad, "all", lambda v: v is not None)
    np.testing.assert_allclose(got, 2 * GRID / 1000 - 1, atol=0.05)
    assert "pen" in seen.evaluate("seen => [...seen]")


CHANGES = """() => {
    window.changes = 0;
    new MutationObserver((seen) => { window.changes += seen.length; })
        .observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}"""


def test_a_stroke_moves_what_is_there_and_waits_for_nothing(pad):
    """What makes 60 frames a second possible: a move changes a dozen attributes and a few words, and asks for one layout."""
    at, session = scale(pad), pad.context.new_cdp_session(pad)
    session.send("Performance.enable")

    def counted():
        told = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return np.array([told[name] for name in ("LayoutCount", "RecalcStyleCount", "Nodes")])

    stroke(pad, [(0, 0)], release=False)
    pad.evaluate(CHANGES)
    before = counted()
    for t in range(5, 1001, 5):
        x, y = at(t, wave(t))
        session.send("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1})
    layouts, styles, nodes = (counted() - before) / 200
    changes = pad.evaluate("window.changes") / 200
    assert pad.evaluate("window.spikedash.drawing")  # so the stream of a run waits
    pad.mouse.up()
    assert not pad.evaluate("window.spikedash.drawing")
    assert until(pad, "all", lambda v: v is not None)[60] == pytest.approx(wave(1000 * 60 / 127), abs=0.05)
    assert max(layouts, styles) <= 2  # its own, and sometimes that of a fading button
    assert nodes < 1.5  # the words beside the pen
    assert changes <= 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_finding_in_the_pad(pad, scheme):
    pad.click("#draw-from-sine")
    in_scheme(pad, scheme)
    assert serious_findings(pad, ".draw") == []


def test_a_drawn_curve_is_learnt(page, served):
    choose_family(page, "Drawn by you")
    page.locator("#draw-pad svg").wait_for()
    page.locator("#draw-pad").scroll_into_view_if_needed()
    path = [(t, wave(t)) for t in range(0, 1001, 10)]
    stroke(page, path)
    drawn = until(page, "all", lambda v: v is not None)
    run = train(page, served)
    np.testing.assert_array_equal(run.params.target.curves[0].values, drawn)
    assert run.params.target.curves[0].random_phase
    expect(page.locator("#state")).to_have_text("Done", timeout=120_000)
    learnt = learning(page, run.id, run.params.training.loops)
    assert learnt[0] < 0.7
    assert max(learnt) > 0.8
    page.reload()
    page.locator("#draw-list li").wait_for()
    np.testing.assert_array_equal(values(page), drawn)
