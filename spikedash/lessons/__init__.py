"""Six short lessons, each with a prepared setting; one file per lesson, plain data."""

from __future__ import annotations

from collections.abc import Mapping

from spikedash.lessons import balance, chaos, cortex, failing, learning, neuron
from spikedash.lessons.record import Claim, Lesson, Table

__all__ = ["LESSONS", "Claim", "Lesson", "Table"]

#: By name, in the order in which they are read.
LESSONS: Mapping[str, Lesson] = {
    lesson.name: lesson
    for lesson in (neuron.LESSON, chaos.LESSON, learning.LESSON, balance.LESSON, failing.LESSON, cortex.LESSON)
}
