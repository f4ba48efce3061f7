"""Turns go round by person: whoever launches five hundred runs does not keep another waiting."""

from __future__ import annotations

import pytest

from spikedash.jobs import turns
from spikedash.jobs.claims import Pen, Queue
from spikedash.jobs.store import Axis, Measure, NewCell, Plan, Store
from spikedash.params import InputError


@pytest.fixture
def people(folder):
    """A store as three people see it."""
    return {name: Store(folder, lambda name=name: name) for name in ("ada", "bob", "cy")}


def served(store: Store, times: int) -> list[str]:
    """Whose runs are taken one after the other by a single worker."""
    queue, order = Queue(store.database), []
    for _ in range(times):
        claim = queue.claim("starting")
        if claim is None:
            break
        order.append(store.run(claim.run).owner)
        Pen(store.database, claim).end("done")
    return order


def plan(params, cells: int) -> Plan:
    places = tuple(NewCell((k,), 1, params) for k in range(cells))
    return Plan("", (Axis("x", "x", "", tuple(range(cells))),), Measure("m", "m"), places)


def test_five_hundred_runs_of_one_person_do_not_starve_another(store, people, small):
    for _ in range(500):
        people["ada"].launch(small)
    late = people["bob"].launch(small)
    assert people["bob"].run(late).position in (1, 2)
    assert "bob" in served(store, 2)


def test_everybody_is_served_in_turn(store, people, small):
    for name in ("ada", "ada", "ada", "bob", "bob", "cy"):
        people[name].launch(small)
    assert served(store, 6) == ["ada", "bob", "cy", "ada", "bob", "ada"]


def test_a_person_alone_is_served_in_the_order_of_launching(store, people, small):
    runs = [people["ada"].launch(small) for _ in range(4)]
    assert [people["ada"].run(run).position for run in runs] == [1, 2, 3, 4]
    queue = Queue(store.database)
    assert [queue.claim("starting").run for _ in runs] == runs


def test_the_position_that_is_told_is_the_place_in_which_they_are_served(store, people, small):
    runs = [people[name].launch(small) for name in ("ada", "ada", "ada", "bob", "cy", "bob")]
    told = {run: store.run(run).position for run in runs}
    assert sorted(told.values()) == [1, 2, 3, 4, 5, 6]
    queue, order = Queue(store.database), []
    for _ in runs:
        claim = queue.claim("starting")
        order.append(claim.run)
        Pen(store.database, claim).end("done")
    assert sorted(told, key=told.get) == order


def test_whoever_has_the_fewest_running_is_next(store, people, small):
    queue = Queue(store.database)
    for name in ("ada", "ada", "bob"):
        people[name].launch(small)
    assert [store.run(queue.claim("starting").run).owner for _ in range(2)] == ["ada", "bob"]  # both go on
    people["cy"].launch(small)
    assert store.run(queue.claim("starting").run).owner == "cy"


def test_a_sweep_takes_turns_with_others_and_comes_after_its_owners_runs(store, people, small):
    people["ada"].sweeps.launch(plan(small, 3))
    own = people["ada"].launch(small)
    for _ in range(2):
        people["bob"].launch(small)
    queue = Queue(store.database)
    first = queue.claim("starting")
    Pen(store.database, first).end("done")
    assert first.run == own or store.run(first.run).owner == "bob"
    assert served(store, 5) in (["bob", "ada", "bob", "ada", "ada"], ["ada", "bob", "ada", "ada", "ada"])
    assert store.run(own).state == "done"


def test_a_cell_belongs_to_the_owner_of_its_sweep(store, people, small):
    sweep = people["ada"].sweeps.launch(plan(small, 1))
    claim = Queue(store.database).claim("starting")
    assert store.run(claim.run).owner == "ada"
    assert people["ada"].sweeps.cells(sweep)[0].run == claim.run
    assert people["ada"].sweeps.of_run(claim.run)[0] == sweep
    assert people["bob"].sweeps.of_run(claim.run) is None


def test_a_limit_on_running_ones_leaves_room_for_others(store, people, small):
    queue = Queue(store.database, most_running=1)
    for name in ("ada", "ada", "bob"):
        people[name].launch(small)
    assert {store.run(queue.claim("starting").run).owner for _ in range(2)} == {"ada", "bob"}
    assert queue.claim("starting") is None
    assert queue.look()[0] is False


def test_paused_runs_of_one_person_do_not_take_every_worker(store, people, small):
    queue = Queue(store.database)
    for _ in range(turns.MOST_RESTING_EACH + 1):
        people["ada"].launch(small)
    for _ in range(turns.MOST_RESTING_EACH):
        claim = queue.claim("starting")
        people["ada"].command(claim.run, "pause")
        assert Pen(store.database, claim).rest("pause")
    assert queue.claim("starting") is None
    people["bob"].launch(small)
    assert store.run(queue.claim("starting").run).owner == "bob"


def test_too_many_waiting_runs_of_one_person_are_refused_and_no_others(folder, small):
    ada, bob = (Store(folder, lambda name=name: name, most_each=3) for name in ("ada", "bob"))
    for _ in range(3):
        ada.launch(small)
    with pytest.raises(InputError, match=r"3 of your runs are waiting"):
        ada.launch(small)
    bob.launch(small)
    assert len(ada.runs()) == 3


def test_too_many_waiting_cells_of_one_person_are_refused(people, small, monkeypatch):
    monkeypatch.setattr("spikedash.jobs.sweeps.MOST_OPEN_CELLS", 5)
    people["ada"].sweeps.launch(plan(small, 3))
    with pytest.raises(InputError, match=r"3 runs of your sweeps are waiting"):
        people["ada"].sweeps.launch(plan(small, 3))
    people["bob"].sweeps.launch(plan(small, 3))
