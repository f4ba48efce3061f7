"""The polled route: nothing when nothing is newer, everything when something is, plain 404 for what is not there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from spikedash.jobs.folders import Progress, write_progress
from spikedash.jobs.store import Store
from spikedash.params import Params
from spikedash.ui import cache, stream
from spikedash.ui.demo import Demo


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def client(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A page of somebody whose runs were launched a while ago."""
    monkeypatch.setattr(stream, "YOUNG_S", 0.0)
    server = Flask("test")
    stream.register(server, store, cache.attach(server, str(tmp_path / "cache")), Demo(store, Params()), Params())
    return server.test_client()


def body(answer: Any) -> Any:
    assert answer.status_code == 200
    return json.loads(answer.data)


def test_a_new_run_comes_whole(store: Store, client: FlaskClient) -> None:
    run = store.launch(Params())
    news = body(client.get(f"/stream/{run}"))
    assert news["state"] == "queued"
    assert not news["final"]
    assert news["version"] == store.run(run).version
    assert set(news["figures"]) == {"raster", "traces", "curve"}
    assert news["settings"]["network.n"] == 200


def test_axes_without_spikes_are_not_drawn_just_before_the_first_spikes(
    store: Store, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "YOUNG_S", 60.0)
    run, behind = (store.launch(Params()) for _ in range(2))
    news = body(client.get(f"/stream/{run}"))
    assert "figures" not in news
    assert news["props"]["state"]["children"] == "Waiting"
    assert not {name for name in news["props"] if name.endswith(("-caption", "-room", "-waiting"))}, (
        "figures stay, and what is over them"
    )
    assert (news["run"], news["final"]) == (run, False)
    assert "figures" in body(client.get(f"/stream/{behind}")), "who waits for others has no spikes for long"
    query = f"/stream/{run}?after={news['version']}&picture={news['picture']}"
    assert "figures" not in body(client.get(query))
    folder = store.run_folder(run) / "1"
    folder.mkdir(parents=True)
    with store.database.write() as db:
        db.execute("UPDATE runs SET state = 'running', phase = 'training', attempt = 1 WHERE id = ?", (run,))
    write_progress(folder, Progress(version=1, phase="training"), durable=False)
    assert set(body(client.get(query))["figures"]) == {"raster", "traces", "curve"}


def test_who_asks_again_for_a_run_whose_spikes_do_not_come_gets_its_axes(
    store: Store, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.launch(Params())
    monkeypatch.setattr(stream, "YOUNG_S", 60.0)
    news = body(client.get(f"/stream/{run}"))
    monkeypatch.setattr(stream, "YOUNG_S", 0.0)
    assert "figures" in body(client.get(f"/stream/{run}?after={news['version']}&picture={news['picture']}"))


def test_pages_behind_others_in_the_queue_look_less_often(store: Store, client: FlaskClient) -> None:
    runs = [store.launch(Params()) for _ in range(3)]
    assert [body(client.get(f"/stream/{run}"))["pace_ms"] for run in runs] == [400, 1000, 1000]
    store.command(runs[0], "stop")
    assert [body(client.get(f"/stream/{run}"))["pace_ms"] for run in runs[1:]] == [400, 1000]


def test_who_moves_up_in_the_queue_is_told_in_words_and_draws_nothing_again(store: Store, client: FlaskClient) -> None:
    first, second = (store.launch(Params()) for _ in range(2))
    news = body(client.get(f"/stream/{second}"))
    store.command(first, "stop")
    query = f"/stream/{second}?after={news['version']}&picture={news['picture']}"
    moved = body(client.get(query))
    assert moved["version"] > news["version"]
    assert moved["props"] != news["props"]
    assert "figures" not in moved
    for other in ("theme=dark", "neurons=3"):  # what is wanted is another picture
        assert set(body(client.get(f"{query}&{other}"))["figures"]) == set(news["figures"])


def test_nothing_newer_is_no_content(store: Store, client: FlaskClient) -> None:
    run = store.launch(Params())
    version = body(client.get(f"/stream/{run}"))["version"]
    assert client.get(f"/stream/{run}?after={version}").status_code == 204
    store.command(run, "stop")
    news = body(client.get(f"/stream/{run}?after={version}"))
    assert news["state"] == "stopped"
    assert news["final"]


@pytest.mark.parametrize("name", ["0123456789abcdef", "short", "..%2f..%2fetc", "%00"])
def test_an_unknown_run_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/stream/{name}").status_code == 404


@pytest.mark.parametrize(
    "query", ["after=x", "neurons=,,a,-1,1e9", "theme=none", "neurons=" + "9," * 500, "after=99999999999999999999"]
)
def test_odd_questions_do_no_harm(store: Store, client: FlaskClient, query: str) -> None:
    assert client.get(f"/stream/{store.launch(Params())}?{query}").status_code in (200, 204)


def test_the_empty_page_has_axes_and_no_run(client: FlaskClient) -> None:
    news = body(client.get("/stream/empty?theme=dark"))
    assert news["final"]
    assert news["state"] == "empty"
    assert "run" not in news
    for figure, axis in (("raster", "xaxis"), ("raster", "yaxis"), ("traces", "xaxis"), ("curve", "xaxis")):
        assert news["figures"][figure]["layout"][axis]["showticklabels"] is False  # nothing of the next run is known yet
    assert {words["text"] for words in news["figures"]["raster"]["layout"]["annotations"]} == {"cue", "pattern"}


def test_the_demo_is_one_run_for_everybody(store: Store, client: FlaskClient) -> None:
    first, second = (body(client.get("/stream/demo"))["run"] for _ in range(2))
    assert first == second
    assert [run.name for run in store.runs()] == ["Demo"]
    store.delete(first)
    assert body(client.get("/stream/demo"))["run"] != first


def test_a_demo_of_an_earlier_start_is_found_again(store: Store) -> None:
    first = Demo(store, Params()).run().id
    assert Demo(store, Params()).run().id == first
    assert Demo(store, Params().with_values({"network.n": 50})).run().id != first


def test_answers_are_gzipped_and_kept(store: Store, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.launch(Params())
    plain = client.get(f"/stream/{run}").data
    monkeypatch.setattr(stream, "_render", lambda *_: pytest.fail("rendered twice"))
    packed = client.get(f"/stream/{run}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain
    assert packed.headers["Cache-Control"] == "no-store"
