"""Questions and answers as files: one open question a page, answers for everybody, and nothing that is damaged or foreign."""

from __future__ import annotations

import os
import pickle
import time

import numpy as np
import pytest

from spikedash.jobs import questions as room
from spikedash.jobs.questions import Answer, Question, Questions, key
from spikedash.params import InputError, Probe

A, B = "a" * 16, "b" * 16
RUN = "r" * 16


def question(**change):
    return Question(RUN, 1, (Probe(), Probe(**change)))


@pytest.fixture
def answer():
    nothing = np.zeros(0)
    return Answer(
        -300.0,
        -100.0,
        200.0,
        200.0,
        "",
        np.array([1.5], np.float32),
        np.array([3], np.int32),
        np.arange(4, dtype=np.int32),
        np.arange(8, dtype=np.float32).reshape(2, 4),
        np.array([[0.5]]),
        np.full(4, np.nan),
        np.array([11.0]),
        nothing,
        nothing.astype(np.float32).reshape(1, 0),
        0.1,
    )


def test_the_newest_question_of_a_page_counts_and_keeps_the_pages_turn(store):
    desk = Questions(store.folder)
    desk.ask(A, question(remove=0.1))
    desk.ask(B, question(cue="none"))
    assert desk.ask(A, question(remove=0.2)) == 2
    page, found = desk.next()
    assert (page, found.probes[1].remove) == (A, 0.2)
    desk.drop(A, question(remove=0.1))  # an answer to the older one closes nothing
    assert desk.next()[0] == A
    desk.drop(A, question(remove=0.2))
    assert desk.next()[0] == B


def test_asking_again_changes_nothing_and_a_page_that_left_is_dropped(store, monkeypatch):
    desk = Questions(store.folder)
    desk.ask(A, question())
    before = desk.next()
    assert desk.ask(A, question()) == 1
    assert desk.next() == before
    gone = time.time() - room.STALE_S - 1
    os.utime(desk.folder / "asked" / f"{A}.json", (gone, gone))
    assert desk.next() is None
    assert desk.pages() == []


def test_the_queue_has_an_end(store, monkeypatch):
    monkeypatch.setattr(room, "MOST_OPEN", 2)
    desk = Questions(store.folder)
    desk.ask(A, question())
    desk.ask(B, question())
    with pytest.raises(InputError, match="2 people are asking already"):
        desk.ask("c" * 16, question())
    desk.ask(A, question(cue="none"))


@pytest.mark.parametrize("page", ["", "../../etc/passwd", "A" * 16, "a" * 17])
def test_a_page_is_never_a_path(store, page):
    with pytest.raises(InputError, match="16 hexadecimal digits"):
        Questions(store.folder).ask(page, question())


def test_an_answer_comes_back_bit_for_bit_and_a_damaged_one_is_none(store, answer):
    desk, name = Questions(store.folder), key(RUN, 1, Probe())
    assert desk.answer(name) is None
    desk.write(name, answer)
    for got, expected in zip(desk.answer(name), answer, strict=True):
        np.testing.assert_array_equal(got, expected)
    path = desk.folder / "answers" / f"{name}.npz"
    path.write_bytes(path.read_bytes()[:-40])
    assert desk.answer(name) is None


class Planted:
    def __reduce__(self):
        return os.mkdir, ("planted",)


def test_a_planted_pickle_does_not_run(store, answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    desk, name = Questions(store.folder), key(RUN, 1, Probe())
    desk.write(name, answer)
    np.savez(desk.folder / "answers" / f"{name}.npz", **{**answer._asdict(), "wrong": np.array([Planted()], object)})
    (desk.folder / "asked").mkdir()
    (desk.folder / "asked" / f"{A}.json").write_bytes(pickle.dumps(Planted()))
    assert desk.answer(name) is None
    assert desk.next() is None
    assert not (tmp_path / "planted").exists()


def test_a_refusal_is_told_for_a_while_only(store):
    desk = Questions(store.folder)
    desk.refuse("k", "Not this.")
    with pytest.raises(InputError, match=r"Not this\."):
        desk.answer("k")
    past = time.time() - room.REFUSED_S - 1
    os.utime(desk.folder / "answers" / "k.json", (past, past))
    assert desk.answer("k") is None


def test_answers_take_a_bounded_room_and_those_looked_at_stay(store, answer, monkeypatch):
    desk = Questions(store.folder)
    for number, name in enumerate("pqr"):
        desk.write(name, answer)
        os.utime(desk.folder / "answers" / f"{name}.npz", (1000 + number, 1000 + number))
    desk.answer("p")
    monkeypatch.setattr(room, "MOST_ANSWERS", 3)
    desk.write("s", answer)
    assert [desk.answered(name) for name in "pqrs"] == [True, False, True, True]


def test_equal_questions_share_a_name_and_others_do_not():
    names = {key(RUN, 1, Probe()), key(RUN, 1, Probe(remove=0.0)), key(RUN, 2, Probe()), key(RUN, 1, Probe(remove=0.01))}
    assert len(names) == 3
