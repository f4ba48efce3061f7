"""Who asks: a random identity in a signed cookie, or the name that a trusted proxy gives.

Nobody registers. A browser that comes without a valid cookie is somebody new; what it then makes belongs to that cookie. The
cookie holds nothing but a random id, and it is named after the store's key, so that two servers on one machine (cookies know no
ports) do not take each other's away.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import Flask, g, has_request_context, request, session

from spikedash.jobs.owners import EVERYBODY

#: As long as browsers keep a cookie at most; every visit begins it anew.
REMEMBERED = timedelta(days=400)


def person() -> str:
    """Who makes the present request; EVERYBODY outside of one, and where all are one person."""
    return str(g.get("person", EVERYBODY)) if has_request_context() else EVERYBODY


def named(user: str) -> str:
    """The identity of a user whom the proxy names; the name itself is not stored."""
    return "user-" + hashlib.sha256(user.encode()).hexdigest()[:32]


def attach(server: Flask, key: bytes, *, one: bool = False, https: bool = False) -> None:
    """Give every request its person; to be attached after whatever may refuse the request.

    Args:
        key: the store's secret; whoever knows it can be anybody.
        one: all browsers are one person, who is EVERYBODY.
        https: the page is only reached by https, so the cookie is sent by nothing else.
    """
    server.secret_key = key
    server.config.update(
        SESSION_COOKIE_NAME=f"spikedash-{hashlib.sha256(b'cookie' + key).hexdigest()[:8]}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        SESSION_REFRESH_EACH_REQUEST=False,  # a page polls twice a second
        PERMANENT_SESSION_LIFETIME=REMEMBERED,
    )

    @server.before_request
    def identify() -> None:
        if one:
            return
        user = g.get("user")
        if user:
            g.person = named(user)
            return
        known = session.get("person")
        fresh = not isinstance(known, str) or not known
        if fresh:
            known = session["person"] = secrets.token_urlsafe(16)
        if fresh or request.headers.get("Sec-Fetch-Mode") == "navigate":
            session.permanent = session.modified = True
        g.person = known
