"""The route of the Probe: wait, answer, refuse; the same answer again without anybody's work."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from spikedash import training
from spikedash.jobs import folders
from spikedash.jobs.claims import Pen, Queue
from spikedash.jobs.desk import Desk
from spikedash.jobs.questions import Questions
from spikedash.jobs.report import Report
from spikedash.jobs.store import Store
from spikedash.params import Params
from spikedash.ui import cache, probe, probe_answer

TINY = {"network.n": 30, "training.loops": 2, "training.test_trials": 2, "target.duration_ms": 200}
PAGE = "0" * 16


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def client(store: Store, tmp_path: Path) -> FlaskClient:
    server = Flask("test")
    probe_answer.register(server, store, cache.attach(server, str(tmp_path / "cache")))
    return server.test_client()


@pytest.fixture
def done(store: Store) -> str:
    """A run as a worker leaves it."""
    params = Params().with_values(TINY)
    run_id = store.launch(params)
    claim = Queue(store.database).claim("starting")
    assert claim is not None
    folder = store.run_folder(run_id) / str(claim.attempt)
    setup = training.prepare(params)
    report, result = Report(folder, setup), None
    for snapshot in training.train(params, threads=1, setup=setup):
        report.take(snapshot)
        result = snapshot.result
    assert result is not None
    folders.write_result(folder, result, training.summary(result, params, run_id, 1.0))
    report.publish(last=True)
    Pen(store.database, claim).end("done")
    return run_id


def ask(client: FlaskClient, run: str, **more: Any) -> tuple[int, Any]:
    answer = client.post(f"/probe/{run}", json={"page": PAGE, "question": {}, **more})
    coded = answer.headers.get("Content-Encoding") == "gzip"
    return answer.status_code, json.loads(gzip.decompress(answer.data) if coded else answer.data)


def serve(store: Store) -> None:
    questions = Questions(store.folder)
    questions.stand("ready")
    desk = Desk(store, questions)
    while waiting := questions.next():
        desk.serve(*waiting)


def test_a_question_waits_is_answered_and_comes_from_the_cache_ever_after(store: Store, client: FlaskClient, done: str) -> None:
    question = {"remove": 0.5}
    status, waiting = ask(client, done, question=question)
    assert (status, waiting["state"]) == (202, "waiting")
    assert ask(client, done, question=question)[0] == 202
    assert len(Questions(store.folder).pages()) == 1
    serve(store)
    status, news = ask(client, done, question=question)
    assert (status, news["state"]) == (200, "answered")
    assert set(news["figures"]) == {"before", "after"}
    said = news["props"]["probe-said"]["children"]
    assert said.startswith("50 % of the neurons removed: correlation ")
    shutil.rmtree(store.folder / "questions")
    assert ask(client, done, question=question) == (200, news)
    assert Questions(store.folder).pages() == []


def test_a_figure_that_the_page_has_is_left_out(store: Store, client: FlaskClient, done: str) -> None:
    for question in ({"cue": "none"}, {"scale_inh": 0.9}):
        ask(client, done, question=question)
        serve(store)
    first = ask(client, done, question={"cue": "none"})[1]
    second = ask(client, done, question={"scale_inh": 0.9}, have=first["have"])[1]
    assert set(second["figures"]) == {"after"}
    dark = ask(client, done, question={"scale_inh": 0.9}, have=first["have"], theme="dark")[1]
    assert set(dark["figures"]) == {"before", "after"}


def test_without_a_change_nothing_changes(store: Store, client: FlaskClient, done: str) -> None:
    ask(client, done)
    serve(store)
    props = ask(client, done)[1]["props"]
    assert props["probe-said"]["children"].startswith("This is the network as it was trained.")
    assert props["probe-alike-after"]["children"] == "1.000"
    assert props["probe-shared-after"]["children"] == "100 %"
    assert not any("moved" in value.get("className", "") for value in props.values())


def test_the_deleted_spike_is_the_first_one_from_its_time_on(store: Store, client: FlaskClient, done: str) -> None:
    question = {"delete": True, "delete_ms": 60}
    ask(client, done, question=question)
    serve(store)
    news = ask(client, done, question=question)[1]
    (ring,) = [trace for trace in news["figures"]["after"]["data"] if trace.get("name") == "deleted spike"]
    params = Params().with_values(TINY)
    result = store.result(done, weights=True)
    assert result is not None
    parts = list(training.probe(params, result.weights, probe_answer.Probe()))
    ms, who = (np.concatenate([getattr(p, name) for p in parts]) for name in ("spike_ms", "spike_neuron"))
    at = int(np.argmax(ms >= 60))
    assert (ring["x"], ring["y"]) == ([ms[at]], [who[at]])
    assert news["props"]["probe-shared-more"]["children"] == f"differs from {ms[at]:.0f} ms on"


def test_other_people_choose_other_neurons_of_the_same_answer(store: Store, client: FlaskClient, done: str) -> None:
    ask(client, done)
    serve(store)
    assert ask(client, done, neurons=[7, 2])[1]["neurons"] == [7, 2]
    assert len(ask(client, done, neurons=["x", None, -1])[1]["neurons"]) == 3


def test_what_cannot_be_asked_is_told(store: Store, client: FlaskClient, done: str) -> None:
    assert ask(client, "A" * 16) == (404, {"state": "gone", "sentence": "This run was deleted."})
    waiting = store.launch(Params().with_values(TINY))
    assert ask(client, waiting)[1] == {
        "state": "waiting",
        "sentence": "The network can be asked as soon as its training is over.",
    }
    store.command(waiting, "stop")
    assert "was stopped before its end" in ask(client, waiting)[1]["sentence"]
    state = ask(client, done, question={"remove": 7})[1]
    assert state["sentence"] == "“Remove neurons” is 7; it must be a number from 0 to 1."
    assert ask(client, done, question={"strange": 7})[1]["state"] == "refused"
    assert ask(client, done, page="../x")[0] == 400
    assert client.post(f"/probe/{done}", data="[" * 5000, content_type="application/json").status_code == 400
    Questions(store.folder).stand("broken", "The simulator cannot be started: ImportError: no compiler.")
    assert "no compiler" in ask(client, done, question={"noise": 3})[1]["sentence"]


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"target.family": "recorded", "target.recording": "0" * 64}, "probe.pattern"),
        ({"network.model": "rate"}, "probe.delete_ms"),
        ({"target.sets": 2}, "probe.among"),
    ],
)
def test_every_kind_of_network_can_be_asked_what_makes_sense(store: Store, values: dict[str, Any], missing: str) -> None:
    run = store.run(store.launch(Params().with_values(TINY)))._replace(params=Params().with_values({**TINY, **values}))
    probe.room(run)
    asked = probe.knobs_at_rest(run)
    assert missing not in asked
    assert asked.get("probe.delete_ms", 0) <= 200
