"""Who is let in: this machine, whoever shows the token, or whom a trusted proxy names."""

from __future__ import annotations

import json
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from spikedash.ui import people
from spikedash.web import guard, headers
from spikedash.web.rules import Rules

KEY = b"k" * 32
TOKEN = "0123456789abcdef-token"


def served(rules: Rules, key: bytes = KEY, **given: Any) -> Flask:
    """A server that tells everybody who they are."""
    server = Flask("test")
    guard.attach(server, rules)
    people.attach(server, key, **given)
    server.add_url_rule("/", "index", lambda: people.person())
    server.add_url_rule("/healthz", "healthz", lambda: "ok")
    server.add_url_rule("/upload", "upload", lambda: str(len(request.get_data())), methods=["POST"])
    server.add_url_rule("/say", "say", lambda: str(len(request.get_data())), methods=["POST"])
    headers.attach(server, ["'sha256-x'"])
    return server


def cookie(answer: Any) -> str:
    (found,) = answer.headers.getlist("Set-Cookie")
    return str(found)


def test_a_browser_keeps_its_identity_and_another_has_its_own() -> None:
    server = served(Rules())
    ada, bob = server.test_client(), server.test_client()
    hers = ada.get("/").text
    assert len(hers) == 22  # 128 bits
    assert ada.get("/").text == hers
    assert bob.get("/").text not in ("", hers)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    said = cookie(served(Rules()).test_client().get("/"))
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said
    assert "Secure" not in said
    assert "Expires" in said
    assert "Secure" in cookie(served(Rules(), https=True).test_client().get("/"))


def test_a_poll_sets_no_cookie_and_a_visit_prolongs_it() -> None:
    client = served(Rules()).test_client()
    client.get("/")
    assert "Set-Cookie" not in client.get("/").headers
    assert "Set-Cookie" in client.get("/", headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}).headers


def signed(key: bytes, person: str) -> str:
    """A cookie as Flask makes it, by whoever has this key."""
    forger = Flask("forger")
    forger.secret_key = key
    serializer = SecureCookieSessionInterface().get_signing_serializer(forger)
    assert serializer is not None
    return str(serializer.dumps({"person": person}))


@pytest.mark.parametrize("key", [b"k" * 31 + b"x", b"guess"])
def test_a_cookie_that_somebody_made_up_is_somebody_new(key: bytes) -> None:
    server = served(Rules())
    victim = server.test_client().get("/").text
    mallory = server.test_client()
    mallory.set_cookie(server.config["SESSION_COOKIE_NAME"], signed(key, victim))
    assert mallory.get("/").text not in ("", victim)


def test_the_same_cookie_signed_by_the_key_is_believed() -> None:
    """So that the forgeries above fail for their signature and nothing else."""
    server = served(Rules())
    client = server.test_client()
    client.set_cookie(server.config["SESSION_COOKIE_NAME"], signed(KEY, "somebody"))
    assert client.get("/").text == "somebody"


def test_two_servers_on_one_machine_leave_each_others_cookies_alone() -> None:
    names = {served(Rules(), key).config["SESSION_COOKIE_NAME"] for key in (b"a" * 32, b"b" * 32)}
    assert len(names) == 2


def test_one_person_is_everybody() -> None:
    assert served(Rules(one=True), one=True).test_client().get("/").text == people.EVERYBODY


def test_without_a_token_only_this_machine_is_answered() -> None:
    client = served(Rules()).test_client()
    assert client.get("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200
    assert client.get("/", environ_base={"REMOTE_ADDR": "::ffff:127.0.0.1"}).status_code == 200
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert client.get("/", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
    assert served(Rules(everybody=True)).test_client().get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_the_link_leaves_a_cookie_and_an_address_without_the_token() -> None:
    client = served(Rules(token=TOKEN)).test_client()
    assert client.get("/").status_code == 401
    assert client.get("/healthz").status_code == 200
    answer = client.get(f"/?a=1&token={TOKEN}&b=2")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/?a=1&b=2"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("wrong", ["", "x", TOKEN[:-1], TOKEN + "x", "é" * 22])
def test_a_wrong_token_is_asked_for_again(wrong: str) -> None:
    client = served(Rules(token=TOKEN)).test_client()
    answer = client.get("/", query_string={"token": wrong})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert TOKEN not in answer.text
    assert client.get("/", headers={"Authorization": f"Bearer {wrong}".encode().decode("latin-1")}).status_code == 401


def test_a_script_shows_the_token_in_a_header() -> None:
    client = served(Rules(token=TOKEN)).test_client()
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/", headers={"Authorization": f"Basic {TOKEN}"}).status_code == 401


def test_another_token_ends_what_the_last_one_began() -> None:
    old = served(Rules(token=TOKEN))
    client = old.test_client()
    said = cookie(client.get(f"/?token={TOKEN}")).split(";")[0].partition("=")
    new = served(Rules(token=TOKEN + "2")).test_client()
    new.set_cookie(said[0], said[2])
    assert new.get("/").status_code == 401


def test_the_link_leads_nowhere_else() -> None:
    client = served(Rules(token=TOKEN)).test_client()
    answer = client.get("//evil.example/x", query_string={"token": TOKEN}, base_url="http://localhost")
    assert answer.headers.get("Location", "/").startswith("/")
    assert not answer.headers.get("Location", "/").startswith("//")


def test_no_route_is_reached_without_the_token() -> None:
    client = served(Rules(token=TOKEN)).test_client()
    for path in ("/", "/say", "/upload", "/static/x", "/nothing"):
        assert client.get(path).status_code == 401
        assert client.post(path, data=b"x").status_code == 401


PROXY = Rules(user_header="X-Remote-User", proxies=(ip_network("10.0.0.0/24"),))
FROM_PROXY, FROM_ELSEWHERE = {"REMOTE_ADDR": "10.0.0.9"}, {"REMOTE_ADDR": "10.0.1.9"}


def test_a_trusted_proxy_says_who_asks() -> None:
    client = served(PROXY).test_client()
    ada = client.get("/", headers={"X-Remote-User": "ada"}, environ_base=FROM_PROXY).text
    assert ada.startswith("user-")
    assert "ada" not in ada
    assert served(PROXY, b"z" * 32).test_client().get("/", headers={"X-Remote-User": "ada"}, environ_base=FROM_PROXY).text == ada
    assert client.get("/", headers={"X-Remote-User": "bob"}, environ_base=FROM_PROXY).text not in ("", ada)


def test_nobody_else_says_who_asks() -> None:
    client = served(PROXY).test_client()
    assert client.get("/", headers={"X-Remote-User": "ada"}, environ_base=FROM_ELSEWHERE).status_code == 403
    assert client.get("/", headers={"X-Remote-User": "ada"}).status_code == 403
    assert client.get("/", environ_base=FROM_PROXY).status_code == 403
    both = served(PROXY._replace(token=TOKEN)).test_client()
    assert both.get("/", headers={"X-Remote-User": "ada"}, environ_base=FROM_ELSEWHERE).status_code == 401


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    client = served(Rules()).test_client()
    assert client.post("/say", data=b"x" * 1000).text == "1000"
    large = client.post("/say", data=b"x", environ_overrides={"CONTENT_LENGTH": str(guard.MOST_BYTES + 1)})
    assert large.status_code == 413
    assert "MB" in large.text


def test_every_answer_tells_the_browser_what_to_refuse() -> None:
    for rules, path in ((Rules(), "/"), (Rules(token=TOKEN), "/"), (Rules(), "/nothing")):
        got = served(rules).test_client().get(path).headers
        assert got["X-Content-Type-Options"] == "nosniff"
        assert got["Referrer-Policy"] == "no-referrer"
        policy = dict(part.strip().split(" ", 1) for part in got["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self' 'sha256-x'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["connect-src"] == "'self'"
        assert "camera=()" in got["Permissions-Policy"]


def test_a_cookie_holds_no_more_than_an_identity() -> None:
    server = served(Rules(token=TOKEN))
    client = server.test_client()
    client.get(f"/?token={TOKEN}")
    client.get("/")
    with client.session_transaction() as session:
        assert set(session) <= {"person", "let_in", "_permanent"}
        assert TOKEN not in json.dumps(dict(session))
