"""The tabs of a run's page: a sentence where there is nothing to draw, and otherwise what its worker kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikedash import training
from spikedash.jobs import folders
from spikedash.jobs.claims import Pen, Queue
from spikedash.jobs.insight import insight
from spikedash.jobs.report import Report
from spikedash.jobs.store import Store
from spikedash.params import Params
from spikedash.records import Recording
from spikedash.ui import run_tabs

TINY = {"network.n": 30, "training.loops": 2, "training.test_trials": 2, "target.duration_ms": 200}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def compute(store: Store, params: Params, recording: Recording | None = None, *, look: bool = True) -> str:
    """A run as a worker leaves it."""
    run_id = store.launch(params)
    claim = Queue(store.database).claim("starting")
    assert claim is not None
    folder = store.run_folder(run_id) / str(claim.attempt)
    setup = training.prepare(params, recording)
    report, result = Report(folder, setup), None
    for snapshot in training.train(params, recording, threads=1, setup=setup):
        report.take(snapshot)
        result = snapshot.result
    assert result is not None
    if look:
        folders.write_insight(folder, insight(params, result, *report.test_spikes()))
    folders.write_result(folder, result, training.summary(result, params, run_id, 1.0))
    report.publish(last=True)
    Pen(store.database, claim).end("done")
    return run_id


def titles(content: object) -> list[str]:
    """Headings of the cards."""
    return [card.children[0].children for card in content.children]  # type: ignore[attr-defined]


def test_what_cannot_be_drawn_is_told(store: Store) -> None:
    assert "deleted" in run_tabs.draw(store, "A" * 16, "network", "light").children
    waiting = store.launch(Params().with_values(TINY))
    assert "when its training is over" in run_tabs.draw(store, waiting, "network", "light").children
    store.command(waiting, "stop")
    assert "did not come to its end" in run_tabs.draw(store, waiting, "theory", "light").children
    older = compute(store, Params().with_values(TINY), look=False)
    assert "train it again" in run_tabs.draw(store, older, "network", "light").children


def test_network_and_theory_of_a_finished_run(store: Store) -> None:
    run_id = compute(store, Params().with_values(TINY))
    shown = titles(run_tabs.draw(store, run_id, "network", "dark"))
    assert shown[:3] == ["Weights before and after", "Spectrum", "Correlation of every neuron"]
    assert titles(run_tabs.draw(store, run_id, "theory", "dark"))[:2] == ["Quasi-static drive", "Quasi-static rate"]


def test_rate_units_have_no_quasi_static_picture_and_no_phase_and_say_so(store: Store) -> None:
    run_id = compute(store, Params().with_values({**TINY, "network.model": "rate"}))
    theory, deleted = run_tabs.draw(store, run_id, "theory", "light").children
    assert "theta or LIF" in theory.children[-1].children
    assert "Only theta neurons have a phase" in deleted.children[-1].children


def test_chosen_neurons_are_drawn_by_their_recorded_names(store: Store) -> None:
    t = np.arange(41) * 5.0
    rates = 20 + 10 * np.sin(2 * np.pi * (t[:, None] / 200 + np.arange(4) / 4))
    recording = Recording(rates, t, ("unit_7_hz", "unit_8_hz", "unit_9_hz", "unit_12_hz"), ())
    recording_id = store.save_recording(recording, "rates.csv")
    params = Params().with_values({**TINY, "target.family": "recorded", "target.recording": recording_id})
    run_id = compute(store, params, recording)
    assert titles(run_tabs.draw(store, run_id, "recording", "light")) == [
        "PSTH against recording",
        "Fit of every neuron",
        "Population",
    ]
    figure = run_tabs.psth(store, run_id, ["unit_12", "unit_8", "nobody"], "light")
    words = str(figure["layout"]["annotations"])
    assert "unit_12" in words
    assert "unit_8" in words
    assert "unit_7" not in words
