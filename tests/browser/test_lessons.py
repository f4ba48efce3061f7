"""Lessons in a real browser: each opens with its setting, is done by keyboard alone, and keeps the playground as it was."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from spikedash.lessons import LESSONS
from spikedash.params import KNOBS
from tests.browser.panel import in_scheme, knob, serious_findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]


def flag(page, name):
    return page.locator(f"""[id='{{"name":"{name}","type":"flag"}}']""")


def test_the_list_leads_to_a_lesson_and_the_lessons_to_each_other(context, faults):
    page = context.new_page()
    page.goto("/learn")
    expect(page.locator(".lesson-card")).to_have_count(len(LESSONS))
    page.get_by_role("link", name=re.compile("One neuron")).click()
    page.get_by_role("heading", name=LESSONS["neuron"].title).wait_for()
    expect(page).to_have_title(re.compile("One neuron"))
    page.get_by_role("link", name=re.compile("A chaotic network")).click()
    page.get_by_role("heading", name=LESSONS["chaos"].title).wait_for()
    expect(knob(page, "cue.amplitude")).to_have_value("3")
    page.go_back()
    page.get_by_role("heading", name=LESSONS["neuron"].title).wait_for()
    expect(knob(page, "network.bias")).to_have_value("1")


def test_what_a_page_does_while_it_is_left_does_not_reach_the_next_one(open_page):
    page = open_page("/learn/neuron")
    expect(knob(page, "network.bias")).to_have_value("1")
    page.evaluate("history.pushState({}, '', '/learn/chaos')")  # the address is there before the page
    knob(page, "network.bias").fill("0.5")
    page.wait_for_function("window.spikedash.settingsNow().values['network.bias'] === 0.5")
    page.evaluate("window.dispatchEvent(new CustomEvent('_dashprivate_pushstate'))")
    page.get_by_role("heading", name=LESSONS["chaos"].title).wait_for()
    expect(knob(page, "cue.amplitude")).to_have_value("3")
    assert "#" not in page.url


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_opens_with_its_setting_and_only_what_matters(open_page, name):
    lesson = LESSONS[name]
    page = open_page(f"/learn/{name}")
    for setting in lesson.show:
        expect(flag(page, setting) if KNOBS[setting].annotation is bool else knob(page, setting)).to_be_attached()
        expect(page.locator(f"""[id='{{"name":"{setting}","type":"row"}}']""")).to_be_visible()
    expect(page.locator(".knob:visible")).to_have_count(len(lesson.show) + ("network.frac_exc" in lesson.show))
    expect(page.locator("#notice")).to_have_count(0)
    expect(page.locator("#state")).to_have_text("Ready")
    for scheme in ("light", "dark"):
        in_scheme(page, scheme)
        assert serious_findings(page, "body") == []


def test_a_lesson_is_done_by_keyboard_and_leaves_the_playground_alone(open_page):
    page = open_page("/learn/neuron")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('summary') !== null"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text(LESSONS["neuron"].answer[0][:30].split("`")[0])).to_be_visible()
    knob(page, "network.bias").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("4")
    expect(knob(page, "network.bias")).to_have_value("4")
    page.locator("#train").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("Done", timeout=60_000)
    expect(page.locator("#result-rate")).to_have_text("63.6 Hz")
    assert "/learn/neuron#run=" in page.url
    page.reload()
    expect(page.locator("#result-rate")).to_have_text("63.6 Hz")
    expect(knob(page, "network.bias")).to_have_value("4")
    page.goto("/")
    page.wait_for_function("document.querySelector('#sentence')?.textContent")
    expect(knob(page, "network.n")).to_have_value("200")
    expect(page.locator("#state")).to_have_text("Demo")


def test_on_a_phone_the_lesson_stands_above_its_playground(context, faults):
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/learn/failing")
    page.wait_for_function("document.querySelector('#estimate')?.textContent")
    lesson, train = page.locator(".lesson-text").bounding_box(), page.locator("#train").bounding_box()
    assert lesson["y"] + lesson["height"] < train["y"]
    expect(knob(page, "network.tau_s_ms")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious_findings(page, "body") == []
