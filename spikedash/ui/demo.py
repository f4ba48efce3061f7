"""The run that plays for a newcomer: trained once at the first start, kept in the store like any other."""

from __future__ import annotations

from spikedash.jobs.store import Run, Store
from spikedash.params import Params

NAME = "Demo"


class Demo:
    """Finds the demo run, and launches it where there is none."""

    def __init__(self, store: Store, params: Params) -> None:
        self._store = store
        self._params = params
        self._id = ""

    def run(self) -> Run:
        """The demo run as it stands; a lost one is launched again."""
        try:
            return self._store.run(self._id)
        except KeyError:
            self._id = self._find() or self._store.launch(self._params, name=NAME)
            return self._store.run(self._id)

    def _find(self) -> str:
        for run in self._store.runs(limit=1000, name=NAME):
            if run.params == self._params and run.state not in ("failed", "stopped"):
                return run.id
        return ""
