"""What a browser loads to draw: no more than it needs, and of the version that the figures are written for."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from plotly.offline import get_plotlyjs, get_plotlyjs_version

import app
from spikedash.ui.scripts import DRAWS, NEEDED, PLOTLY


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return app.create_app(app.Settings(tmp_path_factory.mktemp("scripts"))).server.test_client()


def test_graphs_get_a_plotly_of_the_installed_version_at_a_third_of_the_bytes(client: Any) -> None:
    answer = client.get(PLOTLY, headers={"Accept-Encoding": "gzip"})
    script = gzip.decompress(answer.data)
    assert b"plotly.js (cartesian - minified) v" + get_plotlyjs_version().encode() in script[:200]
    assert len(script) < 0.35 * len(get_plotlyjs().encode())
    assert len(answer.data) < 0.4 * len(script)


def test_it_is_sent_once(client: Any) -> None:
    first = client.get(PLOTLY, headers={"Accept-Encoding": "gzip"})
    again = client.get(PLOTLY, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    plain = client.get(PLOTLY, headers={"If-None-Match": first.headers["ETag"]})
    assert plain.status_code == 200  # another form of it
    assert plain.data == gzip.decompress(first.data)


def test_pages_load_no_polyfill_and_only_graphs_ask_for_plotly(client: Any, project: Path) -> None:
    sent = client.get("/").text
    assert 0 < sent.index(NEEDED) < sent.index("react-dom@")
    assert sent.count(NEEDED) == 1
    assert "polyfill" not in sent
    with client.get(NEEDED) as script:
        assert b"regeneratorRuntime" in script.data
    assert f'<link rel="prefetch" href="{PLOTLY}">' in sent
    assert DRAWS not in sent
    for name in (DRAWS, NEEDED):
        licence = Path(name).name.replace(".min.js", ".js").replace(".js", ".LICENSE")
        assert (project / "assets" / "vendor" / licence).read_text().startswith("MIT License")
