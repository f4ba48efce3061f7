"""Threads that share out tasks: every task once, whoever comes, and nobody is waited for who does not."""

import numpy as np
import pytest
from numba import njit, prange

from spikedash.engine import team


@njit
def count(board, member, tally):
    done = 0
    task, phase, row = team.claim(board, member)
    while task >= 0:
        tally[task] += phase == 5 and row == 7
        team.add(board, team.FINISHED, 1)
        done += 1
        task, phase, row = team.claim(board, member)
    return done


@njit
def take_part(board, tally, rounds, leads):
    member = team.add(board, team.ENTERED, 1)
    patience = 50
    if member > 0:
        while team.look(board, team.OVER) == 0:
            if count(board, member, tally) == 0:
                patience = team.wait(patience)
        return
    leads[0] += 1
    for _ in range(rounds):
        team.publish(board, 5, 7, tally.size)
        count(board, 0, tally)
        team.await_finish(board, tally.size, team.now())
    team.put(board, team.OVER, 1)


@njit(parallel=True)
def play(threads, tally, rounds, leads):
    board = team.fresh_board(threads)
    for _ in prange(threads):
        take_part(board, tally, rounds, leads)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("tasks", [1, 2, 3, 40])
def test_every_task_is_done_once_a_round(threads, tasks):
    tally, leads = np.zeros(tasks, np.int64), np.zeros(1, np.int64)
    play(threads, tally, 20_000 // tasks, leads)
    assert (tally == 20_000 // tasks).all()
    assert leads[0] == 1


def test_a_leader_whom_nobody_joins_does_everything():
    board, tally = team.fresh_board(4), np.zeros(9, np.int64)
    take_part(board, tally, 3, np.zeros(1, np.int64))
    assert (tally == 3).all()


def test_shares_are_claimed_before_those_of_others():
    board = team.fresh_board(2)
    team.publish(board, 0, 0, 10)
    assert sorted(team.claim(board, 1)[0] for _ in range(5)) == [5, 6, 7, 8, 9]
    assert sorted(team.claim(board, 1)[0] for _ in range(6)) == [-1, 0, 1, 2, 3, 4]
