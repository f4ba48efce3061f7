"""Questions to trained networks: asked by pages, answered by the prober, both through files of the store.

`questions/asked/<page>.json` is the one open question of a page, and a newer one takes its place; `questions/answers/<key>.npz`
is an answer that anybody with the same question finds. Asking again what is open or answered changes nothing, so a page asks
until it has its answer, and nothing is lost whatever dies in between. Both folders hold only what can be computed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from spikedash.jobs import files
from spikedash.params import InputError, Probe, probe_from
from spikedash.records import F32, F64, I32

PAGE = re.compile(r"[0-9a-f]{16}")
MOST_OPEN = 64  # pages that wait at the same time
MOST_EACH = 4  # of one person
MOST_BYTES = 128 * 2**20  # of answers that are kept
MOST_ANSWERS = 1000
STALE_S = 60.0  # after which a page that no longer asks has gone
REFUSED_S = 5.0  # for which a sentence stands in the place of an answer

State = Literal["starting", "ready", "broken"]


class Question(NamedTuple):
    """What a page wants to know of one network."""

    run: str
    attempt: int
    probes: tuple[Probe, ...]  # each has an answer of its own
    since: float = 0.0  # how long the page waits, seconds since 1970


class Answer(NamedTuple):
    """What a network did. Times in ms; 0 is the start of the target window."""

    start_ms: float  # of the first trial
    cue_ms: float
    end_ms: float
    reached_ms: float  # before end_ms where activity got out of bounds
    wrong: str  # a sentence about that, or ""
    spike_ms: F32  # (m,) spikes of the first trial
    spike_neuron: I32  # (m,)
    neurons: I32  # (q,) neurons whose activity is kept
    activity: F32  # (s, q) of the first trial, as far as it came: synaptic drive, or r where rates are trained
    correlation: F64  # (trials, sets) mean over neurons of Pearson's r with every pattern's target
    per_neuron: F64  # (n,) of the trial average with the asked pattern; nan where a neuron does not learn or was removed
    rate_hz: F64  # (trials,) population rate in the window
    bin_ms: F64  # (b,) middles of the bins of the first trial
    binned_hz: F32  # (kinds, b) population rate in them, smoothed: E and I, or all
    seconds: float  # that it took


class Standing(NamedTuple):
    """How the prober is."""

    state: State
    sentence: str


class Questions:
    """The folder of questions in a store; safe to share between threads and processes."""

    def __init__(self, store_folder: Path) -> None:
        self.folder = store_folder / "questions"
        self._asked, self._answers = self.folder / "asked", self.folder / "answers"

    def ask(self, page: str, question: Question, of: str = "") -> int:
        """Have a question answered; returns how many pages wait, this one included.

        Args:
            of: what the names of all pages of the same person begin with, "" where nobody is told apart.

        Raises:
            InputError: too many pages wait, or the page has no proper name.
        """
        if not PAGE.fullmatch(page):
            raise InputError("page must be 16 hexadecimal digits.")
        self._asked.mkdir(parents=True, exist_ok=True)
        path, before = self._asked / f"{page}.json", self._read(page)
        if before and before[:3] == question[:3]:
            with contextlib.suppress(FileNotFoundError):  # answered in this moment
                os.utime(path)
            return len(self.pages())
        waiting = self.pages()
        if page not in waiting and len(waiting) >= MOST_OPEN:
            raise InputError(f"{len(waiting)} people are asking already; try again in a moment.")
        if of and page not in waiting and sum(name.startswith(of) for name in waiting) >= MOST_EACH:
            raise InputError(f"{MOST_EACH} of your pages are asking already; try again in a moment.")
        # A page that changes its mind keeps its turn.
        since = before.since if before else time.time()
        probes = [probe.model_dump() for probe in question.probes]
        content = {"run": question.run, "attempt": question.attempt, "probes": probes, "since": since}
        with contextlib.suppress(FileNotFoundError):  # the same page asks in another thread, and was faster
            files.write_json(path, content, durable=False)
        return len({*waiting, page})

    def pages(self) -> list[str]:
        """Pages with an open question."""
        try:
            return [name.removesuffix(".json") for name in os.listdir(self._asked) if name.endswith(".json")]
        except FileNotFoundError:
            return []

    def next(self) -> tuple[str, Question] | None:
        """The page that has waited longest, and its question; those nobody waits for any more are dropped."""
        found: list[tuple[float, str, Question]] = []
        for page in self.pages():
            question = self._read(page)
            if question is None or self._left(page):
                self.drop(page)
            else:
                found.append((question.since, page, question))
        return min(found)[1:] if found else None

    def _left(self, page: str) -> bool:
        try:
            return time.time() - (self._asked / f"{page}.json").stat().st_mtime > STALE_S
        except FileNotFoundError:
            return True

    def _read(self, page: str) -> Question | None:
        try:
            content = json.loads((self._asked / f"{page}.json").read_bytes())
            probes = tuple(probe_from(probe) for probe in content["probes"])
            return Question(str(content["run"]), int(content["attempt"]), probes, float(content["since"]))
        except (*files.DAMAGED, TypeError):  # what probe_from raises is a ValueError
            return None

    def open(self, page: str, question: Question) -> bool:
        """Whether a page still wants to know this."""
        now = self._read(page)
        return now is not None and now[:3] == question[:3]

    def drop(self, page: str, question: Question | None = None) -> None:
        """Close a page's question, unless it is another one by now."""
        if question is None or self.open(page, question):
            (self._asked / f"{page}.json").unlink(missing_ok=True)

    def answer(self, key: str) -> Answer | None:
        """An answer, or None where there is none yet.

        Raises:
            InputError: it cannot be answered; the sentence says why.
        """
        path = self._answers / f"{key}.npz"
        try:
            arrays = files.read_arrays(path)
            answer = Answer(**{name: _plain(arrays[name]) for name in Answer._fields})
        except files.DAMAGED:
            answer = None
        if answer is not None:
            with contextlib.suppress(OSError):
                os.utime(path)  # what is looked at stays
            return answer
        if sentence := self._refusal(key):
            raise InputError(sentence)
        return None

    def _refusal(self, key: str) -> str:
        path = self._answers / f"{key}.json"
        try:
            return str(json.loads(path.read_bytes())["sentence"]) if time.time() - path.stat().st_mtime < REFUSED_S else ""
        except files.DAMAGED:
            return ""

    def answered(self, key: str) -> bool:
        """Whether an answer or a refusal is there."""
        return (self._answers / f"{key}.npz").exists() or bool(self._refusal(key))

    def write(self, key: str, answer: Answer) -> None:
        """Give an answer, and forget the oldest ones where there are too many."""
        self._answers.mkdir(parents=True, exist_ok=True)
        files.write_arrays(self._answers / f"{key}.npz", answer._asdict(), durable=False)
        self._make_room()

    def refuse(self, key: str, sentence: str) -> None:
        """Say why there is no answer; who asks later is answered anew."""
        self._answers.mkdir(parents=True, exist_ok=True)
        files.write_json(self._answers / f"{key}.json", {"sentence": sentence}, durable=False)

    def forget(self) -> None:
        """Remove all answers, which another version of the simulator may have given."""
        with contextlib.suppress(FileNotFoundError):
            for path in self._answers.iterdir():
                path.unlink(missing_ok=True)

    def _make_room(self) -> None:
        found = []
        for path in self._answers.iterdir():
            with contextlib.suppress(FileNotFoundError):
                about = path.stat()
                found.append((about.st_mtime, about.st_size, path))
        total, count = sum(size for _, size, _ in found), len(found)
        for _, size, path in sorted(found):
            if total <= MOST_BYTES and count <= MOST_ANSWERS:
                break
            path.unlink(missing_ok=True)
            total, count = total - size, count - 1

    def stand(self, state: State, sentence: str = "") -> None:
        """Tell how the prober is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        files.write_json(self.folder / "prober.json", {"state": state, "sentence": sentence}, durable=False)

    def standing(self) -> Standing:
        """How the prober is; not there counts as starting."""
        try:
            return Standing(**json.loads((self.folder / "prober.json").read_bytes()))
        except (*files.DAMAGED, TypeError):
            return Standing("starting", "")


def _plain(value: Any) -> Any:
    """Numbers and texts of an NPZ as Python's own."""
    return value.item() if np.ndim(value) == 0 else value


def own_page(page: str, person: str) -> tuple[str, str]:
    """The name of a person's page, which nobody else's page can have, and what all theirs begin with."""
    if not person:
        return page, ""
    of = hashlib.sha256(f"of {person}".encode()).hexdigest()[:8]
    return of + hashlib.sha256(f"{person}/{page}".encode()).hexdigest()[:8], of


def key(run: str, attempt: int, probe: Probe) -> str:
    """The name of an answer."""
    return hashlib.sha256(f"{run}/{attempt}/{probe.model_dump_json()}".encode()).hexdigest()[:40]
