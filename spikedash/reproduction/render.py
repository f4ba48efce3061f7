"""Figures as small files: plotly's own exporter draws them in a browser without a window, and without the internet."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from spikedash.reproduction.pictures import Picture

PAPER = "#ffffff"  # a page in the dark would swallow dark letters on no ground
PATIENCE_S = 300.0  # for one picture, however busy the machine
MOST_BYTES = 100_000  # a heavier drawing is kept as pixels
SCALES = (1.5, 1.0, 0.75)  # pixels a px: as many, for fine screens, as the file may be heavy


class NoBrowser(Exception):
    """Figures cannot be drawn here; the message says what is missing."""


def render(pictures: Sequence[Picture], folder: Path) -> dict[str, str]:
    """Write every picture as SVG, or in pixels where that would be heavy; file names by the pictures' names.

    Raises:
        NoBrowser: the exporter (kaleido, one of the packages for developing) or a Chromium is not installed, or fails.
    """
    try:
        from kaleido.errors import BrowserClosedError, BrowserFailedError, ChromeNotFoundError, JavascriptError, KaleidoError
    except ImportError:
        raise NoBrowser("the package kaleido is not installed; requirements-dev.txt has it") from None
    try:
        with ThreadPoolExecutor(1) as aside:  # the caller's thread may run a loop of its own, as a notebook's does
            drawn = aside.submit(lambda: asyncio.run(_draw(pictures))).result()
    except ChromeNotFoundError:
        raise NoBrowser("no Chromium or Chrome was found; the variable BROWSER_PATH may name one") from None
    except (BrowserClosedError, BrowserFailedError, JavascriptError, KaleidoError, TimeoutError) as error:
        raise NoBrowser(f"the browser failed ({type(error).__name__}); --tables draws them again without a run") from error
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for picture, (ending, content) in zip(pictures, drawn, strict=True):
        files[picture.name] = f"{picture.name}.{ending}"
        (folder / files[picture.name]).write_bytes(content)
    return files


async def _draw(pictures: Sequence[Picture]) -> list[tuple[str, bytes]]:
    """Ending and content of every picture, all from one browser; it asks nothing of the internet."""
    from kaleido import Kaleido

    drawn = []
    async with Kaleido(mathjax=False, timeout=PATIENCE_S) as exporter:
        for picture in pictures:
            layout = {**picture.figure["layout"], "paper_bgcolor": PAPER}
            size = {"width": picture.width, "height": picture.height}
            figure = {"data": picture.figure["data"], "layout": layout}
            ending, content = "svg", await exporter.calc_fig(figure, {"format": "svg", **size})
            for scale in SCALES:
                if len(content) > MOST_BYTES:
                    ending, content = "webp", await exporter.calc_fig(figure, {"format": "webp", "scale": scale, **size})
            drawn.append((ending, _same_again(content) if ending == "svg" else content))
    return drawn


def _same_again(svg: bytes) -> bytes:
    """The drawing with counted names where Plotly's are random: equal figures are equal files."""
    for count, random in enumerate(dict.fromkeys(re.findall(rb"\b(?:defs-|trace)([0-9a-f]{6})\b", svg))):
        svg = re.sub(rb"(?<=[a-z-])" + random, b"%06d" % count, svg)
    return svg
