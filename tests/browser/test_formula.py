"""A formula on the page: seen before it runs, told what is wrong with it, and learnt."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from spikedash import targets
from tests.browser.panel import choose_family, eventually, fresh, in_scheme, knob, opened, result, serious_findings, train

expect.set_options(timeout=30_000)  # where others compute, an answer takes seconds
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

CURVES = "[...document.querySelectorAll('#aim-picture .aim-curve')].map(path => path.getAttribute('d'))"


@pytest.fixture(scope="module")
def desk(chromium, served):
    yield from opened(chromium, served, viewport={"width": 1440, "height": 900})


@pytest.fixture
def field(desk):
    """The page with the field of the formula."""
    fresh(desk.page, "A formula", "#formula-wave")
    expect(desk.page.locator("#aim-picture .aim-curve")).to_have_count(4, timeout=30_000)
    yield desk.page
    assert desk.faults == []


def wrong(page):
    return page.locator("""[id='{"name":"target.formula","type":"wrong"}']""")


def write(page, text):
    knob(page, "target.formula").fill(text)


def heights(page):
    """Height of every row's curve over its own zero line, upwards, in pixels."""
    return [
        zero - np.array([float(point.split(",")[1]) for point in path[1:].split("L")])
        for path, zero in zip(
            page.evaluate(CURVES),
            page.eval_on_selector_all("#aim-picture .aim-zero", "lines => lines.map(line => Number(line.getAttribute('y1')))"),
            strict=True,
        )
    ]


def test_what_is_shown_is_what_the_neurons_will_be_given(field, small):
    write(field, "sin(2*pi*t/250 + phase) + 0.2*normal")
    values = {"target.family": "formula", "target.formula": "sin(2*pi*t/250 + phase) + 0.2*normal", "network.n": 200}
    params = small().with_values({**values, "target.duration_ms": 1000, "network.weights": "balanced"})
    out = np.empty((200, 200))
    targets.fill(out, params, np.arange(200) * 5.0, 160, 0)
    expect(field.locator("#aim-picture .aim-who")).to_have_text(["E 26", "E 80", "E 133", "I 180"])
    want = out[:, [26, 80, 133, 180]].T
    eventually(field, lambda: min(np.corrcoef(*pair)[0, 1] for pair in zip(heights(field), want, strict=True)) > 0.999)


def test_what_is_wrong_is_told_while_the_last_picture_stays_faintly(field):
    before = field.evaluate(CURVES)
    write(field, "sin(2*pi*t/500 + fase)")
    expect(wrong(field)).to_have_text("“Formula” has “fase” at character 18, which is unknown here; the nearest known is phase.")
    expect(field.locator("#aim-picture")).to_have_class(re.compile("aim-old"))
    assert field.evaluate(CURVES) == before
    write(field, "sin(2*pi*t/500 + phase)")
    expect(wrong(field)).to_be_empty()
    expect(field.locator("#aim-picture")).not_to_have_class(re.compile("aim-old"))


def test_what_goes_wrong_for_one_neuron_only_is_told_beside_the_picture(field):
    write(field, "1/(i - 77)")
    expect(field.locator("#aim-note")).to_contain_text("is infinite at t = 0 ms for neuron 77")


@pytest.mark.parametrize("key", ["chirp", "sequence", "square", "types"])
def test_examples_are_sound(field, key):
    before = field.evaluate(CURVES)
    field.click(f"#formula-{key}")
    field.wait_for_function(f"before => JSON.stringify({CURVES}) !== JSON.stringify(before)", arg=before)
    expect(wrong(field)).to_be_empty()
    assert (
        field.locator("#aim-picture").get_attribute("aria-label").startswith("Targets of neurons 26, 80, 133, 180 over 1,000 ms")
    )


@pytest.mark.parametrize("family", ["Sine waves", "Complex periodic", "Chaotic rate units", "OU noise"])
def test_every_family_is_seen_before_it_runs(field, family):
    before = field.evaluate(CURVES)
    choose_family(field, family)
    field.wait_for_function(f"before => JSON.stringify({CURVES}) !== JSON.stringify(before)", arg=before)
    assert len(field.evaluate(CURVES)) == 4


def test_its_own_activity_is_told_in_words(field):
    choose_family(field, "Innate: its own activity")
    expect(field.locator("#aim-note")).to_contain_text("recorded from the untrained network when the run starts")
    expect(field.locator("#aim-picture")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_no_serious_accessibility_finding(field, scheme, width):
    field.get_by_text("What can be written").click()
    in_scheme(field, scheme)
    field.set_viewport_size({"width": width, "height": 900})
    if width < 400:
        field.locator("#burger").click()
    assert serious_findings(field, ".groups") == []
    field.get_by_text("What can be written").click()
    if width < 400:
        field.locator("#burger").click()
    field.set_viewport_size({"width": 1440, "height": 900})


def test_a_formula_is_learnt(page, served):
    choose_family(page, "A formula")
    write(page, "sin(2*pi*t/400 + phase)")
    expect(wrong(page)).to_be_empty()
    run = train(page, served)
    assert run.params.target.formula == "sin(2*pi*t/400 + phase)"
    expect(page.locator("#state")).to_have_text("Done", timeout=120_000)
    assert result(page) > 0.8
