"""Uploading a recording, changing how it is read, and learning it, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from spikedash.experiments import PRESETS
from tests.browser.panel import choose_family, fresh, in_scheme, knob, learning, opened, result, serious_findings, store, train

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk(chromium, served):
    yield from opened(chromium, served, viewport={"width": 1440, "height": 900})


@pytest.fixture
def area(desk):
    """The page with the upload panel open."""
    fresh(desk.page, "Recorded rates (your file)", "#upload-area")
    yield desk.page
    assert desk.faults == []


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
    expect(card.locator(".upload-notes li").nth(1)).to_be_attached()
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
    expect(area.locator("#upload-name")).to_have_text("good.csv")


expect.set_options(timeout=30_000)  # a reading starts a process, which takes seconds where others compute
RNG = np.random.default_rng(5)
ROWS = sorted((t, k) for k, hz in enumerate((2, 10, 20)) for t in np.cumsum(0.002 + RNG.exponential(1 / hz, 5 * hz)) if t < 3)
SPIKES = ("neuron,time\n" + "".join(f"u{k},{1000 * t:.3f}\n" for t, k in ROWS)).encode()
SAMPLES = ("neuron,time\n" + "".join(f"{k},{30000 * t:.0f}\n" for t, k in ROWS)).encode()


def table(name, content):
    return {"name": name, "mimeType": "text/csv", "buffer": content}


def field(page, key):
    return page.locator(f"#reading-{key}")


def enter(page, key, value):
    field(page, key).fill(value)
    field(page, key).press("Tab")


def numbers(page):
    return page.locator(".upload-numbers")


def test_guesses_are_shown_and_what_is_entered_is_used_at_once(area):
    upload(area, table("spikes.csv", SPIKES))
    expect(numbers(area)).to_contain_text("neurons3")
    expect(field(area, "holds")).to_have_attribute("placeholder", "Spike times")
    expect(field(area, "unit")).to_have_attribute("placeholder", "Milliseconds")
    expect(field(area, "smooth_ms")).to_have_attribute("placeholder", "50")
    before = store(area, "recording")["id"]
    enter(area, "min_hz", "5")
    expect(numbers(area)).to_contain_text("of 3 neurons2")
    expect(area.locator(".upload-notes")).to_contain_text("2 of 3 neurons kept: mean rate of 5 Hz or more.")
    enter(area, "to_s", "1.5")
    expect(numbers(area)).to_contain_text("long1.5 s")
    kept = store(area, "recording")
    assert kept["given"] == {"min_hz": "5", "to_s": "1.5"}
    assert kept["id"] != before
    assert kept["choices"]["unit"] == "ms"


def test_a_choice_that_fails_leaves_the_reading_before(area):
    upload(area, table("spikes.csv", SPIKES))
    expect(numbers(area)).to_contain_text("neurons3")
    before = store(area, "recording")
    enter(area, "min_hz", "900")
    expect(area.locator("#reading-wrong")).to_contain_text("spikes.csv: no neuron has a mean rate of 900 Hz or more; the highest")
    assert store(area, "recording") == before
    enter(area, "min_hz", "")
    expect(area.locator("#reading-wrong")).to_be_empty()


def test_a_file_that_is_refused_can_be_mended_on_the_spot(area):
    upload(area, table("samples.csv", SAMPLES))
    assert "look like sample numbers" in complaint(area)
    field(area, "unit").click()
    area.get_by_role("option", name="Sample numbers").click()
    expect(area.locator("#reading-wrong")).to_have_text("Give the sampling rate too, such as 30000 Hz.")
    enter(area, "sampling_hz", "30000")
    expect(numbers(area)).to_contain_text("neurons3")
    expect(area.locator("#upload-error")).to_be_empty()
    upload(area, table("spikes.csv", SPIKES))  # another file begins with guesses of its own
    expect(area.locator("#upload-name")).to_have_text("spikes.csv")
    expect(field(area, "unit")).to_have_value("")
    expect(field(area, "unit")).to_have_attribute("placeholder", "Milliseconds")


def test_the_fields_work_by_keyboard_and_wait_for_the_file_after_a_reload(page):
    choose_family(page, "Recorded rates (your file)")
    upload(page, table("spikes.csv", SPIKES))
    expect(numbers(page)).to_contain_text("neurons3")
    field(page, "min_hz").focus()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(numbers(page)).to_contain_text("of 3 neurons2")
    page.keyboard.press("Tab")
    page.wait_for_function("document.activeElement.id === 'reading-smooth_ms'")
    page.reload()
    choose_family(page, "Recorded rates (your file)")
    expect(numbers(page)).to_contain_text("of 3 neurons2")
    expect(field(page, "min_hz")).to_be_disabled()
    expect(page.locator("#reading-hint")).to_have_text("To change this, choose the file again.")
    upload(page, table("spikes.csv", SPIKES))
    expect(field(page, "min_hz")).to_be_enabled()
    expect(field(page, "min_hz")).to_have_value("5")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_no_serious_accessibility_finding_in_the_preview(area, scheme, width):
    upload(area, table("spikes.csv", SPIKES))
    expect(numbers(area)).to_contain_text("neurons3")
    area.get_by_text("More", exact=True).locator("visible=true").first.click()
    in_scheme(area, scheme)
    area.set_viewport_size({"width": width, "height": 900})
    if width < 400:
        area.locator("#burger").click()
    assert serious_findings(area, ".upload") == []
    assert area.evaluate("document.querySelector('.upload').scrollWidth <= document.querySelector('.upload').clientWidth")
    if width < 400:
        area.locator("#burger").click()
    area.set_viewport_size({"width": 1440, "height": 900})


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
    assert len(learning(page, run.id, preset["training.loops"])) == preset["training.loops"]
    assert result(page) > 0.85  # learning is off in these trials
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
