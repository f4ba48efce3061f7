"""Whose the runs in lists, exports and questions are: one's own, everybody's, and with SPIKEDASH_PEOPLE=one all."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import app
from spikedash.jobs.catalogue import Catalogue
from spikedash.jobs.questions import MOST_EACH, Questions
from spikedash.jobs.store import Store
from spikedash.params import Params
from spikedash.ui import downloads
from spikedash.web.rules import Rules

TINY = Params().with_values({"network.n": 20, "training.loops": 3, "target.duration_ms": 200})
PAGE = "0123456789abcdef"


class Lab:
    """A server with a run of Ada's and one of everybody's."""

    def __init__(self, folder: Path, *, one: bool = False) -> None:
        self.folder = folder / "data"
        self.dash = app.create_app(app.Settings(self.folder, rules=Rules(one=one)))
        self.ada, self.bob = self.visitor(), self.visitor()
        with self.ada.session_transaction() as session:
            person = session.get("person", "somebody of before")
        self.store = Store(self.folder)
        self.hers = Store(self.folder, lambda: person).launch(TINY, name="Hers")
        self.everybodys = self.store.launch(TINY, name="Everybody's")

    def visitor(self) -> FlaskClient:
        client: FlaskClient = self.dash.server.test_client()
        client.get("/")
        return client

    def finish(self, run_id: str) -> None:
        with sqlite3.connect(self.folder / "runs.sqlite") as db:
            db.execute("UPDATE runs SET state = 'done' WHERE id = ?", (run_id,))

    def looks(self, run_id: str) -> tuple[str, str]:
        """Title and colour, as whoever owns the folder sees them; gone where it was deleted."""
        found = Catalogue(self.store).entries(None, [run_id])
        return (found[0].title, found[0].colour) if found else ("gone", "")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.fixture
def one(tmp_path: Path) -> Lab:
    return Lab(tmp_path, one=True)


def listed(client: FlaskClient) -> set[str]:
    """Every run that any list shows."""
    news = client.get("/stream/runs").json
    older = client.get("/stream/runs/older?before=1000").json
    table = client.get("/export/runs.csv").text.splitlines()[1:]
    return {row["id"] for row in news["rows"] + older["rows"]} | {line.split(",")[0].lstrip("'") for line in table}


def act(client: FlaskClient, **asked: Any) -> Any:
    """What the table of runs asks for."""
    body = {
        "output": "runs-said.data",
        "outputs": {"id": "runs-said", "property": "data"},
        "inputs": [{"id": "runs-ask", "property": "data", "value": asked}],
        "changedPropIds": ["runs-ask.data"],
    }
    return client.post("/_dash-update-component", json=body).json["response"]["runs-said"]["data"]


def act_on_page(client: FlaskClient, run_id: Any, **asked: Any) -> Any:
    """What the head of a run's page asks for."""
    body = {
        "output": "..run-title.children...run-gone.data..",
        "outputs": [{"id": "run-title", "property": "children"}, {"id": "run-gone", "property": "data"}],
        "inputs": [{"id": "run-ask", "property": "data", "value": asked}],
        "state": [{"id": "watch", "property": "data", "value": run_id}],
        "changedPropIds": ["run-ask.data"],
    }
    return client.post("/_dash-update-component", json=body)


def probe(client: FlaskClient, run_id: str, page: str = PAGE) -> Any:
    return client.post(f"/probe/{run_id}", json={"page": page, "question": {"cue": "none"}})


@pytest.mark.parametrize("whose", ["hers", "everybodys"])
def test_what_is_not_mine_is_in_no_list_of_mine_and_changed_by_nothing_i_ask(lab: Lab, whose: str) -> None:
    run = getattr(lab, whose)
    before = lab.looks(run)
    assert listed(lab.bob) == set()
    assert "wrong" in act(lab.bob, what="rename", ids=[run], title="Taken")
    assert "wrong" in act(lab.bob, what="paint", ids=[run], colour="pink")
    assert act(lab.bob, what="delete", ids=[run])["deleted"] == 0
    for asked in ({"what": "rename", "title": "Taken"}, {"what": "delete"}):
        assert act_on_page(lab.bob, run, **asked).json["response"] == {"run-gone": {"data": "/runs"}}
    assert lab.looks(run) == before
    assert lab.store.run_folder(run).is_dir()


def test_her_own_run_is_in_her_lists_and_obeys_her(lab: Lab) -> None:
    assert listed(lab.ada) == {lab.hers}
    assert act(lab.ada, what="rename", ids=[lab.hers], title="Mine")["title"] == "Mine"
    act(lab.ada, what="paint", ids=[lab.hers], colour="pink")
    assert lab.looks(lab.hers) == ("Mine", "pink")
    assert (
        act_on_page(lab.ada, lab.hers, what="rename", title="Still mine").json["response"]["run-title"]["children"]
        == "Still mine"
    )
    act_on_page(lab.ada, lab.hers, what="delete")
    assert lab.looks(lab.hers) == ("gone", "")


def test_everybodys_run_is_read_by_its_id(lab: Lab) -> None:
    run = lab.everybodys
    for path in (f"/runs/{run}", f"/stream/{run}", f"/export/{run}/json", f"/export/runs.csv?runs={run}"):
        assert lab.bob.get(path).status_code == 200
    assert run in lab.bob.get(f"/stream/runs/curves?runs={run}").json["colours"]
    assert probe(lab.bob, run).status_code == 200
    page = {"output": "page.children", "outputs": {"id": "page", "property": "children"}, "changedPropIds": ["place.data"]}
    shown = [
        client.post(
            "/_dash-update-component",
            json={**page, "inputs": [{"id": "place", "property": "data", "value": f"/runs/{lab.hers if own else run}"}]},
        ).text
        for client, own in ((lab.ada, True), (lab.ada, False))
    ]
    assert ["run-delete" in text for text in shown] == [True, False], "a button that would do nothing"


def test_what_she_has_seen_last_opens_nothing_to_another(lab: Lab) -> None:
    token = lab.ada.get("/stream/runs").json["token"]
    assert lab.ada.get(f"/stream/runs?after={token}").status_code == 204
    answer = lab.bob.get(f"/stream/runs?after={token}")
    assert (answer.json["rows"], answer.json["gone"], answer.json["total"]) == ([], [], 0)


def test_a_question_to_her_network_is_hers(lab: Lab) -> None:
    lab.finish(lab.hers)
    assert probe(lab.ada, lab.hers).status_code == 202
    asked = Questions(lab.folder)
    (waiting,) = asked.pages()
    assert waiting != PAGE, "whoever knows the name of her page could put another question in the place of hers"
    assert probe(lab.bob, lab.hers).status_code == 404
    lab.finish(lab.everybodys)
    assert probe(lab.bob, lab.everybodys).status_code == 202
    assert len(asked.pages()) == 2
    assert asked.next()[0] == waiting  # type: ignore[index]


def test_nobody_asks_so_much_that_others_cannot(lab: Lab) -> None:
    lab.finish(lab.everybodys)
    answers = [probe(lab.bob, lab.everybodys, f"{k:016x}") for k in range(MOST_EACH + 1)]
    assert [answer.status_code for answer in answers] == [202] * MOST_EACH + [200]
    assert "your pages" in answers[-1].json["sentence"]
    assert probe(lab.ada, lab.everybodys).status_code == 202


def test_one_person_is_everybody(one: Lab) -> None:
    assert listed(one.ada) == listed(one.bob) == {run.id for run in one.store.runs()} > {one.hers, one.everybodys}
    for run in (one.hers, one.everybodys):
        assert act(one.bob, what="rename", ids=[run], title="Ours")["title"] == "Ours"
        assert one.ada.get(f"/export/{run}/script").status_code == 200
        one.finish(run)
        assert probe(one.bob, run).status_code == 202
    act(one.ada, what="delete", ids=[one.hers])
    act_on_page(one.ada, one.everybodys, what="delete")
    assert one.looks(one.hers) == one.looks(one.everybodys) == ("gone", "")


def test_a_made_up_recording_of_a_lesson_is_everybodys_and_kept_once(lab: Lab) -> None:
    page = {"output": "page.children", "outputs": {"id": "page", "property": "children"}, "changedPropIds": ["place.data"]}
    page["inputs"] = [{"id": "place", "property": "data", "value": "/learn/cortex"}]  # type: ignore[assignment]
    for client in (lab.ada, lab.bob):
        text = client.post("/_dash-update-component", json=page).text
        key = re.search(r"target.recording=([0-9a-f]{64})", text)
        assert key is not None
        assert client.get(f"/recording/{key[1]}.svg").status_code == 200
    assert [path.suffix for path in (lab.folder / "recordings").iterdir()] == [".npz"]


def test_who_is_not_let_in_learns_only_whether_the_server_is_well(tmp_path: Path) -> None:
    served = app.create_app(app.Settings(tmp_path, rules=Rules(token="t" * 22))).server
    stranger, friend = served.test_client().get("/healthz"), {"Authorization": "Bearer " + "t" * 22}
    assert (stranger.status_code, stranger.json) == (503, {"status": "unwell"})
    assert "supervisor" in served.test_client().get("/healthz", headers=friend).json["reasons"][0]


def test_two_runs_are_exported_at_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Semaphore(0), threading.Event()

    def slowly(*_: Any) -> bytes:
        begun.release()
        assert go.wait(60)
        return b"whole"

    monkeypatch.setattr(downloads.exports, "made", slowly)
    monkeypatch.setattr(downloads, "PATIENCE_S", 0.1)
    path, answers = f"/export/{lab.everybodys}/npz", []
    threads = [threading.Thread(target=lambda: answers.append(lab.visitor().get(path).data)) for _ in range(downloads.AT_ONCE)]
    for thread in threads:
        thread.start()
    assert all(begun.acquire(timeout=60) for _ in threads)
    assert lab.bob.get(path).status_code == 503
    assert lab.bob.get("/stream/runs").status_code == 200
    go.set()
    for thread in threads:
        thread.join(60)
    assert answers == [b"whole"] * downloads.AT_ONCE
    assert lab.bob.get(path).data == b"whole"


NONSENSE = ("x" * 9000, "99999999999999999999999", "-1", "nan", "%00", "..%2f..%2fetc%2fpasswd", "'", "١٢٣")


@pytest.mark.parametrize("given", NONSENSE)
def test_nonsense_is_answered_without_an_error(lab: Lab, given: str) -> None:
    for path in (
        f"/stream/runs?after={given}&limit={given}&cells={given}",
        f"/stream/runs/older?before={given}",
        f"/stream/runs/curves?runs={given},{lab.hers}&measure={given}&theme={given}",
        f"/stream/{lab.hers}?after={given}&neurons={given}&theme={given}",
        f"/export/runs.csv?runs={given}",
    ):
        assert lab.ada.get(path).status_code in (200, 204), path
    assert lab.ada.get(f"/export/{given}/json").status_code == 404
    assert lab.ada.get(f"/export/{lab.hers}/{given}").status_code == 404
    assert lab.ada.post(f"/probe/{given}", json={}).status_code in (404, 405)


@pytest.mark.parametrize("given", [None, 1, [], ["x"], {"a": 1}, "x", True, 1e308, [[[]]]], ids=json.dumps)
def test_what_no_page_would_send_is_answered_without_an_error(lab: Lab, given: Any) -> None:
    lab.finish(lab.hers)
    for asked in (given, {"page": given}, {"page": PAGE, "question": given}, {"page": PAGE, "neurons": given, "have": given}):
        assert lab.ada.post(f"/probe/{lab.hers}", json=asked).status_code < 500, asked
    for name in ("trials", "cue", "delete", "seed", "nothing"):
        asked = {"page": PAGE, "question": {name: given}}
        assert lab.ada.post(f"/probe/{lab.hers}", json=asked).status_code < 500, asked
    assert act(lab.ada, what=given, ids=given, title=given) == {"at": None}
    for what in ("rename", "delete"):
        assert act_on_page(lab.ada, given, what=what, title=given).status_code == 200
        act(lab.ada, what=what, ids=[given], title=given)
    assert lab.looks(lab.hers) == ("Hers", "")
