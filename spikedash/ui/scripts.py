"""Less script than Dash would have a browser load and run."""

from __future__ import annotations

import functools
import gzip
import re
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask, Response, request

from spikedash.ui.packed import answer

#: Where Dash's graphs ask for all of Plotly, maps and solids included: three times the bytes of what draws lines and heatmaps.
PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"
DRAWS = "plotly-cartesian.min.js"
POLYFILLS = re.compile(r'(<script src=")[^"]*/polyfill@[^"]*("></script>)')
#: All that Dash's own scripts need of them in a browser that can show these pages.
NEEDED = "/assets/vendor/regenerator-runtime.js"


class Page(Dash):
    """Dash without what mends browsers too old to show these pages; Plotly is on its way before a graph asks."""

    def interpolate_index(self, **parts: Any) -> str:
        parts["scripts"] = POLYFILLS.sub(rf"\g<1>{NEEDED}\g<2>", parts["scripts"])
        parts["metas"] += f'\n    <link rel="prefetch" href="{PLOTLY}">'
        return str(super().interpolate_index(**parts))


def attach(server: Flask, vendor: Path) -> None:
    """Hand out the smaller Plotly, of the version that the package has, in the place of the whole one."""
    script = (vendor / DRAWS).read_bytes()

    @functools.cache
    def packed() -> bytes:
        """Once for all who ask: it takes a sixth of a second."""
        return gzip.compress(script, 9)

    @server.get(PLOTLY)
    def plotly() -> Response:
        sent = answer(packed(), "text/javascript", {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"})
        sent.add_etag()
        sent.make_conditional(request)
        return sent
