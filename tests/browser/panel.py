"""What the tests of drawn and of uploaded targets share: the page kept open, its stores, and how to begin anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect


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


def eventually(page, test):
    """Wait until a test holds that looks at more than the page, or at more of it than an expression can say."""
    for _ in range(300):
        if test():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true on {page.url}")


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


def fresh(page, family, waits_for):
    """No curve, no recording, all tools as they are on arrival."""
    page.wait_for_function("() => !(document.getElementById('reading-said') || {}).textContent")
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


LEARNT = """Array.from(((document.querySelector('#curve .js-plotly-plot') || {})._fullData || [{y: []}])[0].y)
    .filter(value => value !== null)"""


def learning(page, run_id, loops):
    """Correlations of a run's loops, once its learning curve has all of them and is no longer another run's."""
    own = f"(document.querySelector('#curve .js-plotly-plot')?._fullLayout || {{}}).uirevision === '{run_id}'"
    page.wait_for_function(f"{own} && ({LEARNT}).length === {loops}")
    return page.evaluate(LEARNT)


def result(page):
    """The mean test correlation, once it is told."""
    told = page.locator("#result-mean")
    expect(told).to_have_text(re.compile(r"\d"))
    return float(told.inner_text().replace("−", "-"))


def train(page, served):
    page.click("#train")
    page.wait_for_url(re.compile("#run="))
    return served.store.run(page.url.partition("#run=")[2])


def serious_findings(page, where="html"):
    """What axe finds critical or serious inside of `where`, once every colour has faded."""
    at_rest(page)
    found = Axe().run(page, context={"include": [[where]]}).response["violations"]
    return [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found if v["impact"] in ("critical", "serious")]


EVERYTHING = re.compile("")


def cut_off(context):
    """The network goes away, however slow it is made (conftest.slowed); `context.unroute(EVERYTHING)` brings it back."""
    context.route(EVERYTHING, lambda route: route.abort("internetdisconnected"))


def forgive(faults):
    """Leave out what is said of a network that was cut off, by the browser and by a callback of Dash on its way."""
    cut = ("ERR_INTERNET_DISCONNECTED", "the server did not respond")
    faults[:] = [fault for fault in faults if not any(words in fault for words in cut)]


FADING = "document.getAnimations().filter(each => each.effect.getComputedTiming().endTime < Infinity).length"


def at_rest(page):
    """Wait until nothing fades or moves any more, for as long as three looks."""
    calm = 0
    while calm < 3:
        page.wait_for_timeout(100)
        calm = 0 if page.evaluate(FADING) else calm + 1


def in_scheme(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.locator(f"html[data-mantine-color-scheme={scheme}]").wait_for()
