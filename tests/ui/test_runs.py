"""The routes of the runs' page, without a worker: news, older pages, curves, downloads; and what a person may ask for."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask import Flask

from spikedash.jobs import files
from spikedash.jobs.catalogue import Catalogue
from spikedash.jobs.store import Store
from spikedash.params import Params
from spikedash.records import LoopRecord, TestRecord
from spikedash.ui import downloads, run_compare, run_stream
from spikedash.ui.runs import do
from tests.figures.test_compare import values

CURVES = {1: [0.1, 0.4, 0.8], 2: [0.3, 0.5], 3: [0.2, 0.9, 0.7]}


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def client(store) -> Any:
    server = Flask("runs")
    catalogue = Catalogue(store)
    run_stream.register(server, store, catalogue)
    downloads.register(server, store, catalogue)
    return server.test_client()


@pytest.fixture
def seeds(store) -> list[str]:
    """Three runs that differ in their seed, with loops and one test each."""
    ids = []
    for seed, correlations in CURVES.items():
        ids.append(store.launch(Params().with_values({"training.seed": seed}), name="Sine waves"))
        folder = store.run_folder(ids[-1]) / "1"
        folder.mkdir(parents=True)
        events = [LoopRecord(k, r, 0.5, 0.1, 11.0, math.nan, math.nan) for k, r in enumerate(correlations)]
        lines = [files.event_line(event) for event in (*events, TestRecord(0, seed / 10, 10.0))]
        (folder / "progress.jsonl").write_bytes(b"".join(lines))
        with store.database.write() as db:
            db.execute("UPDATE runs SET state = 'done', attempt = 1 WHERE id = ?", (ids[-1],))
    return ids


def test_news_come_once_and_only_what_changed(client, store, seeds):
    first = client.get("/stream/runs").json
    assert [row["id"] for row in first["rows"]] == seeds[::-1]
    assert (first["all"], first["total"], first["queue"]["word"]) == (True, 3, "Workers away")
    assert client.get(f"/stream/runs?after={first['token']}").status_code == 204
    Catalogue(store).rename("", seeds[0], "renamed")
    news = first
    while news["token"] == first["token"]:
        answer = client.get(f"/stream/runs?after={first['token']}")
        news = answer.json if answer.status_code == 200 else first
    assert [(row["id"], row["title"]) for row in news["rows"]] == [(seeds[0], "renamed")]
    assert news["all"] is False


def test_older_pages_end(client, seeds):
    newest = client.get("/stream/runs?limit=1").json["rows"]
    older = client.get(f"/stream/runs/older?before={newest[0]['seq']}").json
    assert [row["id"] for row in (*newest, *older["rows"])] == seeds[::-1]
    assert older["more"] is False


def test_a_group_of_seeds_is_the_mean_in_a_band_of_one_deviation(client, seeds):
    answer = client.get(f"/stream/runs/curves?runs={','.join(seeds)}&grouped=1").json
    band, line, tests = answer["figure"]["data"]
    table = np.full((3, 3), np.nan)
    for k, curve in enumerate(CURVES.values()):
        table[: len(curve), k] = curve
    mean, sd = np.nanmean(table, 1), np.nanstd(table, 1, ddof=1)
    np.testing.assert_allclose(values(line["y"]), mean, rtol=1e-6)
    np.testing.assert_allclose(values(band["y"]), [*(mean + sd), *(mean - sd)[::-1]], rtol=1e-5)
    assert sorted(values(tests["y"]).round(4).tolist()) == pytest.approx([0.1, 0.2, 0.3])
    assert line["name"] == "Sine waves · 3 seeds"
    assert len(set(answer["colours"].values())) == 1


def test_single_curves_have_a_colour_each_and_names_that_differ(client, store, seeds):
    Catalogue(store).paint("", [seeds[2]], "orange")
    answer = client.get(f"/stream/runs/curves?runs={','.join(seeds)}&measure=error&theme=dark").json
    lines = [trace for trace in answer["figure"]["data"] if "xaxis" not in trace]
    assert [line["name"] for line in lines] == [f"Sine waves · seed {seed}" for seed in CURVES]
    assert len({line["line"]["color"] for line in lines}) == 3
    assert answer["colours"][seeds[2]] == "#f0a04b"
    assert values(lines[1]["y"]).tolist() == [0.5, 0.5]


def test_equal_seeds_count_once(store, seeds):
    entries = Catalogue(store).entries("", seeds)
    twin = entries[0]._replace(id="twin", loops_done=50)
    assert [entry.id for entry in run_compare.distinct([*entries, twin])] == ["twin", *seeds[1:]]


def test_free_colours_go_to_those_without_one():
    assert run_compare.assigned(["", "blue", ""]) == ["orange", "blue", "green"]
    assert len(run_compare.assigned([""] * 20)) == 20


def test_the_table_is_saved_as_a_file(client, seeds):
    answer = client.get("/export/runs.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="spikedash-runs.csv"'
    table = pd.read_csv(io.StringIO(answer.text))
    assert table["best_correlation"].tolist() == [max(curve) for curve in reversed(CURVES.values())]
    assert len(pd.read_csv(io.StringIO(client.get(f"/export/runs.csv?runs={seeds[0]}").text))) == 1


def test_a_download_is_an_attachment_or_a_sentence(client, store, seeds):
    Catalogue(store).rename("", seeds[0], 'My "run"; é')
    answer = client.get(f"/export/{seeds[0]}/csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="my-run-{seeds[0]}.csv"'
    assert len(answer.text.splitlines()) == 1 + 3 + 1
    early = client.get(f"/export/{seeds[0]}/nwb")
    assert (early.status_code, early.text.count(".")) == (409, 1)
    assert client.get("/export/AAAAAAAAAAAAAAAA/csv").status_code == 404
    assert client.get(f"/export/{seeds[0]}/pickle").status_code == 404


def test_people_see_and_take_only_what_is_theirs_or_everybodys(store, seeds):
    with store.database.write() as db:
        db.execute("UPDATE runs SET owner = 'ada' WHERE id != ?", (seeds[2],))
    server = Flask("others")
    run_stream.register(server, store, Catalogue(store), lambda: "somebody")
    downloads.register(server, store, Catalogue(store), lambda: "somebody")
    client = server.test_client()
    assert client.get("/stream/runs").json["rows"] == []
    assert client.get(f"/export/{seeds[0]}/csv").status_code == 404
    assert client.get(f"/stream/runs/curves?runs={seeds[0]}").json["figure"]["data"] == []
    assert len(client.get("/export/runs.csv").text.splitlines()) == 1
    assert client.get(f"/export/{seeds[2]}/csv").status_code == 200
    assert do(Catalogue(store), "somebody", {"what": "rename", "ids": [seeds[2]], "title": "mine"}) == {
        "wrong": "This run is no longer here."
    }


def test_what_a_person_asks_for_is_done_or_refused_by_a_sentence(store, seeds):
    catalogue = Catalogue(store)
    assert do(catalogue, "", {"what": "rename", "ids": [seeds[0]], "title": "x"}) == {"title": "x"}
    assert do(catalogue, "", {"what": "paint", "ids": seeds, "colour": "mauve"})["wrong"].startswith("There is no colour")
    assert do(catalogue, "", {"what": "delete", "ids": seeds[:2]}) == {"deleted": 2}
    assert do(catalogue, "", {"what": "rename", "ids": [seeds[0]], "title": "x"}) == {"wrong": "This run is no longer here."}
    assert do(catalogue, "", {"what": "else", "ids": [7]}) == {}
