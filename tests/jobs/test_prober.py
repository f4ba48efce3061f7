"""The process that answers: the same bits as a direct call, for everybody their own, and again when it was killed."""

from __future__ import annotations

import json
import re
import signal

import numpy as np
import pytest

from spikedash.jobs.desk import MOST_DEATHS, Desk
from spikedash.jobs.questions import Question, Questions, key
from spikedash.params import InputError, Params, Probe
from spikedash.prices import FIRST

PAGES = ("a" * 16, "b" * 16)
PATIENCE_S = 90


@pytest.fixture
def trained(busy, small, until):
    """A run that is done."""
    run_id = busy.launch(small)
    until(lambda: busy.run(run_id).state == "done", PATIENCE_S)
    return busy.run(run_id)


@pytest.fixture
def answer(busy, until):
    """Ask until the answer is there, as a page does."""
    questions = Questions(busy.folder)

    def ask(run, *probes, page=PAGES[0]):
        name = key(run.id, run.attempt, probes[-1])
        until(lambda: questions.answered(name) or not questions.ask(page, Question(run.id, run.attempt, probes)), PATIENCE_S)
        return questions.answer(name)

    return ask


def directly(params: Params, weights, probe: Probe):
    """The same question in this process, which trains nothing and shares nothing: spikes, activity, last snapshot."""
    from spikedash import training

    parts = list(training.probe(params, weights, probe))
    spikes = [np.concatenate([getattr(part, name) for part in parts]) for name in ("spike_ms", "spike_neuron")]
    return (*spikes, np.concatenate([part.drive for part in parts]), parts[-1])


def prober(family, served):
    return [child for child in family(served.pid) if "spikedash.jobs.prober" in child.cmdline()]


@pytest.mark.parametrize("change", [{}, {"cue": "none"}, {"delete": True, "delete_ms": 50}, {"remove": 0.3, "noise": 2}])
def test_an_answer_is_bit_for_bit_that_of_a_direct_call(busy, trained, answer, change):
    probe = Probe(**change)
    got = answer(trained, probe)
    weights = busy.result(trained.id, weights=True).weights
    spike_ms, spike_neuron, activity, last = directly(trained.params, weights, probe)
    np.testing.assert_array_equal(got.spike_ms, spike_ms)
    np.testing.assert_array_equal(got.spike_neuron, spike_neuron)
    np.testing.assert_array_equal(got.activity, activity)
    np.testing.assert_array_equal(got.per_neuron, last.result.per_neuron)
    assert got.correlation.item() == last.test.correlation
    assert got.rate_hz.item() == last.test.rate_hz
    counted = np.bincount((np.floor(spike_ms / 5) - np.floor(got.start_ms / 5)).astype(int), minlength=len(got.bin_ms))
    n = trained.params.network.n
    split = round(trained.params.network.frac_exc * n)
    total = got.binned_hz[0] * split + got.binned_hz[1] * (n - split)
    assert total.sum() * 0.005 == pytest.approx(counted.sum(), rel=0.02)  # smoothing only moves spikes


def test_two_people_get_their_own_answers(busy, trained, answer):
    questions = Questions(busy.folder)
    asked = [Probe(remove=0.5, seed=11), Probe(scale_exc=1.1, seed=12)]
    for page, probe in zip(PAGES, asked, strict=True):
        questions.ask(page, Question(trained.id, trained.attempt, (probe,)))
    weights = busy.result(trained.id, weights=True).weights
    for page, probe in zip(PAGES, asked, strict=True):
        got = answer(trained, probe, page=page)
        np.testing.assert_array_equal(got.activity, directly(trained.params, weights, probe)[2])


def test_a_killed_prober_is_replaced_and_the_open_question_answered(busy, served, trained, answer, family, until):
    answer(trained, Probe())
    questions, probe = Questions(busy.folder), Probe(cue="wrong", seed=5)
    (first,) = prober(family, served)
    first.send_signal(signal.SIGSTOP)
    questions.ask(PAGES[0], Question(trained.id, trained.attempt, (probe,)))
    first.send_signal(signal.SIGKILL)
    name = key(trained.id, trained.attempt, probe)
    until(lambda: questions.answered(name), PATIENCE_S)
    (second,) = prober(family, served)
    assert second.pid != first.pid
    weights = busy.result(trained.id, weights=True).weights
    np.testing.assert_array_equal(questions.answer(name).activity, directly(trained.params, weights, probe)[2])


def test_what_cannot_be_asked_is_told_in_a_sentence(busy, small, trained):
    questions = Questions(busy.folder)

    def refusal(run_id, attempt, **change):
        probe = Probe(seed=99, **change)
        Desk(busy, questions).serve(PAGES[0], Question(run_id, attempt, (probe,)))
        with pytest.raises(InputError) as told:
            questions.answer(key(run_id, attempt, probe))
        return str(told.value)

    assert refusal("A" * 16, 1) == "This run was deleted."
    assert refusal(trained.id, trained.attempt + 1).startswith("This run has no trained network")
    assert refusal(trained.id, trained.attempt, pattern=3) == "probe.pattern is 3, but the run has 1 (counted from 0)."
    file = busy.run_folder(trained.id) / str(trained.attempt) / "result.npz"
    file.write_bytes(file.read_bytes()[:1000])
    assert refusal(trained.id, trained.attempt, remove=0.5).startswith("The trained weights of this run cannot be read")


def test_what_would_keep_everybody_waiting_is_refused_with_what_would_do(small):
    from spikedash import training
    from spikedash.jobs.networks import Trained, check

    setup = training.prepare(small)
    network = Trained(small, setup, setup.weights, None)
    check(network, Probe(trials=1000), FIRST)
    slow = FIRST._replace(factors=FIRST.factors + np.log(1000))
    with pytest.raises(InputError) as told:
        check(network, Probe(trials=1000), slow)
    sentence = re.fullmatch(
        r"1000 trials of this network would take about (\d+) s, and others wait; ask for at most (\d+)\.", str(told.value)
    )
    assert sentence
    assert float(sentence[2]) == pytest.approx(1000 * 20 / float(sentence[1]), rel=0.05)


def test_a_question_that_keeps_killing_is_given_up(busy, trained):
    questions, probe = Questions(busy.folder), Probe(seed=77)
    name = key(trained.id, trained.attempt, probe)
    (questions.folder / "at-work.json").write_text(json.dumps({"name": name, "begun": MOST_DEATHS}))
    Desk(busy, questions).serve(PAGES[0], Question(trained.id, trained.attempt, (probe,)))
    with pytest.raises(InputError, match="ended the process that answers 2 times"):
        questions.answer(name)


def test_a_network_that_runs_away_is_shown_as_far_as_it_came():
    from spikedash import training
    from spikedash.jobs.networks import Trained, respond

    params = Params().with_values(
        {"network.n": 100, "network.weights": "balanced", "training.loops": 0, "training.test_trials": 1}
    )
    setup = training.prepare(params)
    network = Trained(params, setup, setup.weights * 50, None)
    got = respond(network, Probe(scale_inh=0.0, scale_exc=3.0))
    assert got is not None
    assert got.wrong.startswith("Runaway activity in test trial 1: the population fired above 400 Hz. The trial was stopped at")
    assert got.start_ms < got.reached_ms < got.end_ms
    assert len(got.spike_ms) / (got.reached_ms - got.start_ms) > 100 * 0.1  # 100 Hz at the least
    assert got.spike_ms.max() <= got.reached_ms
    assert np.isnan(got.correlation).all()
