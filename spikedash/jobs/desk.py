"""What the prober does with a question: finds the answer, refuses it, or gives it up."""

from __future__ import annotations

import json
import traceback

from spikedash.jobs import files, logs
from spikedash.jobs.networks import Networks, check, respond
from spikedash.jobs.questions import Question, Questions, key
from spikedash.jobs.store import Store
from spikedash.params import InputError, Probe

MOST_DEATHS = 2  # of the prober over one question, which is then given up


class Desk:
    """Takes one question after the other; here errors are caught."""

    def __init__(self, store: Store, questions: Questions) -> None:
        self._store, self._questions, self._networks = store, questions, Networks(store)
        self._at_work = questions.folder / "at-work.json"  # the answer that is being found, which may be what kills us

    def serve(self, page: str, question: Question) -> None:
        """Answer all that a page asks, or say why not, and close its question."""
        for probe in question.probes:
            name = key(question.run, question.attempt, probe)
            if self._questions.answered(name):
                continue
            try:
                if not self._answer(page, question, probe, name):
                    return  # the page has changed its mind
            except InputError as error:
                self._questions.refuse(name, str(error))
            except MemoryError:
                self._questions.refuse(name, "This machine has not enough memory left to ask this network.")
            except Exception as error:
                traceback.print_exc()
                self._questions.refuse(name, f"The network could not be asked: {logs.sentence(error)}")
        self._at_work.unlink(missing_ok=True)
        self._questions.drop(page, question)

    def _answer(self, page: str, question: Question, probe: Probe, name: str) -> bool:
        """Find one answer; False when nobody wants it any more."""
        if self._deaths(name) >= MOST_DEATHS:
            self._at_work.unlink(missing_ok=True)
            raise InputError(
                f"This question ended the process that answers {MOST_DEATHS} times, perhaps for lack of memory, and was given up."
            )
        network = self._networks.find(question.run, question.attempt)
        check(network, probe, self._store.pace())
        answer = respond(network, probe, lambda: self._questions.open(page, question))
        if answer is None:
            return False
        self._questions.write(name, answer)
        return True

    def _deaths(self, name: str) -> int:
        """How often a prober has died over this answer; counts this attempt as one until it succeeds."""
        deaths = 0
        try:
            before = json.loads(self._at_work.read_bytes())
            deaths = int(before["begun"]) if before["name"] == name else 0
        except (*files.DAMAGED, TypeError):
            pass
        files.write_json(self._at_work, {"name": name, "begun": deaths + 1}, durable=False)
        return deaths
