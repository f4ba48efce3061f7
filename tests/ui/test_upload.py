"""The upload route without a browser: what it takes, what it refuses, and what it leaves behind."""

from __future__ import annotations

import io
import tempfile
import threading

import numpy as np
import pytest
from dash import Dash, dcc, html

from spikedash import readers
from spikedash.jobs.store import Store
from spikedash.readers import content
from spikedash.ui import receive, upload

GOOD = b"time_ms,a,b\n0,1,4\n100,2,5\n200,3,6\n"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def app(store):
    app = Dash("spikedash")
    app.layout = html.Div([upload.layout(), dcc.Store(id="recording")])
    upload.register(app, store)
    return app


@pytest.fixture
def send(app, tmp_path, monkeypatch):
    """Posts a body; whatever happens, no temporary file may be left."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    def post(body=GOOD, name="rates.csv", choices=None, **more):
        query = {"name": name} | ({} if choices is None else {"choices": choices})
        return app.server.test_client().post("/upload", query_string=query, data=body, **more)

    yield post
    assert list(scratch.iterdir()) == []


def kept(store):
    return [path.name for path in (store.folder / "recordings").glob("*")]


class Unread(io.RawIOBase):
    def readinto(self, buffer):
        raise AssertionError("the body was read")


def test_a_file_is_understood_and_kept(send, store):
    answer = send().json
    assert (answer["name"], answer["describe"]["units"], answer["describe"]["duration_ms"]) == ("rates.csv", 2, 200.0)
    assert answer["describe"]["mean_hz"] == pytest.approx(3.5)
    assert answer["notes"]
    np.testing.assert_array_equal(store.recording(answer["id"]).rate_hz, [[1, 4], [2, 5], [3, 6]])


def test_a_file_is_read_as_chosen_and_the_choices_are_kept(send, store):
    answer = send(choices='{"min_hz": "4", "to_s": 0.1}').json
    assert (answer["describe"]["units"], answer["menu"]["units"], answer["describe"]["duration_ms"]) == (1, 2, 100.0)
    assert answer["choices"] == {"holds": "rates", "unit": "ms", "min_hz": "4", "to_s": "0.1"}
    assert dict(store.recording(answer["id"]).choices) == answer["choices"]


@pytest.mark.parametrize("choices", ["", "[]", "nonsense", '{"min_hz": [1]}', "{" * 4000, '"' + "x" * 10_000 + '"'])
def test_choices_that_are_none_are_refused_before_the_body_is_read(send, store, choices):
    answer = send(choices=choices, environ_overrides={"wsgi.input": Unread()})
    assert answer.status_code == 400
    assert "no JSON object of words and numbers" in answer.json["error"]
    assert kept(store) == []


def test_a_choice_that_cannot_be_is_one_sentence(send):
    assert send(choices='{"unit": "fortnights"}').json["error"] == (
        "rates.csv: unit is fortnights; it must be one of s, ms, us, samples."
    )


def test_the_recorded_rates_are_understood(send, store, recorded_data):
    file = recorded_data / "alm_lick_left_227.csv"
    table = np.genfromtxt(file, delimiter=",", skip_header=1)
    answer = send(file.read_bytes(), file.name).json
    assert (answer["describe"]["units"], answer["describe"]["duration_ms"]) == (227, 2000.0)
    assert answer["describe"]["mean_hz"] == pytest.approx(table[:, 1:].mean())
    np.testing.assert_array_equal(store.recording(answer["id"]).rate_hz, table[:, 1:])


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("words.csv", b"time_ms,a\n0,1\n10,two\n20,3\n", "two"),
        ("ragged.csv", b"time_ms,a,b\n0,1,2\n10,1\n20,1,2\n", "row"),
        ("report.pdf", b"%PDF-1.4", ".pdf"),
        ("fake.npz", b"not a zip at all", "ZIP"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(send, store, name, body, says):
    answer = send(body, name, environ_overrides={"CONTENT_LENGTH": str(len(body))})
    assert answer.status_code == 200
    assert list(answer.json) == ["error"]
    assert answer.json["error"].startswith(f"{name}: ")
    assert says in answer.json["error"]
    assert answer.json["error"].count(". ") == 0
    assert kept(store) == []


def test_a_large_file_is_refused_before_its_body_is_read(send, store):
    answer = send(None, environ_overrides={"CONTENT_LENGTH": str(200 * 2**20), "wsgi.input": Unread()})
    assert answer.status_code == 413
    assert "200 MB, above the limit of 64 MB" in answer.json["error"]
    assert kept(store) == []


def test_the_limit_itself_is_the_readers(send, tmp_path):
    file = tmp_path / "large.csv"
    with file.open("wb") as sparse:
        sparse.truncate(readers.MAX_BYTES + 1)
    with pytest.raises(content.Refused) as refused:
        content.kind_of(file, "large.csv")
    refusal = send(None, "large.csv", environ_overrides={"CONTENT_LENGTH": str(readers.MAX_BYTES + 1), "wsgi.input": Unread()})
    assert refusal.json["error"].replace("large.csv: ", "") in (str(refused.value), str(refused.value).replace("65 MB", "64 MB"))


def test_a_body_of_unknown_length_is_refused(send):
    answer = send(None, headers={"Transfer-Encoding": "chunked"}, environ_overrides={"wsgi.input": Unread()})
    assert answer.status_code == 411
    assert answer.json["error"].startswith("rates.csv: ")


def test_a_body_shorter_than_announced_is_not_stored(send, store):
    answer = send(None, environ_overrides={"CONTENT_LENGTH": "1000", "wsgi.input": io.BytesIO(GOOD)})
    assert answer.status_code == 400
    assert kept(store) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:8051"},
        {"Origin": "null"},
    ],
)
def test_other_sites_cannot_upload(send, store, headers):
    answer = send(headers=headers, environ_overrides={"wsgi.input": Unread()})
    assert answer.status_code == 403
    assert "from this page only" in answer.json["error"]
    assert kept(store) == []


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}])
def test_this_page_and_the_command_line_can_upload(send, headers):
    assert send(headers=headers).json["id"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../../etc/rates.csv", "rates.csv"),
        ("/etc/cron.d/rates.csv", "rates.csv"),
        ("C:\\Users\\me\\rates.csv", "rates.csv"),
        ("ra\x00te\ns.csv", "rate s.csv"),
        ("rates\u202evsc.csv", "ratesvsc.csv"),
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),  # shown as text, never as HTML
    ],
)
def test_a_name_is_only_shown_and_never_a_path(send, store, tmp_path, given, shown):
    before = {path for path in tmp_path.rglob("*") if store.folder not in path.parents}
    answer = send(name=given).json
    assert answer["name"] == shown
    assert kept(store) == [f"{answer['id']}.npz"]
    assert {path for path in tmp_path.rglob("*") if store.folder not in path.parents} == before


def test_a_name_without_end_is_shortened(send):
    answer = send(name="n" * 10_000 + ".csv").json
    assert len(answer.get("name") or answer["error"].partition(":")[0]) <= 60


def test_only_so_many_files_are_read_at_once(app, store, monkeypatch):
    monkeypatch.setattr(receive, "PATIENCE_S", 0.01)
    with app.server.test_request_context("/upload?name=rates.csv", method="POST", data=GOOD) as context:
        taken = threading.BoundedSemaphore(1)
        taken.acquire()
        with pytest.raises(receive.Refusal, match="try again in a minute") as busy:
            receive.receive(context.request, store, taken)
        assert busy.value.status == 503
        taken.release()
        assert receive.receive(context.request, store, taken)["id"]
    assert taken.acquire(blocking=False)


def test_the_browser_lets_through_what_the_reader_takes():
    assert set(upload.ENDINGS) == set(content._EXTENSIONS)


def test_the_picture_of_a_recording_is_served_by_its_id(app, send):
    client = app.server.test_client()
    key = send().json["id"]
    answer = client.get(f"/recording/{key}.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.data.startswith(b"<svg ")
    assert "immutable" in answer.headers["Cache-Control"]
    for unknown in ("0" * 64, "..", "x"):
        assert client.get(f"/recording/{unknown}.svg").status_code == 404


def test_guesses_are_marked_and_counts_written_out():
    facts = {
        "units": 1,
        "points": 3,
        "duration_ms": 1234.5,
        "bin_ms": 100.0,
        "mean_hz": 3.14159,
        "median_hz": 3,
        "max_hz": 6,
        "names": ["a"],
    }
    parts = upload.understood("0" * 64, {"describe": facts, "notes": ["Read as seconds, a guess from its size.", "All fine."]})
    text = str(html.Div(parts))
    assert "'1'" in text
    assert "'neuron'" in text
    assert "'3.14 Hz'" in text
    assert text.count("upload-guess") == 1
