"""Folded pages: the same HTML, told by walking both, and everything that a callback or a script names still known to Dash."""

from __future__ import annotations

import json
import re
from typing import Any

import dash_mantine_components as dmc
import pytest
from dash import html
from dash.development.base_component import Component

import app as served
from spikedash.jobs.store import Store
from spikedash.lessons import LESSONS
from spikedash.params import Params
from spikedash.ui import gallery, learn, page, run, runs, sweeps
from spikedash.ui.still import Still, fold, known


def nobody(_: Any) -> bool:
    """No callback names anything."""
    return False


def parts(inside: Any) -> list[Any]:
    given = inside if isinstance(inside, list | tuple) else [inside]
    return [each for each in given if each is not None]


def drawn(part: Any) -> list[Any]:
    """What the browser gets of a layout: text, and elements with a name, properties and what is inside; neighbours flattened."""
    if isinstance(part, list | tuple):
        return [line for each in part if each is not None for line in drawn(each)]
    if not isinstance(part, Component):
        return [str(part)]
    if isinstance(part, Still):
        return unfolded(part.tree, parts(part.children))
    said = part.to_plotly_json()
    props = {name: value for name, value in said["props"].items() if name not in ("children", "n_clicks")}
    if isinstance(props.get("id"), dict):
        props["id"] = json.dumps(props["id"], sort_keys=True, separators=(",", ":"))
    name = said["type"].lower() if said["namespace"] == "dash_html_components" else f"{said['namespace']}.{said['type']}"
    return [(name, props, drawn(parts(getattr(part, "children", None))))]


def unfolded(tree: Any, places: list[Any]) -> list[Any]:
    if isinstance(tree, int):
        return drawn(places[tree])
    if isinstance(tree, str):
        return [tree]
    tag, props, *inside = json.loads(json.dumps(tree))
    lines = [line for each in inside for line in unfolded(each, places)]
    return lines if tag == "" else [(tag, props, lines)]


def components(part: Any) -> list[Component]:
    if isinstance(part, list | tuple):
        return [found for each in part for found in components(each)]
    if not isinstance(part, Component):
        return []
    return [part, *components(getattr(part, "children", None))]


@pytest.fixture(scope="module")
def dash(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = served.create_app(served.Settings(tmp_path_factory.mktemp("still")))
    made.server.test_client().get("/_dash-dependencies")  # Dash collects the callbacks at the first request
    return made


@pytest.fixture(scope="module")
def pages(dash: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    store = Store(tmp_path_factory.mktemp("pages"))
    return {
        "playground": page.layout(),
        "lesson": learn.shown(store, next(iter(LESSONS))).body,
        "run": run.page(store, store.launch(Params())).body,
        "runs": runs.page().body,
        "sweeps": sweeps.page(store).body,
        "experiments": gallery.page(store).body,
    }


NAMES = ("playground", "lesson", "run", "runs", "sweeps", "experiments")


@pytest.mark.parametrize("name", NAMES)
def test_a_folded_page_is_the_same_page(dash: Any, pages: dict[str, Any], name: str) -> None:
    folded = fold(pages[name], known(dash))
    assert drawn(folded) == drawn(pages[name])


@pytest.mark.parametrize("name", NAMES)
def test_dash_still_knows_what_callbacks_name_and_little_else(dash: Any, pages: dict[str, Any], name: str) -> None:
    is_known = known(dash)
    before, after = components(pages[name]), components(fold(pages[name], is_known))
    named = [str(part.id) for part in before if is_known(getattr(part, "id", None))]
    assert len(named) > 0
    assert [str(part.id) for part in after if is_known(getattr(part, "id", None))] == named
    assert len(after) < 0.5 * len(before)
    for part in after:
        inside = [each for each in parts(getattr(part, "children", None)) if isinstance(each, Component)]
        plain = [each for each in inside if each._namespace == "dash_html_components" and not is_known(getattr(each, "id", None))]
        assert len(plain) <= 1, f"{[str(each) for each in plain]} could be one tree"


def test_dash_knows_what_scripts_change_by_way_of_it(dash: Any, pages: dict[str, Any], project: Any) -> None:
    scripts = "".join(script.read_text() for script in (project / "assets").glob("*.js"))
    changed = set(re.findall(r"""\b(?:set|props|set_props)\("([a-z-]+)", \{""", scripts))
    assert {"notice", "preset", "runs-words"} <= changed
    there = {
        part.id
        for whole in pages.values()
        for part in components(fold(whole, known(dash)))
        if isinstance(getattr(part, "id", None), str)
    }
    anywhere = {part.id for whole in pages.values() for part in components(whole) if isinstance(getattr(part, "id", None), str)}
    assert changed & anywhere <= there


def test_text_numbers_and_empty_places_are_kept() -> None:
    slider = dmc.Slider(id="s")
    given = html.Div(
        ["a", 3, None, 0.5, [html.B("b"), slider], html.Div(), html.Span(0)], id={"b": 1, "a": "x"}, **{"data-k": "v"}
    )
    folded = fold(given, nobody)
    assert folded.tree == [
        "div",
        {"id": '{"a":"x","b":1}', "data-k": "v"},
        "a",
        "3",
        "0.5",
        ["", {}, ["b", {}, "b"], 0],
        ["div", {}],
        ["span", {}, "0"],
    ]
    assert folded.children == [slider]


def test_what_spares_nothing_stays_as_it_is() -> None:
    button = dmc.Button(html.Span("Train"), id="train")
    assert drawn(fold(button, nobody)) == drawn(button)
    assert len(components(fold(button, nobody))) == len(components(button))
    assert button.children.children == "Train"  # what was given is left as it was


def test_folding_leaves_the_given_page_alone() -> None:
    given = page.layout()
    before = drawn(given)
    fold(given, nobody)
    assert drawn(given) == before
