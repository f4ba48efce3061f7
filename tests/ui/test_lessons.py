"""Lessons say only what comes true: every number in them is measured here, with the setting that it is said of."""

from __future__ import annotations

import functools
from urllib.parse import parse_qsl

import pytest

from spikedash import training
from spikedash.experiments import made_up
from spikedash.jobs.store import Store
from spikedash.lessons import LESSONS
from spikedash.params import KNOBS, Params
from spikedash.ui import learn, link_text

CLAIMS = [(name, k) for name, lesson in LESSONS.items() for k in range(len(lesson.claims))]


@functools.cache
def measured(name, changes):
    """The summary of a run of a lesson's setting with changes."""
    lesson = LESSONS[name]
    recording = made_up.recording() if lesson.recording else None
    values = {**lesson.values, **({"target.recording": "0" * 64} if recording else {}), **dict(changes)}
    params = Params().with_values(values)
    result = None
    for snapshot in training.train(params, recording):
        result = snapshot.result
    return training.summary(result, params, "lesson", 0)


@pytest.mark.parametrize(("name", "k"), CLAIMS)
def test_a_claim_holds(name, k):
    claim = LESSONS[name].claims[k]
    value = measured(name, tuple(claim.changes.items()))
    for part in claim.number.split("."):
        value = value[part]
    assert claim.low <= value <= claim.high, f"{claim.number} is {value}"


@pytest.mark.parametrize("name", LESSONS)
def test_the_prepared_setting_arrives_as_it_was_prepared(name, tmp_path):
    lesson, store = LESSONS[name], Store(tmp_path)
    link = link_text.read(learn.link(store, lesson), store)
    assert link.notes == []
    assert link.values.items() >= dict(lesson.values).items()
    assert set(KNOBS) - set(link.hide) == set(lesson.show)
    assert bool(link.recording) == lesson.recording
    if link.recording:
        assert store.recording(link.recording).rate_hz.shape[1] == made_up.UNITS


@pytest.mark.parametrize("name", LESSONS)
def test_whoever_follows_the_steps_sees_the_settings_that_they_name(name):
    lesson = LESSONS[name]
    changed = {setting for claim in lesson.claims for setting in claim.changes}
    assert changed <= set(lesson.show)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_steps_a_question_and_an_answer_of_its_own(name):
    lesson = LESSONS[name]
    assert 3 <= len(lesson.steps) <= 6
    assert lesson.think.endswith("?")
    assert lesson.answer
    assert lesson.claims


def test_links_of_lessons_are_plain_queries(tmp_path):
    names = [name for name, _ in parse_qsl(learn.link(Store(tmp_path), LESSONS["cortex"]))]
    assert names[0] == "preset"
    assert names[-2:] == ["hide", "show"]
