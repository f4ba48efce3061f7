"""bench: print the measured rows as a table and as JSON."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def bench(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Measure everything once."""
    from spikedash.bench.rows import rows

    measured = []
    for row in rows():
        measured.append(row._asdict())
        if not args.json:
            print(f"{row.job:48s} {row.seconds:10.3g} s   {row.ratio:7.1f} times faster than {row.against}", file=sys.stderr)
    return {"rows": measured}, 0
