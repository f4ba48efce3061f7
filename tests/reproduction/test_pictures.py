"""Pictures of made-up tables: what is drawn is what the table holds, and a browser writes it into a small file."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from spikedash.experiments import EXPERIMENTS, Axis, Check, Curve, Experiment, Row, cells
from spikedash.figures import scan_curve, scan_map
from spikedash.reproduction import example, kept
from spikedash.reproduction.pictures import Picture, pictures
from spikedash.reproduction.render import MOST_BYTES, NoBrowser, render
from spikedash.reproduction.report import document
from spikedash.reproduction.run import Measured, run_cell
from spikedash.reproduction.tables import Reproduction, from_tree, to_tree

X = Axis("x", "Strength", "mV", (1, 10, 100), (1, 10), log=True)
BY = Axis("by", "Kind", "", ("slow", "quick"), ("slow", "quick"))
LEFT = Axis("left", "Left over", "s", (1, 2, 3), (1, 2, 3))
FIT = Check("fit", "fit", 0, 1, "made up")
SCAN = Experiment(
    "scan",
    "Scan",
    "A table.",
    {},
    axes=(X, BY, LEFT),
    checks=(FIT,),
    figure=Curve("scan_curve", x="x", number="fit", by="by", beside=("rate",), at={"left": 2}),
    labels={"fit": "How well"},
)
ONE = Experiment("one", "One", "A network.", {}, claim="It fires.", checks=(Check("rate", "rate_hz", 0, 400, "made up"),))


def numbers(spec):
    return spec if isinstance(spec, list) else np.frombuffer(base64.b64decode(spec["bdata"]), "<" + spec["dtype"])


def scanned(**more):
    rows = [
        Row({"x": x, "by": by, "left": left}, seed, {"fit": 0.1 * k + 0.01 * seed + (left == 2), "rate": 5.0 * x}, 1.0)
        for k, (x, by) in enumerate([(x, by) for x in (1, 10) for by in ("slow", "quick")])
        for left in (1, 2, 3)
        for seed in (1, 2)
    ]
    return Reproduction(SCAN._replace(**more), False, tuple(rows))


def test_a_scan_draws_means_over_seeds_where_the_declaration_stands():
    first, second = pictures(scanned())
    lines = {trace["name"]: numbers(trace["y"]) for trace in first.figure["data"] if "lowest" not in trace["name"]}
    np.testing.assert_allclose(lines["slow"], [1.015, 1.215], rtol=1e-6)
    np.testing.assert_allclose(lines["quick"], [1.115, 1.315], rtol=1e-6)
    assert first.figure["layout"]["yaxis"]["title"]["text"] == "How well"
    assert first.figure["layout"]["xaxis"]["type"] == "log"
    assert "Left over 2 s" in first.words
    assert numbers(second.figure["data"][-1]["y"]).tolist() == [5, 50]
    assert (first.name, second.name) == ("scan", "scan-2")


def test_a_map_has_the_second_axis_upwards():
    (picture,) = pictures(scanned(figure=Curve("scan_map", x="x", y="by", number="fit", at={"left": 1})))
    want = scan_map.draw(
        scan_map.Axis("Strength", "mV", (1, 10)),
        scan_map.Axis("Kind", "", ("slow", "quick")),
        np.array([[0.015, 0.215], [0.115, 0.315]]),
        "How well",
    )
    np.testing.assert_allclose(numbers(picture.figure["data"][1]["z"]), numbers(want["data"][1]["z"]), rtol=1e-6)


@pytest.fixture
def trained(small):
    """One network as the command line measures it."""
    params, last = small(training__test_trials=3), example.LastTrial()
    for event in run_cell(ONE, params):
        if isinstance(event, Measured):
            return params, event, last.example("a key", params, event.result, {"n": 12})
        last.add(event)
    raise AssertionError("a cell ends with what was measured")


def test_an_example_is_the_last_test_trial_and_survives_json(trained):
    params, measured, one = trained
    seconds = params.target.duration_ms / 1000
    inside = ((one.spike_ms >= 0) & (one.spike_ms < 1000 * seconds)).sum()
    assert inside / 12 / seconds == pytest.approx(measured.result.tests[-1].rate_hz)
    # Of all 12 neurons four are kept; the trial's own correlation is over all of them.
    assert one.drive.shape == one.target.shape == (len(measured.result.setup.sample_ms), 4)
    again = example.from_tree(json.loads(json.dumps(example.to_tree(one), allow_nan=False)))
    np.testing.assert_allclose(again.drive, one.drive, atol=6e-5)
    np.testing.assert_allclose(again.spike_ms, one.spike_ms, atol=0.051)
    np.testing.assert_array_equal(again.tests, one.tests)
    assert math.isnan(again.tests[0].other)
    done = kept.table(ONE, False, [kept.Network("a key", tuple(measured.rows), one)])
    names = [picture.name for picture in pictures(from_tree(ONE, json.loads(json.dumps(to_tree(done)))))]
    assert names == ["one-12", "one-12-traces"]


def test_networks_of_a_table_are_found_again_by_what_they_hang_on(trained):
    _, measured, one = trained
    two = [kept.Network("a key", tuple(measured.rows), one), kept.Network("b", (Row({"n": 5}, 2, {}), Row({"n": 6}, 2, {})))]
    done = from_tree(ONE, json.loads(json.dumps(to_tree(kept.table(ONE, False, two)))))
    found = kept.networks(done)
    assert {name: len(network.rows) for name, network in found.items()} == {"a key": 1, "b": 2}
    assert found["a key"].example is not None
    loss = EXPERIMENTS["fig3-neuron-loss"]
    params = [cells(loss)[0].params(seed) for seed in (1, 1, 2)]
    keys = [kept.key(loss, params[0], False), kept.key(loss, params[2], False), kept.key(loss, params[0], True)]
    assert kept.key(loss, params[1], False) == keys[0]
    assert len(set(keys)) == 3
    assert kept.networks(done._replace(keys=())) == {}


@pytest.mark.browser
def test_a_picture_becomes_a_small_file_without_the_internet(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    line = scan_curve.Line("it", *np.array([[0.2, 0.9], [0.1, 0.8], [0.3, 1.0]]))
    picture = Picture("a-scan", scan_curve.draw(scan_map.Axis("Strength", "mV", (1, 10)), [line], "Fit"), "A scan", 400, 300)
    many = np.random.default_rng(0).normal(size=(2, 5000)).tolist()
    heavy = {"data": [{"type": "scatter", "mode": "markers", "x": many[0], "y": many[1]}], "layout": {}}
    try:
        files = render([picture, Picture("dots", heavy, "Dots", 300, 300)], tmp_path)
    except NoBrowser as error:
        pytest.skip(str(error))
    assert files == {"a-scan": "a-scan.svg", "dots": "dots.webp"}
    drawn = ElementTree.parse(tmp_path / "a-scan.svg").getroot()
    assert (drawn.get("width"), drawn.get("height")) == ("400", "300")
    assert {"Strength (mV)", "Fit", "10"} <= {text.strip() for text in drawn.itertext()}
    assert all((tmp_path / name).stat().st_size < MOST_BYTES for name in files.values())
    render([picture], tmp_path / "again")
    assert (tmp_path / "again" / "a-scan.svg").read_bytes() == (tmp_path / "a-scan.svg").read_bytes()


def test_the_document_shows_them_or_says_why_not():
    done = [scanned()]
    shown = {"scan": [(f"reproduction/{picture.name}.svg", picture) for picture in pictures(done[0])]}
    text = document(done, "make it", "a machine", shown)
    assert '<img src="reproduction/scan-2.svg" width="440"' in text
    bare = document(done, "make it", "a machine", remark="No figures were drawn: no browser.")
    assert "No figures were drawn: no browser." in bare
    assert "<img" not in bare
