"""Numbers as a person reads them."""

from __future__ import annotations

import math


def decimals(value: float | None, digits: int) -> str:
    """A number with fixed decimals and a real minus sign, or a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}".replace("-", "−")


def clock(seconds: float) -> str:
    """A span of time for a display that is read at a glance."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)}:{int(seconds % 60):02d} min"
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d} h"


def span(seconds: float) -> str:
    """A rough span of time, for estimates."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def about(seconds: float) -> str:
    """The same, told as a guess."""
    return span(seconds) if seconds < 1 else f"≈ {span(seconds)}"


def size(count: float) -> str:
    """A number of bytes."""
    return f"{max(count / 2**20, 1):.0f} MB" if count < 2**30 else f"{count / 2**30:.1f} GB"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def ago(seconds: float) -> str:
    """How long since something happened."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h ago"
    days = int(seconds // 86400)
    return f"{days} day{'' if days == 1 else 's'} ago"


def within(label: str) -> str:
    """A label in the middle of a sentence; one that begins with a symbol stays as it is."""
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def beginning(label: str) -> str:
    """The same at the beginning of one."""
    return label[0].upper() + label[1:] if label[1:2].islower() else label


def band(expected: str) -> str:
    """A band of numbers with real minus signs, and π where it ends there."""
    return expected.replace("-", "−").replace(f"{math.pi:g}", "π")
