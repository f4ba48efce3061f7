"""docs/reproduction.md, written from measured tables: claim, expected, measured, time, and where it differs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from spikedash.reproduction.judge import Verdict
from spikedash.reproduction.pictures import Picture
from spikedash.reproduction.tables import Reproduction

HEAD = """# Reproduction of the paper

Kim & Chow (2018), *Learning recurrent dynamics in spiking networks*, eLife 7:e37124. Every number below was measured by
`{command}`, which wrote this file; none was typed in. A number passes where its mean over seeds lies in the band, a shape
(how a curve rises, where it peaks) where every seed does. "Worst" is the seed farthest from the band.
"""


Shown = Mapping[str, Sequence[tuple[str, Picture]]]  # an experiment's pictures by its name: where the file lies, and what it is


def document(done: Sequence[Reproduction], command: str, machine: str, shown: Shown | None = None, remark: str = "") -> str:
    """The whole text.

    Args:
        shown: pictures that were drawn, with paths from the document's folder.
        remark: a sentence more for the head.
    """
    lines = [
        HEAD.format(command=command),
        f"Machine: {machine}.{f' {remark}' if remark else ''}",
        "",
        "| experiment | form | checks passed | seeds | time |",
    ]
    lines.append("|---|---|---|---|---|")
    for one in done:
        verdicts = one.verdicts
        name = one.experiment.name
        lines.append(
            f"| [{name}](#{name}) | {'full' if one.full else 'short'} | {sum(v.passed for v in verdicts)} of {len(verdicts)} "
            f"| {len(one.seeds)} | {span(one.seconds)} |"
        )
    for one in done:
        lines += ["", *section(one, (shown or {}).get(one.experiment.name, ()))]
    return "\n".join(lines) + "\n"


def section(one: Reproduction, shown: Sequence[tuple[str, Picture]] = ()) -> list[str]:
    """One experiment."""
    experiment, verdicts = one.experiment, one.verdicts
    size = "the paper's size" if one.full else "the short form, smaller than the paper's"
    lines = [f"## {experiment.name}", "", f"**{experiment.title}.** {experiment.blurb}", ""]
    if experiment.claim:
        lines += [f"Claim: {experiment.claim}", ""]
    if shown:
        images = (
            f'<img src="{path}" width="{picture.width}" height="{picture.height}" alt="{picture.words}">'
            for path, picture in shown
        )
        lines += [*images, ""]  # side by side where the page is wide enough
        lines += [f"*{'. '.join(picture.words for _, picture in shown)}.*", ""]
    lines += ["| | expected | measured | worst | seeds | passed |", "|---|---|---|---|---|---|"]
    for v in verdicts:
        seeds = ", ".join(map(number, v.by_seed))
        verdict = "yes" if v.passed else "**no**"
        lines.append(f"| {v.what} | {v.expected} | {number(v.measured)} | {number(v.worst)} | {seeds} | {verdict} |")
    lines += ["", "Where the bands come from: " + "; ".join(dict.fromkeys(f"{v.what}: {v.why}" for v in verdicts)) + "."]
    lines += ["", differences(one, verdicts)]
    command = f"python -m spikedash experiment {experiment.name}{' --full' if one.full else ''}"
    lines += ["", f"Measured at {size} with {len(one.seeds)} seeds in {span(one.seconds)}; figure and numbers: `{command}`."]
    return lines


def differences(one: Reproduction, verdicts: Sequence[Verdict]) -> str:
    """One honest sentence, or two."""
    missed = [v for v in verdicts if not v.passed]
    failed = [row for row in one.table if row.failed]
    words = []
    if missed:
        parts = [f"{v.what} is {number(v.measured)} where {v.expected} was expected" for v in missed]
        words.append(f"Differs from what was expected: {'; '.join(parts)}.")
    else:
        words.append("Everything lies in its band.")
    if failed:
        words.append(f"{len(failed)} of {len(one.table)} runs ended early, the first with: {failed[0].failed}")
    if one.experiment.note:
        words.append(one.experiment.note)
    return " ".join(words)


def number(value: float | None) -> str:
    """Three digits that matter."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.3g}"


def span(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
