"""A full disk: how it is recognised, when it is near, and waiting until it is over."""

from __future__ import annotations

import errno
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from spikedash.jobs.database import DiskFull

log = logging.getLogger(__name__)

RESERVE_BYTES = 200 * 2**20  # kept free, so that running work can be finished; no new run begins below that
RESERVE_SHARE = 0.02  # of a small disk
RETRY_S = 0.5

T = TypeVar("T")


def is_full(error: BaseException) -> bool:
    """Whether this error says that there is no more room, on the disk or in somebody's share of it."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, DiskFull) or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def reserve(folder: Path) -> int:
    """Bytes that are kept free on the disk of a folder."""
    return int(min(RESERVE_BYTES, RESERVE_SHARE * shutil.disk_usage(folder).total))


def free(folder: Path) -> int:
    """Bytes that may still be written to the disk of a folder."""
    return shutil.disk_usage(folder).free


def scarce(folder: Path) -> str:
    """Why nothing new should begin, in one sentence; "" where there is room."""
    left = free(folder)
    if left >= reserve(folder):
        return ""
    return f"The disk that holds the runs is full ({left / 1e6:.3g} MB are free); waiting runs begin when there is space again."


def patiently(act: Callable[[], T], look: Callable[[], object]) -> T:
    """Do something that writes; while the disk is full, try again and `look`, which may raise, in between."""
    told = False
    while True:
        try:
            return act()
        except (OSError, sqlite3.Error, DiskFull) as error:
            if not is_full(error):
                raise
        if not told:
            log.warning("the disk is full; this run waits for space")
            told = True
        time.sleep(RETRY_S)
        look()
