"""Every route and every callback of the app as requests that name a run, a sweep and a recording."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from flask import Flask
from flask.testing import FlaskClient

from spikedash.exports import ENDINGS


class Names(NamedTuple):
    """What requests are about."""

    run: str
    sweep: str
    recording: str


#: Names of the right shape that nothing has.
MISSING = Names("A" * 16, "B" * 16, "0" * 64)

#: A route -> requests whose answer must depend on whose these are; or why everybody may have it.
ROUTES: dict[str, tuple[str, ...] | str] = {
    "/": "the empty frame of every page, which callbacks fill",
    "/<path:path>": ("/runs/{run}", "/sweeps/{sweep}"),
    "/healthz": "whether the server is well, and how many runs there are, without a word about any",
    "/upload": "keeps what the request itself brings, for who brings it",
    "/recording/<key>.svg": ("/recording/{recording}.svg",),
    "/probe/<name>": ("POST /probe/{run}",),
    "/export/<run_id>/<form>": tuple(f"/export/{{run}}/{form}" for form in (*ENDINGS, "nothing")),
    "/export/runs.csv": ("/export/runs.csv", "/export/runs.csv?runs={run}"),
    "/stream/runs": ("/stream/runs", "/stream/runs?cells=1&limit=1"),
    "/stream/runs/older": ("/stream/runs/older?before=1000", "/stream/runs/older?before=1000&cells=1"),
    "/stream/runs/curves": ("/stream/runs/curves?runs={run}", "/stream/runs/curves?runs={run}&grouped=1&theme=dark"),
    "/stream/<name>": ("/stream/{run}", "/stream/{run}?after=-1&theme=dark&neurons=1,2"),
    "/stream/sweeps": ("/stream/sweeps",),
    "/stream/sweep/<sweep_id>": ("/stream/sweep/{sweep}", "/stream/sweep/{sweep}?theme=dark&choice=1"),
    "/thumbnail/<version>.svg": ("/thumbnail/{sweep}-1.svg",),
    "/assets/<path:filename>": "files of the program",
    "/static/<path:filename>": "files of the program; there are none",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": "scripts of Dash",
    "/_dash-component-suites/plotly/package_data/plotly.min.js": "a file of the program",
    "/_dash-layout": "the empty frame of every page",
    "/_dash-dependencies": "which callbacks there are",
    "/_dash-update-component": "every callback is walked by itself, below",
    "/_reload-hash": "a constant outside of development",
    "/_favicon.ico": "a file of the program",
}

#: What callbacks are given: a property of the page, by id or by type -> a value with the names in it.
#: A callback that takes something new fails the walk until it stands here or among the words below.
GIVEN: dict[tuple[str, str], Any] = {
    ("run", "data"): "{run}",
    ("watch", "data"): "{run}",
    ("shown-run", "data"): {"run": "{run}", "state": "done", "theme": "light"},
    ("centre-tabs", "value"): "network",
    ("run-ready", "data"): {"run": "{run}", "state": "done", "theme": "light"},
    ("sweep", "data"): "{sweep}",
    ("recording", "data"): {"id": "{recording}", "name": "rates.csv"},
    ("preset", "value"): "playground",
    ("drawn", "data"): None,
    ("settings", "data"): None,
    ("gallery-tick", "data"): 1,
    ("sweeps-tick", "data"): 1,
    ("run-tabs", "value"): "network",
    ("shell", "navbar"): {},
    ("run-experiment", "n_clicks"): 1,
    ("knob", "value"): 20,
    ("knob", "id"): {"type": "knob", "name": "network.n"},
    ("flag", "checked"): False,
    ("flag", "id"): {"type": "flag", "name": "network.self_connections"},
    ("grid-base", "value"): "playground",
    ("grid-number", "value"): "correlation.test_mean",
    ("grid-seeds", "value"): 1,
    ("grid-x", "value"): "network.n",
    ("grid-x-values", "value"): "20, 30",
    ("grid-y", "value"): None,
}
#: Properties that say what shall be done, each as everything that it can be.
SEVERAL: dict[tuple[str, str], tuple[Any, ...]] = {
    ("place", "data"): ("/runs/{run}", "/sweeps/{sweep}"),
    ("link-asked", "data"): (
        {"text": "run={run}", "turn": 1},
        {"text": "preset=playground&network.n=20&run={run}", "turn": 1},
        {"text": "target.family=recorded&target.recording={recording}", "start": "run={run}", "turn": 1},
    ),
    ("run-ask", "data"): ({"what": "rename", "title": "Taken"}, {"what": "delete"}),
    ("runs-ask", "data"): (
        {"what": "rename", "ids": ["{run}"], "title": "Taken"},
        {"what": "paint", "ids": ["{run}"], "colour": "pink"},
        {"what": "delete", "ids": ["{run}"]},
    ),
}
#: Properties of plain controls, which can name nobody's things: a button, and words and numbers that are typed or chosen.
PLAIN = {"n_clicks": 1, "checked": False, "opened": False}
PLAIN_VALUES = ("draw-", "grid-", "reading-", "neurons", "psth-neurons", "slider")


class Callback(NamedTuple):
    """A callback that the server answers, as the browser knows it."""

    output: str
    inputs: Sequence[dict[str, Any]]
    state: Sequence[dict[str, Any]]


def callbacks(client: FlaskClient) -> list[Callback]:
    """All that the server answers, by what it tells the browser."""
    told = client.get("/_dash-dependencies").json
    return [Callback(one["output"], one["inputs"], one["state"]) for one in told if not one["clientside_function"]]


def undecided_routes(server: Flask) -> list[str]:
    return [rule.rule for rule in server.url_map.iter_rules() if rule.rule not in ROUTES]


def undecided_properties(found: Sequence[Callback]) -> list[str]:
    names = {_key(one) for callback in found for one in (*callback.inputs, *callback.state)}
    return [f"{name}.{prop}" for name, prop in sorted(names) if not _known(name, prop)]


def _key(one: dict[str, Any]) -> tuple[str, str]:
    """A property by its id, or by its type where there are many."""
    name = one["id"]
    return (json.loads(name)["type"] if name.startswith("{") else name), one["property"]


def _known(name: str, prop: str) -> bool:
    return (
        (name, prop) in GIVEN or (name, prop) in SEVERAL or prop in PLAIN or (prop == "value" and name.startswith(PLAIN_VALUES))
    )


def asked() -> list[str]:
    """A request for every route whose answer depends on who asks, with the names to be filled in."""
    return [one for requests in ROUTES.values() if isinstance(requests, tuple) for one in requests]


def ask(client: FlaskClient, request: str, about: Names) -> Any:
    """One of them: an address, or POST and an address."""
    method, _, path = ("GET " + request).rpartition(" ")
    body = {"page": "0123456789abcdef", "question": {}} if method.endswith("POST") else None
    return client.open(path.format(**about._asdict()), method=method.split()[-1], json=body)


def changes(post: dict[str, Any]) -> bool:
    """Whether a callback is asked to do something rather than to show something."""
    return str(post["changedPropIds"][0]).endswith((".n_clicks", "-ask.data"))


def deletes(post: dict[str, Any]) -> bool:
    return "delete" in json.dumps(post["inputs"])


def posts(callback: Callback, about: Names) -> Iterator[dict[str, Any]]:
    """The callback by each of its triggers, and by each of several things that it can be asked."""
    for one in callback.inputs:
        for k in range(len(SEVERAL.get(_key(one), "1"))):
            inputs, state = ([_filled(each, about, k) for each in group] for group in (callback.inputs, callback.state))
            given = next(each for each, asked in zip(inputs, callback.inputs, strict=True) if asked is one)
            given = given[0] if isinstance(given, list) else given
            name = given["id"] if isinstance(given["id"], str) else json.dumps(given["id"], sort_keys=True, separators=(",", ":"))
            yield {
                "output": callback.output,
                "outputs": _outputs(callback.output),
                "inputs": inputs,
                "state": state,
                "changedPropIds": [f"{name}.{given['property']}"],
            }


def _filled(one: dict[str, Any], about: Names, k: int) -> Any:
    """A property with its value, the k-th of several; a list of one where the callback takes many."""
    name, prop = _key(one)
    value = SEVERAL[(name, prop)][k] if (name, prop) in SEVERAL else GIVEN.get((name, prop), PLAIN.get(prop))
    text = json.dumps(value)
    for word, meant in about._asdict().items():
        text = text.replace(f"{{{word}}}", meant)
    if not one["id"].startswith("{"):
        return {"id": one["id"], "property": prop, "value": json.loads(text)}
    parts = json.loads(one["id"])
    concrete = {key: _concrete(parts, key) for key in parts}
    filled = {"id": concrete, "property": prop, "value": json.loads(text)}
    return [filled] if ["ALL"] in parts.values() else filled


def _concrete(parts: dict[str, Any], key: str) -> Any:
    """A wildcard of an id as something that it could be; the experiment is the one that takes a recording."""
    name = "fig5-cortex" if parts["type"] == "run-experiment" else "network.n"
    return {"name": name, "form": "short"}.get(key, "0") if isinstance(parts[key], list) else parts[key]


def _outputs(text: str) -> Any:
    """What Dash wants to be told again of the outputs."""
    if "." not in text:
        return None
    many = text.startswith("..")
    split = [part.rpartition(".") for part in (text.strip(".").split("...") if many else [text])]
    found = []
    for name, _, prop in split:
        if not name.startswith("{"):
            found.append({"id": name, "property": prop.partition("@")[0]})
            continue
        parts = json.loads(name)
        made = {"id": {key: _concrete(parts, key) for key in parts}, "property": prop}
        found.append([made] if ["ALL"] in parts.values() else made)  # type: ignore[arg-type]
    return found if many else found[0]
