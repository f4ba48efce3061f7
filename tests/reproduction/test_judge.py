"""Judging made-up tables, passing and failing ones."""

from __future__ import annotations

import json
import math

import pytest

from spikedash.experiments import Check, Experiment, Row
from spikedash.experiments.shapes import rise
from spikedash.reproduction.judge import judge
from spikedash.reproduction.report import document
from spikedash.reproduction.tables import Reproduction, answer_of, from_tree, to_tree

NUMBER = Check("fit", "fit", 0.9, math.inf, "made up", at={"x": 2})
SHAPE = Check("rises", rise("fit", "x"), 0.99, 1, "made up")
FULL_ONLY = Check("rate", "rate", 9, 11, "made up", at={"x": 1}, form="full")
MADE_UP = Experiment("made-up", "Made up", "A table.", {}, claim="It rises.", checks=(NUMBER, SHAPE, FULL_ONLY), note="Noted.")


def table(*curves, failed=()):
    """One curve over x = 1, 2, 3 for every seed."""
    return tuple(
        Row({"x": x}, seed, {"fit": y, "rate": 10.0}, 1.5, "It diverged." if (seed, x) in failed else "")
        for seed, curve in enumerate(curves, 1)
        for x, y in enumerate(curve, 1)
    )


def verdicts(*curves, full=False):
    return judge(MADE_UP, table(*curves), full)


def test_a_number_is_judged_by_its_mean_over_seeds_and_the_worst_is_told():
    fit = verdicts([0.5, 0.88, 1], [0.5, 0.94, 1])[0]
    assert fit.passed
    assert fit.measured == pytest.approx(0.91)
    assert fit.worst == pytest.approx(0.88)
    assert fit.expected == "at least 0.9"
    assert not verdicts([0.5, 0.80, 1], [0.5, 0.94, 1])[0].passed


def test_a_shape_must_show_in_every_seed():
    assert verdicts([1, 2, 3], [0, 5, 6])[1].passed
    missed = verdicts([1, 2, 3], [1, 2, 3], [3, 2, 1])[1]
    assert not missed.passed
    assert missed.worst == -1


def test_a_number_that_is_missing_fails():
    assert not judge(MADE_UP, [Row({"x": 2}, 1, {}), Row({"x": 2}, 2, {"fit": 0.99})])[0].passed
    assert not judge(MADE_UP, [])[0].passed
    assert not Reproduction(MADE_UP, False, ()).passed


def test_bands_of_the_full_form_are_left_out_of_the_short_one():
    assert [v.what for v in verdicts([1, 2, 3])] == ["fit", "rises"]
    assert [v.what for v in verdicts([1, 2, 3], full=True)] == ["fit", "rises", "rate"]


def test_a_table_survives_json():
    done = Reproduction(MADE_UP, True, table([1, 2, 3], [1, math.nan, 3], failed={(2, 2)}))
    again = from_tree(MADE_UP, json.loads(json.dumps(to_tree(done), allow_nan=False)))
    assert again.seeds == [1, 2]
    assert again.seconds == done.seconds == 9
    assert json.dumps(answer_of(again)) == json.dumps(answer_of(done))
    assert answer_of(again)["failed_runs"] == ["It diverged. ({'x': 2}, seed 2)"]


def test_the_document_says_what_passed_and_what_did_not():
    good = document([Reproduction(MADE_UP, False, table([0.5, 0.95, 1]))], "make it", "a machine")
    assert "2 of 2" in good
    assert "Everything lies in its band. Noted." in good
    bad = document([Reproduction(MADE_UP, True, table([0.5, 0.95, 0.6], failed={(1, 3)}))], "make it", "a machine")
    assert "2 of 3" in bad
    assert "rises is 0.5 where 0.99 to 1 was expected" in bad
    assert "1 of 3 runs ended early, the first with: It diverged." in bad
