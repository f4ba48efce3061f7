"""A store that is asked by a person shows what is theirs and everybody's, changes what is theirs, and knows no other."""

from __future__ import annotations

import pytest

from spikedash.jobs.store import Measure, NewCell, Plan, Store
from spikedash.params import InputError


@pytest.fixture
def ada(folder):
    return Store(folder, lambda: "ada")


@pytest.fixture
def bob(folder):
    return Store(folder, lambda: "bob")


@pytest.fixture
def plan(small):
    return Plan("", (), Measure("m", "m"), (NewCell((), 1, small),))


READS = ("run", "events", "frame", "setup", "result", "insight")


@pytest.mark.parametrize("what", READS)
def test_a_run_of_somebody_else_is_not_there(ada, bob, store, small, what):
    run = ada.launch(small)
    getattr(ada, what)(run)
    getattr(store, what)(run)
    with pytest.raises(KeyError):
        getattr(bob, what)(run)


def test_a_run_of_somebody_else_cannot_be_steered_or_deleted(ada, bob, small):
    run = ada.launch(small)
    for act in (lambda: bob.command(run, "stop"), lambda: bob.delete(run)):
        with pytest.raises(KeyError):
            act()
    assert ada.run(run).state == "queued"
    assert bob.runs() == []
    ada.command(run, "stop")
    ada.delete(run)


def test_what_is_everybodys_is_seen_by_all_and_changed_by_nobody(ada, bob, store, small, plan):
    run, sweep = store.launch(small), store.sweeps.launch(plan)
    assert store.changes(run)
    assert store.sweeps.changes(sweep)
    for person in (ada, bob):
        assert person.run(run).owner == ""
        assert not person.changes(run)
        assert not person.sweeps.changes(sweep)
        assert person.changes(person.launch(small))
        assert [one.id for one in person.sweeps.sweeps()] == [sweep]
        for act in (
            lambda person=person: person.command(run, "stop"),
            lambda person=person: person.delete(run),
            lambda person=person: person.sweeps.command(sweep, "stop"),
            lambda person=person: person.delete_sweep(sweep, runs=True),
        ):
            with pytest.raises(KeyError):
                act()
    store.delete(run)
    store.delete_sweep(sweep, runs=True)


def test_a_sweep_of_somebody_else_is_not_there(ada, bob, plan):
    sweep = ada.sweeps.launch(plan)
    assert ada.sweeps.sweep(sweep).id == sweep
    assert bob.sweeps.sweeps() == []
    for act in (
        lambda: bob.sweeps.sweep(sweep),
        lambda: bob.sweeps.cells(sweep),
        lambda: bob.sweeps.rows(sweep),
        lambda: bob.sweeps.command(sweep, "stop"),
        lambda: bob.delete_sweep(sweep, runs=True),
    ):
        with pytest.raises(KeyError):
            act()
    assert ada.sweeps.sweep(sweep).state == "waiting"


def test_a_recording_is_seen_by_those_who_uploaded_it(ada, bob, store, small, recording):
    key = ada.save_recording(recording, "rates.csv")
    assert ada.recording(key).names == recording.names
    assert store.recording(key).names == recording.names
    with pytest.raises(KeyError):
        bob.recording(key)
    with pytest.raises(InputError, match="upload the file again"):
        bob.launch(small, recording=key)
    assert bob.save_recording(recording, "same.csv") == key
    assert bob.recording(key).names == recording.names


def test_a_recording_of_versions_without_owners_is_everybodys(ada, store, recording):
    key = store.save_recording(recording, "rates.csv")
    assert ada.recording(key).names == recording.names
    ada.save_recording(recording, "rates.csv")
    assert Store(ada.folder, lambda: "bob").recording(key).names == recording.names
