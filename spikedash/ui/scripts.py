"""Less script than Dash would have a browser load and run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask, Response

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

    @server.get(PLOTLY)
    def plotly() -> Response:
        answer = Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})
        answer.add_etag()
        return answer
