"""Another person and a hostile page walk every route and every callback; one that is new fails here until it is decided."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from flask.testing import FlaskClient
from web import walk
from web.walk import MISSING, Names

import app
from spikedash.jobs.store import Axis, Measure, NewCell, Plan, Store
from spikedash.params import Params
from spikedash.records import Recording

SECRETS = ("Run of Ada", "Sweep of Ada", "ada.csv")
TINY = {"network.n": 20, "training.loops": 3, "target.duration_ms": 200}


class Lab(NamedTuple):
    """A server with something of Ada's, who is one of its people."""

    dash: Any
    folder: Path
    ada: FlaskClient
    hers: Names

    def visitor(self) -> FlaskClient:
        """Somebody whom the server has not seen."""
        client: FlaskClient = self.dash.server.test_client()
        client.get("/")
        return client

    def kept(self) -> list[tuple[Any, ...]]:
        """Everything that the store knows of her, but for how often her place in the queue was told anew."""
        with sqlite3.connect(self.folder / "runs.sqlite") as db:
            db.execute("UPDATE runs SET version = 0")
            every = ("SELECT * FROM runs", "SELECT * FROM sweeps", "SELECT * FROM cells")
            tables = [db.execute(query).fetchall() for query in every]
        return [row for table in tables for row in table if self.hers.run in row or self.hers.sweep in row]


def recording() -> Recording:
    return Recording(np.random.default_rng(3).uniform(0, 30, (40, 3)), np.arange(40) * 10.0, ("a", "b", "c"), ())


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """For tests that change nothing."""
    return founded(tmp_path_factory.mktemp("lab"))


@pytest.fixture
def fresh(tmp_path: Path) -> Lab:
    return founded(tmp_path)


def founded(folder: Path) -> Lab:
    dash = app.create_app(app.Settings(folder / "data"))
    ada = dash.server.test_client()
    ada.get("/")
    with ada.session_transaction() as session:
        person = session["person"]
    store = Store(folder / "data", lambda: person)
    params = Params().with_values(TINY)
    plan = Plan(
        SECRETS[1],
        (Axis("network.n", "Neurons", "", (20, 30)),),
        Measure("correlation", "correlation.test_mean"),
        tuple(NewCell((k,), 1, params.with_values({"network.n": n})) for k, n in enumerate((20, 30))),
    )
    hers = Names(store.launch(params, name=SECRETS[0]), store.sweeps.launch(plan), store.save_recording(recording(), SECRETS[2]))
    return Lab(dash, folder / "data", ada, hers)


def told(answer: Any, about: Names) -> tuple[int, str]:
    """Status and content without the names that were asked about, and without what is random."""
    text = answer.get_data(as_text=True)
    for name in about:
        text = text.replace(name, "?")
    text = re.sub(r'"end_id":"[^"]*"', "", text)  # Dash's own, another one in every page
    return answer.status_code, re.sub(r"[A-Za-z0-9_-]{16}(?=\")", "?", text)


def call(client: FlaskClient, body: dict[str, Any]) -> Any:
    return client.post("/_dash-update-component", json=body)


def test_every_route_and_callback_is_decided(lab: Lab) -> None:
    assert walk.undecided_routes(lab.dash.server) == [], "say in walk.ROUTES what of it belongs to somebody, or why nothing does"
    new = walk.undecided_properties(walk.callbacks(lab.ada))
    assert new == [], "say in walk.GIVEN what it is given, with {run}, {sweep} or {recording} where it can name one"


SHOWN = ("text/html", "application/json", "image/svg+xml")


@pytest.mark.parametrize("request_", walk.asked())
def test_what_is_not_shown_in_a_page_is_a_download(lab: Lab, request_: str) -> None:
    answer = walk.ask(lab.ada, request_, lab.hers)
    download = answer.headers.get("Content-Disposition", "").startswith("attachment")
    assert download or answer.mimetype in SHOWN or answer.status_code >= 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("request_", walk.asked())
def test_another_person_gets_what_is_not_there(lab: Lab, request_: str) -> None:
    bob = lab.visitor()
    shown = walk.ask(lab.ada, request_, lab.hers)  # first, so that whatever is kept between requests is there
    got = walk.ask(bob, request_, lab.hers)
    assert told(got, lab.hers) == told(walk.ask(bob, request_, MISSING), MISSING)
    assert not any(secret in got.text for secret in SECRETS)
    seen = told(shown, lab.hers) != told(got, lab.hers)
    assert seen or "thumbnail" in request_ or "nothing" in request_, "she herself sees nothing, so this shows nothing"


def test_another_person_moves_nothing_and_learns_nothing_by_any_callback(fresh: Lab) -> None:
    for callback in walk.callbacks(fresh.ada):  # so that whatever is kept between requests is there
        for hers in walk.posts(callback, fresh.hers):
            if not walk.changes(hers):
                call(fresh.ada, hers)
    bob, before, tried = fresh.visitor(), fresh.kept(), 0
    for callback in walk.callbacks(bob):
        for hers, missing in zip(walk.posts(callback, fresh.hers), walk.posts(callback, MISSING), strict=True):
            got = call(bob, hers)
            assert told(got, fresh.hers) == told(call(bob, missing), MISSING), hers["changedPropIds"]
            assert not any(secret in got.text for secret in SECRETS)
            tried += 1
    assert fresh.kept() == before
    assert tried > 30
    print(f"callbacks of another person: {tried}, none told or changed anything")


def test_she_herself_sees_and_moves_by_the_same_callbacks(fresh: Lab) -> None:
    """The walk before shows something only if its requests do something for the one whose things they name."""
    before, different, seen = fresh.kept(), set(), ""
    every = [
        pair
        for callback in reversed(walk.callbacks(fresh.ada))  # the pages are the last
        for pair in zip(walk.posts(callback, fresh.hers), walk.posts(callback, MISSING), strict=True)
    ]
    for hers, missing in sorted(every, key=lambda pair: walk.deletes(pair[0])):
        got = call(fresh.ada, hers)
        assert got.status_code < 500, hers["changedPropIds"]
        seen += got.text
        if told(got, fresh.hers) != told(call(fresh.ada, missing), MISSING):
            different.add(hers["output"])
    rooms = {output for output in different if output.startswith(("..room-network.", "..centre-network."))}
    assert len(rooms) == 2
    assert {"page.children", "link-read.data", "runs-said.data", "..run-title.children...run-gone.data.."} <= different
    assert all(secret in seen for secret in SECRETS[:2])
    assert fresh.kept() != before


FOREIGN = {
    "another site's script": {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    "an old browser there": {"Origin": "http://evil.example"},
    "a frame without origin": {"Origin": "null"},
    "a form there": {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
        "Origin": "null",
    },
    "another port": {"Origin": "http://localhost:1"},
    "a neighbour's name": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    "a picture there": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "a frame there": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    "a name pointed here": {"Host": "evil.example:8050"},
    "a name that only looks like ours": {"Host": "localhost.evil.example"},
    "no name": {"Host": ""},
    "another address": {"Host": "192.0.2.1:8050"},
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_hostile_page_is_refused_everywhere(lab: Lab, kind: str) -> None:
    """With Ada's own cookie, which her browser would send along."""
    before, tried = lab.kept(), 0
    for rule in lab.dash.server.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", lab.hers.run, rule.rule)
        for method in sorted(rule.methods - {"OPTIONS"}):
            answer = lab.ada.open(path, method=method, headers=FOREIGN[kind])
            assert answer.status_code == 403, (method, path)
            assert method == "HEAD" or answer.text.count(".") >= 1
            tried += 1
    for callback in walk.callbacks(lab.ada):
        for body in walk.posts(callback, lab.hers):
            assert lab.ada.post("/_dash-update-component", json=body, headers=FOREIGN[kind]).status_code == 403
            tried += 1
    assert lab.kept() == before
    print(f"{kind}: {tried} requests tried, {tried} refused")


def test_a_link_on_another_site_leads_here(lab: Lab) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert lab.ada.get(f"/runs/{lab.hers.run}", headers=link).status_code == 200
    assert lab.ada.post("/_dash-update-component", json={}, headers=link).status_code == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:8050", "[::1]:8050", "LOCALHOST:1"])
def test_the_names_of_this_machine_are_known(lab: Lab, name: str) -> None:
    assert lab.ada.get("/runs", headers={"Host": name}).status_code == 200


def test_a_new_route_or_property_would_be_noticed(fresh: Lab) -> None:
    fresh.dash.server.view_functions["spy"] = lambda: ""
    fresh.dash.server.url_map.add(type(next(fresh.dash.server.url_map.iter_rules()))("/spy/<run>", endpoint="spy"))
    assert walk.undecided_routes(fresh.dash.server) == ["/spy/<run>"]
    spy = walk.Callback("x.children", [{"id": '{"type":"rename","run":["ALL"]}', "property": "value"}], [])
    assert walk.undecided_properties([spy]) == ["rename.value"]
