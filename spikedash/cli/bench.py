"""bench: print the measured rows as a table and as JSON."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def bench(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Measure everything once."""
    if args.profile or args.prices:
        from spikedash.bench import prices, profile

        print((profile if args.profile else prices).report(), file=sys.stderr)
        return {"rows": []}, 0
    from spikedash.bench.rows import rows

    measured = []
    for row in rows():
        measured.append(row._asdict())
        if not args.json:
            compared = f"{row.ratio:7.1f} times faster than {row.against}"
            if row.against == "limit":
                compared = f"{100 * row.ratio:7.0f} % of the limit's speed"
            print(f"{row.job:58s} {row.seconds:10.3g} s   {compared}", file=sys.stderr)
    return {"rows": measured}, 0
