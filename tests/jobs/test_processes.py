"""Nothing that a worker has started outlives it, and it finds a place for compiled kernels."""

from __future__ import annotations

import os
import subprocess

import psutil

from spikedash.jobs import worker
from spikedash.jobs.processes import Worker


def test_children_of_a_dead_worker_end_with_it(until):
    shell = subprocess.Popen(
        ["sh", "-c", "sleep 100 & sleep 100 & wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    held = object.__new__(Worker)
    held._process = shell
    until(lambda: len(psutil.Process(shell.pid).children()) == 2)
    children = psutil.Process(shell.pid).children()
    os.kill(shell.pid, 9)
    held.bury()
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children), 5)


def test_kernels_go_into_the_store_where_their_usual_folder_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/kernels")
    worker._find_room_for_kernels(tmp_path)
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "numba")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "usual"))
    worker._find_room_for_kernels(tmp_path)
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "usual")
