"""What has happened in a run so far, every line of it read once however often somebody asks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from spikedash.jobs import files
from spikedash.records import LoopRecord, TestRecord

Event = LoopRecord | TestRecord
MOST = 16  # attempts; 10,000 loops are some 3 MB


class Stories:
    """Loops and tests of the attempts that were asked for last; for all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Path, tuple[list[Event], int]] = OrderedDict()

    def of(self, path: Path) -> list[Event]:
        """All whole lines of a progress.jsonl, whose attempt only ever appends to it."""
        with self._lock:
            before, cursor = self._known.pop(path, ([], 0))
            new, end = files.read_events(path, cursor)
            # Where the file is another one than before, it was read from its beginning.
            events = before + new if end > cursor or not new else new
            self._known[path] = (events, end)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
            return events
