"""The lessons: a list of them, and each beside a playground that opens with its prepared setting."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from dash import html

from spikedash.experiments import made_up
from spikedash.jobs.store import Store
from spikedash.lessons import LESSONS, Lesson, Table
from spikedash.params import Params
from spikedash.ui import page
from spikedash.ui.site import Shown, frame

PLACE = "/learn"


def exists(name: str) -> bool:
    return not name or name in LESSONS


def shown(store: Store, name: str, runs: int = 0) -> Shown:
    """The list, or one lesson for somebody who has so many runs."""
    if not name:
        return Shown(
            "Learn",
            frame(
                "/learn",
                "Learn",
                html.Ol([_card(k, x) for k, x in enumerate(LESSONS.values(), 1)], className="lessons"),
                lead="Six lessons of ten minutes. Each opens a playground with a prepared setting; press Train, and watch.",
                wide=True,
            ),
        )
    lesson = LESSONS[name]
    body = page.layout(runs, page.Lesson(text(lesson), link(store, lesson)))
    hidden = " ".join(f"without-{panel}" for panel in lesson.without)
    return Shown(lesson.title, html.Div(body, className=hidden))


def link(store: Store, lesson: Lesson) -> str:
    """The prepared setting as a link that hides what does not matter; the made-up recording is put into the store."""
    values = dict(lesson.values)
    if lesson.recording:
        values["target.recording"] = store.save_recording(made_up.recording(), "made-up.csv")
    parts = [("preset", "playground"), *((name, _written(value)) for name, value in values.items())]
    return urlencode([*parts, ("hide", "all"), ("show", ",".join(lesson.show))], quote_via=quote, safe=",")


def _written(value: Any) -> str:
    return "1" if value is True else "0" if value is False else str(value)


def _card(number: int, lesson: Lesson) -> html.Li:
    mask = html.Span(className="glyph", style={"maskImage": f"url(/assets/glyphs/{lesson.glyph}.svg)"})
    return html.Li(
        html.A(
            [
                html.Span(mask, className="lesson-picture", **{"aria-hidden": "true"}),
                html.Span(
                    [
                        html.Span(f"Lesson {number}", className="lesson-number"),
                        html.Span(lesson.title, className="lesson-title"),
                        html.Span(lesson.lead, className="lesson-lead"),
                    ],
                    className="lesson-words",
                ),
            ],
            href=f"{PLACE}/{lesson.name}",
            className="card lesson-card",
        )
    )


def text(lesson: Lesson) -> html.Article:
    """What stands above the settings: the matter, the steps, the question, and the way to the neighbours."""
    names = list(LESSONS)
    number = names.index(lesson.name)
    return html.Article(
        [
            html.P([html.A("Lessons", href=PLACE), f" · {number + 1} of {len(names)}"], className="lesson-number"),
            html.H1(lesson.title),
            *(_table(part) if isinstance(part, Table) else html.P(_words(part)) for part in lesson.say),
            html.H2("Try it"),
            html.Ol([html.Li(_words(step)) for step in lesson.steps], className="lesson-steps"),
            html.H2("Think"),
            html.P(_words(lesson.think)),
            html.Details(
                [html.Summary("An answer"), *(html.P(_words(part)) for part in lesson.answer)], className="lesson-answer"
            ),
            _neighbours(names, number),
            html.H2("Settings of this lesson", className="lesson-settings"),
        ],
        className="lesson-text",
    )


def _words(sentence: str) -> list[Any]:
    """A sentence whose formulas, in backticks, stay on one line."""
    parts = sentence.split("`")
    return [html.Span(part, className="formula") if k % 2 else part for k, part in enumerate(parts)]


def _table(table: Table) -> html.Figure:
    head = html.Thead(html.Tr([html.Th(word, scope="col") for word in table.head]))
    rows = html.Tbody([html.Tr([html.Td(word) for word in row]) for row in table.rows])
    return html.Figure([html.Table([head, rows]), html.Figcaption(table.about)], className="lesson-table")


def _neighbours(names: list[str], number: int) -> html.Nav:
    links = []
    if number > 0:
        before = LESSONS[names[number - 1]]
        links.append(html.A(f"← {before.title}", href=f"{PLACE}/{before.name}"))
    if number + 1 < len(names):
        after = LESSONS[names[number + 1]]
        links.append(html.A(f"{after.title} →", href=f"{PLACE}/{after.name}", className="next"))
    else:
        links.append(html.A("To the playground →", href="/", className="next"))
    return html.Nav(links, className="lesson-ways", **{"aria-label": "Other lessons"})


def params(lesson: Lesson, recording: str = "") -> Params:
    """What Train computes when the lesson opens."""
    return Params().with_values({**lesson.values, **({"target.recording": recording} if lesson.recording else {})})
