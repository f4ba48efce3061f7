"""Links in a real browser: what they restore, hide and say; back and forward; copying; the code; the tour."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from spikedash.params import Params
from tests.browser.panel import curve, eventually, knob, serious_findings, store

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]

expect.set_options(timeout=30_000)  # other work may share the machine
QUICK = "network.n=50&training.loops=3&training.test_trials=2&target.duration_ms=200"


def test_a_link_restores_every_setting_and_says_what_it_mended(open_page):
    page = open_page(f"/#preset=fig1-drive&{QUICK}&training.seed=7&network.J=99&network.size=3")
    expect(page.locator("#notice")).to_contain_text("“Coupling J” was “99”; the largest possible is 30.0")
    expect(page.locator("#notice")).to_contain_text("no setting “network.size”")
    expect(knob(page, "network.n")).to_have_value("50")
    expect(knob(page, "training.seed")).to_have_value("7")
    expect(page.locator("#preset")).to_have_value(re.compile("Sine waves"))
    expect(page.locator("#state")).to_have_text("Ready")


def test_the_address_follows_the_controls_and_restores_them(page, context):
    knob(page, "network.n").fill("60")
    page.wait_for_url(re.compile("network.n=60&"))
    knob(page, "target.seed").fill("9")
    page.wait_for_url(re.compile("target.seed=9&"))
    other = context.new_page()
    other.goto(page.url)
    expect(knob(other, "network.n")).to_have_value("60")
    expect(knob(other, "target.seed")).to_have_value("9")


CALLBACKS = re.compile("/_dash-update-component")


def held(page):
    """The addresses that the server would write from now on; none comes before it is let go on."""
    answers = []
    page.route(
        CALLBACKS,
        lambda route: answers.append(route) if "link-now" in (route.request.post_data or "") else route.fallback(),
    )
    return answers


def test_what_was_changed_in_the_last_moment_outlives_a_reload(page):
    knob(page, "network.n").fill("60")
    page.wait_for_url(re.compile("network.n=60&"))
    answers = held(page)
    knob(page, "network.n").fill("70")
    eventually(page, lambda: answers)
    assert "network.n=60&" in page.url  # the server never wrote the new one
    page.unroute_all()
    page.reload()
    expect(knob(page, "network.n")).to_have_value("70")
    page.wait_for_url(re.compile("network.n=70&"))


def test_an_address_written_while_a_reload_is_under_way_loses_nothing(page):
    knob(page, "network.n").fill("60")
    page.wait_for_url(re.compile("network.n=60&"))
    answers, documents = held(page), []
    knob(page, "network.n").fill("70")
    eventually(page, lambda: answers)
    page.route("**/", lambda route: documents.append(route))
    page.evaluate("void window.setTimeout(() => window.location.reload())")  # of the address that says 60
    eventually(page, lambda: documents)
    for answer in answers:
        answer.continue_()
    eventually(page, lambda: "network.n=70&" in page.url)  # asking the page itself would wait for the reload
    page.unroute(CALLBACKS)
    documents[0].continue_()
    expect(knob(page, "network.n")).to_have_value("70")
    page.wait_for_url(re.compile("network.n=70&"))


def test_a_drawn_curve_travels_in_the_link(page, context):
    wave = [round(0.01 * k, 3) for k in range(128)]
    page.evaluate(
        """wave => {
            window.dash_clientside.set_props('drawn', {data: [{group: 'excitatory', values: wave, random_phase: false}]});
            window.spikedash.applySettings({'target.family': 'drawn'});
        }""",
        wave,
    )
    page.wait_for_url(re.compile("curve=excitatory~0~i"))
    address = page.url
    page.evaluate("window.localStorage.clear()")
    other = context.new_page()
    other.goto(address)
    expect(knob(other, "target.duration_ms")).to_be_attached()
    other.wait_for_function("((window.dash_component_api.getLayout('drawn') || {}).props || {}).data?.length === 1")
    assert curve(other, "excitatory")["values"] == wave


def test_back_and_forward_go_from_preset_to_preset_and_from_run_to_run(page, served):
    page.evaluate("window.spikedash.usePreset('fig1-drive', {})")
    page.wait_for_url(re.compile("#preset=fig1-drive$"))
    page.evaluate("window.spikedash.usePreset('fig2-two-patterns', {})")
    page.wait_for_url(re.compile("#preset=fig2-two-patterns$"))
    expect(knob(page, "training.lam")).to_have_value("10")
    page.go_back()
    expect(knob(page, "training.lam")).to_have_value("1")
    expect(page.locator("#preset")).to_have_value(re.compile("Sine waves"))
    page.go_forward()
    expect(knob(page, "training.lam")).to_have_value("10")


def test_a_run_is_restored_with_its_settings_and_changes_after_it(page, served):
    params = Params().with_values({"network.n": 40, "training.loops": 2, "training.test_trials": 1, "target.duration_ms": 200})
    run = served.store.launch(params, name="Playground")
    page.evaluate("id => { window.location.hash = `run=${id}`; }", run)
    expect(knob(page, "network.n")).to_have_value("40")
    expect(page.locator("#state")).to_have_text("Done", timeout=60_000)
    knob(page, "network.n").fill("44")
    page.wait_for_url(re.compile(f"network.n=44&.*run={run}$"))
    page.reload()
    expect(knob(page, "network.n")).to_have_value("44")
    expect(page.locator("#state")).to_have_text("Done")


def test_a_run_and_a_recording_that_are_not_here_are_said(open_page, context):
    page = open_page("/#run=AAAAAAAAAAAAAAAA")
    expect(page.locator("#notice")).to_contain_text("The run of this link is not on this server")
    page = context.new_page()  # without a recording there is no estimate to wait for
    page.goto(f"/#preset=fig5-cortex&target.recording={'a' * 64}")
    expect(page.locator("#notice")).to_contain_text("The recording of this link is not on this server")


def test_a_lesson_link_hides_what_does_not_matter_until_it_is_asked_for(open_page):
    page = open_page("/#hide=all&show=network.n,training.loops")
    expect(page.locator("#hide-none")).to_be_visible()
    expect(knob(page, "network.n")).to_be_visible()
    expect(knob(page, "training.loops")).to_be_visible()
    expect(knob(page, "network.J")).to_be_hidden()
    expect(page.locator(".group-cue")).to_be_hidden()
    expect(page.locator("#preset")).to_be_hidden()
    page.locator("#hide-none").click()
    expect(knob(page, "network.J")).to_be_visible()
    expect(page.locator("#preset")).to_be_visible()


def test_copy_link_copies_everything(page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    knob(page, "network.n").fill("70")  # and copied before the server has written the link
    page.locator("#copy-link").click()
    expect(page.locator("#link-said")).to_have_text("Link copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "network.n=70&" in copied
    assert "training.seed=1" in copied
    assert "target.seed=0" in copied


def test_the_code_of_the_setting_is_shown_and_copied(page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    knob(page, "network.n").fill("70")
    page.locator("#show-code").click()
    expect(page.locator("#code-script")).to_contain_text('"network.n": 70')
    page.get_by_role("tab", name="Command line").click()
    expect(page.locator("#code-command")).to_have_text("python -m spikedash train --set network.n=70")
    page.locator("#copy-command").click()
    expect(page.locator("#copy-command")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "python -m spikedash train --set network.n=70"
    assert serious_findings(page, "body") == []
    page.keyboard.press("Escape")
    expect(page.locator("#code-script")).to_be_hidden()


def test_the_tour_is_offered_once_and_walks_by_keyboard(page):
    expect(page.locator("#tour-offer")).to_be_visible()
    assert serious_findings(page, "#tour-offer") == []
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Show me").click()
    titles = []
    for _ in range(5):
        title = page.locator(".driver-popover-title")
        title.wait_for()
        titles.append(title.inner_text())
        # The words stand a frame before the step has arrived, and until then it takes no key.
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("old => document.querySelector('.driver-popover-title')?.textContent !== old", arg=titles[-1])
    assert titles == ["Every spike", "Target and activity", "Settings", "Train", "Learning"]
    expect(page.locator(".driver-popover")).to_have_count(0)
    page.wait_for_function("document.activeElement.id === 'start-tour'")
    page.reload()
    page.wait_for_function("document.querySelector('#sentence')?.textContent")
    expect(page.locator("#tour-offer")).to_have_count(0)
    page.locator("#start-tour").press("Enter")
    page.locator(".driver-popover").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(".driver-popover")).to_have_count(0)


def test_a_phone_has_all_presets_the_code_and_the_tour(page):
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(reduced_motion="reduce")
    page.locator("#preset").click()
    page.get_by_role("option", name=re.compile("Sine waves")).wait_for()
    assert serious_findings(page, "body") == []
    page.keyboard.press("Escape")
    menu = page.locator(".menu-tools")
    page.get_by_role("button", name="Settings").click()
    menu.get_by_role("button", name="Code").click()
    expect(page.locator("#code-script")).to_contain_text('"network.n"')
    page.keyboard.press("Escape")
    expect(page.locator("#code-script")).to_be_hidden()
    expect(menu).not_to_be_in_viewport()
    page.get_by_role("button", name="Settings").click()
    menu.get_by_role("button", name="Tour").click()
    expect(page.locator(".driver-popover-title")).to_have_text("Every spike")


def test_the_tabs_show_the_network_of_the_run_that_is_shown(page):
    page.get_by_role("tab", name="Network").click()
    page.get_by_role("heading", name="Weights before and after").wait_for()
    page.get_by_role("tab", name="Theory").click()
    page.get_by_role("heading", name="One spike deleted").wait_for()
    assert serious_findings(page, "#main") == []
    expect(page.locator("#run-page")).to_have_attribute("href", re.compile(store(page, "shown-run")["run"]))
    page.get_by_role("tab", name="Live").click()
    box = page.locator("#raster .main-svg").first.bounding_box()
    assert box["width"] > 300
    assert box["height"] > 150
