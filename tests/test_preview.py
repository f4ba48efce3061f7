"""What the page shows before a run is what the run's neurons are given."""

from __future__ import annotations

import time

import numpy as np
import pytest

from spikedash import preview
from spikedash.params import Params

CURVE = {"group": "excitatory", "values": [0.0, 1.0, -1.0], "random_phase": True}
FAMILIES = {
    "sine": {},
    "periodic": {"target.own_share": 0.5},
    "ou": {},
    "chaotic": {},
    "drawn": {"target.curves": [CURVE], "target.fill": "ou"},
    "formula": {"target.formula": "sin(t/60 + phase) + 0.1*normal*exc"},
}


@pytest.mark.parametrize("rule", ["drive", "rate"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_curves_are_those_of_the_run(small, family, rule):
    from spikedash import training

    params = small(network__n=30, network__weights="balanced", training__rule=rule, training__update_ms=1, target__family="sine")
    params = params.with_values({"target.family": family, **FAMILIES[family]})
    shown = preview.preview(params)
    given = training.prepare(params).target[0]
    steps = np.rint(shown.t_ms / params.network.dt_ms).astype(int)
    unit = 1.0 if rule == "drive" else 1000 / params.network.tau_ms
    np.testing.assert_allclose(shown.curves, unit * given[np.ix_(steps, shown.neurons)], rtol=1e-5, atol=1e-5)
    assert shown.exact
    assert shown.unit == ("drive" if rule == "drive" else "Hz")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_large_network_is_answered_by_examples_at_once(family):
    values = {
        "target.family": family,
        "network.n": 50_000,
        "target.duration_ms": 10_000,
        "network.dt_ms": 0.05,
        **FAMILIES[family],
    }
    started = time.process_time()
    shown = preview.preview(Params().with_values(values))
    assert time.process_time() - started < 1
    assert not shown.exact
    assert len(shown.neurons) == 4
    assert np.isfinite(shown.curves).all()


def test_there_is_nothing_to_show_of_what_only_the_network_or_a_file_knows():
    assert preview.preview(Params().with_values({"target.family": "innate"})) is None
    assert preview.preview(Params().with_values({"target.family": "recorded", "target.recording": "0" * 64})) is None


@pytest.mark.parametrize(("n", "n_exc"), [(200, 160), (200, 200), (2, 1), (1, 1), (5, 1), (3, 2)])
def test_the_neurons_shown_are_of_both_types_and_all_different(n, n_exc):
    chosen = preview.shown(n, n_exc)
    assert len(set(chosen.tolist())) == len(chosen) >= 1
    assert set(chosen.tolist()) <= set(range(n))
    if n_exc < n:
        assert chosen[-1] >= n_exc > chosen[0]
