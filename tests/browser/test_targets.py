"""Drawing a target with mouse, touch and keys, and uploading one, in a real browser."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from spikedash.experiments import PRESETS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

POINTS = 128


def store(page, name):
    """The data of a dcc.Store."""
    return page.evaluate("name => (window.dash_component_api.getLayout(name).props || {}).data", name)


def curve(page, group="all"):
    return next((c for c in store(page, "drawn") or [] if c["group"] == group), None)


def values(page, group="all"):
    drawn = curve(page, group)
    return None if drawn is None else np.array(drawn["values"])


def until(page, group, test):
    """Waits until the drawn values of a group pass a test, and returns them."""
    for _ in range(50):
        got = values(page, group)
        if test(got):
            return got
        page.wait_for_timeout(100)
    raise AssertionError(f"the curve of {group} is {got}")


def knob(page, name):
    return page.locator(f"""[id='{{"name":"{name}","type":"knob"}}']""")


def choose_family(page, label):
    knob(page, "target.family").click()
    page.get_by_role("option", name=label).click()


class Opened(NamedTuple):
    page: Page
    faults: list[str]


def opened(chromium, served, **screen) -> Iterator[Opened]:
    """The playground, open for all tests of this file; every test begins with what `fresh` leaves."""
    context = chromium.new_context(base_url=served.url, **screen)
    context.set_default_timeout(60_000)
    faults: list[str] = []
    context.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    page = context.new_page()
    page.on("filechooser", lambda _: None)  # taking choosers over takes a moment: a key pressed at once would come too early
    page.goto("/")
    page.wait_for_function("() => (document.querySelector('#estimate') || {}).textContent")
    yield Opened(page, faults)
    context.close()


@pytest.fixture(scope="module")
def desk(chromium, served):
    yield from opened(chromium, served, viewport={"width": 1440, "height": 900})


@pytest.fixture(scope="module")
def phone(chromium, served):
    yield from opened(chromium, served, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


def fresh(page, family, waits_for):
    """No curve, no recording, all tools as they are on arrival."""
    page.evaluate(
        """() => {
            const set = window.dash_clientside.set_props;
            set('drawn', {data: []});
            set('recording', {data: null});
            set('draw-group', {value: 'all'});
            set('draw-phase', {checked: true});
            set('draw-limit', {value: '1.5'});
            set({type: 'knob', name: 'target.duration_ms'}, {value: 1000});
            document.getElementById('upload-error').textContent = '';
        }"""
    )
    choose_family(page, family)
    page.locator(waits_for).wait_for()
    page.locator(waits_for).scroll_into_view_if_needed()
    page.locator("#draw-pad[data-group=all]").wait_for(state="attached")
    page.locator("#upload-card").wait_for(state="hidden")


@pytest.fixture
def pad(desk):
    """The page with an empty drawing pad."""
    fresh(desk.page, "Drawn by you", "#draw-pad svg")
    yield desk.page
    assert desk.faults == []


@pytest.fixture
def area(desk):
    """The page with the upload panel open."""
    fresh(desk.page, "Recorded rates (your file)", "#upload-area")
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
    assert "Draw here" in pad.locator("#draw-pad").text_content()
    assert "time goes right, drive goes up" in pad.locator("#draw-pad").text_content()
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
    assert "Draw here" in pad.locator("#draw-pad").text_content()
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
    assert host.get_attribute("aria-valuetext") == "984 ms, drive -0.4"
    assert host.get_attribute("aria-valuenow") == "-0.4"
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
    assert pad.locator("#draw-overlap").is_visible()
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


def test_drawing_keeps_up_with_the_screen(pad):
    stroke(pad, [(0, 0)], release=False)
    at = scale(pad)
    spent = pad.evaluate(
        """([x0, y0, x1]) => {
            const host = document.getElementById('draw-pad'), start = performance.now();
            for (let k = 0; k < 600; k++) {
                const event = new PointerEvent('pointermove', {pointerId: 1, pointerType: 'mouse', isPrimary: true, bubbles: true,
                    clientX: x0 + (x1 - x0) * ((k % 100) / 100), clientY: y0 + 40 * Math.sin(k)});
                host.dispatchEvent(event);
            }
            return (performance.now() - start) / 600;
        }""",
        [*at(0, 0), at(1000, 0)[0]],
    )
    pad.mouse.up()
    assert spent < 4  # ms a sample, of the 16 of a frame


# Uploads


def upload(page, *files):
    with page.expect_file_chooser() as chosen:
        page.click("#upload-area")
    chosen.value.set_files(list(files))


def complaint(page):
    page.wait_for_function("() => document.getElementById('upload-error').textContent")
    return page.locator("#upload-error").text_content()


def test_recorded_rates_are_previewed_before_anything_runs(area, recorded_data):
    upload(area, recorded_data / "alm_lick_left_227.csv")
    card = area.locator("#upload-card")
    card.locator(".upload-picture").wait_for()
    text = card.text_content()
    assert "alm_lick_left_227.csv" in text
    assert re.search(r"neurons\s*227", text)
    assert re.search(r"long\s*2 s", text)
    assert card.locator(".upload-notes li").count() >= 2
    kept = store(area, "recording")
    assert re.fullmatch("[0-9a-f]{64}", kept["id"])
    assert kept["describe"]["units"] == 227
    area.get_by_role("button", name="Remove the recording").click()
    card.wait_for(state="hidden")
    assert store(area, "recording") is None


def test_a_file_can_be_dropped(area):
    area.evaluate(
        """() => {
            const data = new DataTransfer(), area = document.getElementById('upload-area');
            data.items.add(new File(['time_ms,a,b\\n0,1,2\\n100,2,3\\n200,1,2\\n'], 'dropped.csv'));
            for (const kind of ['dragover', 'drop'])
                area.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
        }"""
    )
    area.locator("#upload-card .upload-picture").wait_for()
    assert store(area, "recording")["name"] == "dropped.csv"


def test_the_area_is_reachable_by_keyboard(area):
    area.focus("#upload-area")
    with area.expect_file_chooser():
        area.keyboard.press("Enter")


def broken(folder: Path, name: str) -> Path:
    file = folder / name
    match name:
        case "words.csv":
            file.write_text("time_ms,a\n0,1\n100,two\n200,3\n")
        case "ragged.csv":
            file.write_text("time_ms,a,b\n0,1,2\n100,1\n200,1,2\n")
        case "gap.csv":
            file.write_text("time_ms,a\n0,1\n100,NaN\n200,3\n")
        case "empty.csv":
            file.write_bytes(b"")
        case "pickle.npz":
            np.savez(file, rate_hz=np.array([{"a": 1}], dtype=object), time_ms=np.arange(3.0))
        case "slides.pptx":
            file.write_bytes(b"PK\x03\x04")
        case "huge.csv":
            with file.open("wb") as sparse:
                sparse.truncate(200 * 2**20)
    return file


@pytest.mark.parametrize(
    ("name", "says", "sent"),
    [
        ("words.csv", "two", True),
        ("ragged.csv", "row", True),
        ("gap.csv", "NaN", True),
        ("pickle.npz", "pickle", True),
        ("empty.csv", "empty", False),
        ("slides.pptx", ".pptx", False),
        ("huge.csv", "200 MB, above the limit of 64 MB", False),
    ],
)
def test_a_broken_file_is_one_sentence_and_nothing_else_changes(area, tmp_path, name, says, sent):
    upload(area, {"name": "good.csv", "mimeType": "text/csv", "buffer": b"time_ms,a,b\n0,1,2\n100,2,3\n200,1,2\n"})
    area.locator("#upload-card .upload-picture").wait_for()
    before, posts = store(area, "recording"), []
    area.on("request", lambda request: posts.append(request.url) if "/upload" in request.url else None)
    upload(area, broken(tmp_path, name))
    sentence = complaint(area)
    assert sentence.startswith(f"{name}: ")
    assert says.lower() in sentence.lower()
    assert sentence.count(". ") == 0
    assert sentence.endswith(".")
    assert bool(posts) is sent
    assert store(area, "recording") == before
    assert area.locator("#upload-name").text_content() == "good.csv"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_finding_in_the_panels(pad, scheme):
    page = pad
    page.emulate_media(color_scheme=scheme)
    page.locator(f"html[data-mantine-color-scheme={scheme}]").wait_for()
    for family, action in (("Drawn by you", "#draw-from-sine"), ("Recorded rates (your file)", None)):
        choose_family(page, family)
        if action:
            page.click(action)
        page.wait_for_timeout(300)  # colours fade
        found = Axe().run(page, context={"include": [[".draw"], [".upload"]]}).response["violations"]
        bad = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found if v["impact"] in ("critical", "serious")]
        assert bad == []


# What they are for


LEARNT = """Array.from(((document.querySelector('#curve .js-plotly-plot') || {})._fullData || [{y: []}])[0].y)
    .filter(value => value !== null)"""


def learning(page):
    """Correlations of the loops so far, as the learning curve draws them."""
    return page.evaluate(LEARNT)


def train(page, served):
    page.click("#train")
    page.wait_for_url(re.compile("#run="))
    return served.store.run(page.url.partition("#run=")[2])


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
    learnt = learning(page)
    assert learnt[0] < 0.7
    assert max(learnt) > 0.8
    page.reload()
    page.locator("#draw-list li").wait_for()
    np.testing.assert_array_equal(values(page), drawn)


def test_recorded_rates_are_learnt_with_one_click(page, served, recorded_data):
    choose_family(page, "Recorded rates (your file)")
    upload(page, recorded_data / "alm_lick_left_227.csv")
    page.locator("#upload-card .upload-picture").wait_for()
    expect(page.locator("#upload-fit-why")).to_contain_text("200 neurons, fewer than the 227 recorded ones")
    expect(page.locator("#upload-fit-why")).to_contain_text("“Wiring”")
    page.get_by_role("button", name="Use settings for recordings · 690 neurons").click()
    expect(page.locator("#preset")).to_have_value("Recorded cortex (Fig. 5)")
    expect(page.locator("#upload-fit-said")).to_contain_text("Neurons 690 · Wiring All-to-all")
    expect(page.locator("#upload-fit-do")).to_be_hidden()
    run = train(page, served)
    tree, preset = run.params.model_dump(), PRESETS["fig5-cortex"].values
    assert {name: tree[name.split(".")[0]][name.split(".")[1]] for name in preset} == {**preset, "network.n": 690}
    assert run.params.target.recording == store(page, "recording")["id"]
    expect(page.locator("#state")).to_have_text("Training", timeout=60_000)
    expect(page.locator("#state")).to_have_text("Done", timeout=180_000)
    own = f"document.querySelector('#curve .js-plotly-plot')._fullLayout.uirevision === '{run.id}'"  # no longer the demo's
    page.wait_for_function(f"{own} && ({LEARNT}).length === 20")
    assert float(page.locator("#result-mean").inner_text()) > 0.85  # learning is off in these trials
    expect(page.locator("#result-more")).to_contain_text("Rate fit")


def test_settings_for_recordings_can_be_undone(page):
    choose_family(page, "Recorded rates (your file)")
    upload(page, {"name": "two.csv", "mimeType": "text/csv", "buffer": b"time_ms,a,b\n0,1,2\n100,2,3\n200,1,2\n"})
    page.get_by_role("button", name="Use settings for recordings · 300 neurons").click()
    expect(knob(page, "network.tau_s_ms")).to_have_value("50")
    page.locator("#preset").click()
    page.get_by_role("option", name="Playground").click()
    expect(knob(page, "network.tau_s_ms")).to_have_value("20")
    expect(knob(page, "network.n")).to_have_value("200")
    expect(knob(page, "target.family")).to_have_value("Sine waves")
    assert store(page, "recording")["name"] == "two.csv"
    choose_family(page, "Recorded rates (your file)")
    expect(page.locator("#upload-fit-said")).to_be_empty()
    expect(page.locator("#upload-fit-do")).to_be_visible()
