"""The routes of sweeps as a browser sees them, on stores whose runs a test has written itself."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask

from spikedash.jobs.claims import Pen, Queue
from spikedash.jobs.store import Axis, Measure, NewCell, Plan, Store
from spikedash.params import Params
from spikedash.ui import sweep_picture, sweep_stream

TAU, J = Axis("tau", "Synaptic time", "ms", (10, 20, 40)), Axis("J", "Coupling", "", (1, 6))
NUMBER = Measure("Test correlation", "correlation.test_mean", "", 0, 1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def client(store: Store) -> Any:
    server = Flask(__name__)
    sweep_stream.register(server, store)
    return server.test_client()


def launch(store: Store, axes: tuple[Axis, ...], seeds: int = 2, **more: Any) -> str:
    shape = [len(axis.values) for axis in axes]
    cells = [NewCell(place, seed, Params(), f"{place}") for seed in range(seeds) for place in np.ndindex(*shape)]
    return store.sweeps.launch(Plan("A sweep", axes, NUMBER, tuple(cells), **more))


def finish(store: Store, *values: float, experiment: bool = False) -> None:
    """Give the next cells these outcomes, as workers would."""
    queue = Queue(store.database)
    for value in values:
        claim = queue.claim("starting")
        assert claim is not None
        folder = store.run_folder(claim.run) / str(claim.attempt)
        folder.mkdir(parents=True)
        rows = [{"point": {}, "numbers": {"correlation.test_mean": value}}]  # as an experiment measures it
        summary = {"correlation": {"test_mean": value}}
        (folder / "summary.json").write_text(json.dumps({**summary, "rows": rows} if experiment else summary))
        Pen(store.database, claim).end("done")


def numbers(spec: Any) -> Any:
    shape = [int(size) for size in spec["shape"].split(",")] if "shape" in spec else -1
    return np.frombuffer(base64.b64decode(spec["bdata"]), "<" + spec["dtype"]).reshape(shape)


def test_what_did_not_change_is_not_sent_again(client: Any, store: Store) -> None:
    sweep_id = launch(store, (TAU,))
    first = client.get(f"/stream/sweep/{sweep_id}").json
    assert client.get(f"/stream/sweep/{sweep_id}?after={first['version']}").status_code == 204
    assert client.get(f"/stream/sweep/{sweep_id}?after={first['version']}&theme=dark").status_code == 200
    finish(store, 0.5)
    second = client.get(f"/stream/sweep/{sweep_id}?after={first['version']}").json
    assert [cell["state"] for cell in second["cells"]] == ["done", *["waiting"] * 5]
    assert (second["state"], second["done"], second["total"], second["cells"][0]["value"]) == ("running", 1, 6, "0.500")
    line = client.get("/stream/sweeps").json
    assert [(one["id"], one["share"], one["wrong"]) for one in line["sweeps"]] == [(sweep_id, round(1 / 6, 4), 0)]
    assert client.get(f"/stream/sweeps?after={line['version']}").status_code == 204


def test_one_axis_is_a_curve_with_the_mean_and_the_reach_of_the_seeds(client: Any, store: Store) -> None:
    sweep_id = launch(store, (TAU,))
    finish(store, 0.2, 0.4, 0.6, 0.4)
    figure = client.get(f"/stream/sweep/{sweep_id}").json["figure"]
    np.testing.assert_allclose(numbers(figure["data"][1]["y"]), [0.3, 0.4, 0.6], rtol=1e-6)


def test_two_axes_are_a_map_that_fills_in(client: Any, store: Store) -> None:
    sweep_id = launch(store, (TAU, J))
    finish(store, 0.1, 0.6, 0.2)
    tiles = next(
        trace for trace in client.get(f"/stream/sweep/{sweep_id}").json["figure"]["data"] if trace.get("colorscale") == "Viridis"
    )
    np.testing.assert_allclose(numbers(tiles["z"]), [[0.1, 0.2, np.nan], [0.6, np.nan, np.nan]], rtol=1e-6)


def test_a_third_axis_is_looked_at_one_value_at_a_time(client: Any, store: Store) -> None:
    sweep_id = launch(store, (TAU, J, Axis("n", "Neurons", "", (100, 200))), seeds=1)
    finish(store, 0.1, 0.9)
    for choice, value in ((0, 0.1), (1, 0.9)):
        tiles = client.get(f"/stream/sweep/{sweep_id}?choice={choice}").json["figure"]["data"][1]
        assert numbers(tiles["z"])[0, 0] == pytest.approx(value)


def test_an_experiment_is_judged_by_what_is_there(client: Any, store: Store) -> None:
    sweep_id = launch(store, (), seeds=2, experiment="fig1-drive", form="short")
    before = client.get(f"/stream/sweep/{sweep_id}").json
    assert before["figure"] is None
    assert {row["passed"] for row in before["checks"]} == {None}
    finish(store, 0.95, 0.97, experiment=True)
    checks = {row["what"]: row for row in client.get(f"/stream/sweep/{sweep_id}").json["checks"]}
    single = checks["single-trial correlation, mean"]
    assert (single["mean"], single["seeds"], single["passed"]) == ("0.960", 2, True)


def test_unknown_sweeps_are_not_found(client: Any) -> None:
    for odd in ("x", "A" * 16, "..%2f..%2fetc"):
        assert client.get(f"/stream/sweep/{odd}").status_code == 404


def test_a_small_picture_shows_a_tile_for_every_cell(store: Store) -> None:
    sweep_id = launch(store, (TAU, J))
    finish(store, 0.0, 1.0)
    drawn = sweep_picture.thumbnail(store, sweep_id)
    assert drawn.count("<rect") == 6
    assert drawn.count("#8884") == 4  # without a value


def fail(store: Store, count: int) -> None:
    """Let the next cells fail, as workers would."""
    queue = Queue(store.database)
    for _ in range(count):
        claim = queue.claim("starting")
        assert claim is not None
        Pen(store.database, claim).end("failed", "The network diverged.")


def test_an_end_with_failed_runs_does_not_say_only_done(client: Any, store: Store) -> None:
    whole, flawed, lost = (launch(store, (TAU,), seeds=1) for _ in range(3))
    finish(store, 0.5, 0.6, 0.7, 0.5)
    fail(store, 2)
    told = {one["id"]: (one["state"], one["pill"], one["tone"]) for one in client.get("/stream/sweeps").json["sweeps"]}
    assert told[whole] == ("done", "Done", "done")
    assert told[flawed] == ("done", "Done, 2 failed", "flawed")
    assert told[lost] == ("waiting", "Waiting", "open")
    ends = {one["id"]: (one["share"], one["wrong"]) for one in client.get("/stream/sweeps").json["sweeps"]}
    assert (ends[whole], ends[flawed], ends[lost]) == ((1, 0), (1, round(2 / 3, 4)), (0, 0))
    fail(store, 3)
    assert client.get(f"/stream/sweep/{lost}").json["pill"] == "Failed"


def test_a_tile_whose_runs_all_failed_says_so_on_the_map(client: Any, store: Store) -> None:
    sweep_id = launch(store, (TAU, J), seeds=2)
    finish(store, *np.linspace(0.1, 0.5, 5))
    fail(store, 2)  # the last of the first seed, and the first of the second, which has a value
    notes = client.get(f"/stream/sweep/{sweep_id}").json["figure"]["layout"]["annotations"]
    assert [(note["x"], note["y"]) for note in notes if note["text"] == "failed"] == [(2, 1)]
