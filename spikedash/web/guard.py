"""Lets in who may come: this machine, whoever shows the token, or whom a trusted proxy names."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, request, session

from spikedash.web.foreign import objection
from spikedash.web.rules import Rules, address, loopback

#: Callbacks carry settings and drawn curves; files have a route and a limit of their own.
MOST_BYTES = 4 * 2**20
#: Endpoint -> what its requests may hold at most is for the route itself to check.
OWN_LIMIT = ("upload",)
#: Answered without a token: whether the server is well, and no more than that.
OPEN_PATHS = ("/healthz",)
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
ASK = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>SpikeDash</title>
<style>
  :root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
  body {{ min-height: 100vh; margin: 0; display: grid; place-items: center }}
  main {{ width: min(26rem, 90vw) }}
  h1 {{ font-size: 1.4rem }}
  input, button {{ font: inherit; padding: .5rem .75rem; margin: 0; box-sizing: border-box }}
  input {{ width: 100%; margin: .25rem 0 .75rem; border: 1px solid #868e96; border-radius: .5rem }}
  button {{ background: #087f5b; color: #fff; border: 0; border-radius: .5rem }}
</style></head>
<body><main><h1>SpikeDash</h1><p>{said}</p>
<form action="/"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" required autofocus>
<button type="submit">Enter</button></form></main></body></html>
"""
WELCOME = "Open the link that was printed when the server was started, or enter its token."
WRONG = "That is not this server's token. Open the link that was printed when it was started."


def attach(server: Flask, rules: Rules) -> None:
    """Check every request before anything else looks at it; g.user is set where a proxy names one."""

    @server.before_request
    def check() -> Response | None:
        if why := objection(request, rules):
            return _refused(why)
        size = request.content_length or 0
        if size > MOST_BYTES and request.endpoint not in OWN_LIMIT:
            return _refused(f"A request may hold {MOST_BYTES // 2**20} MB, and this one has {size / 2**20:,.0f} MB.", 413)
        refused = _admit(rules)
        g.let_in = refused is None
        return None if request.path in OPEN_PATHS else refused

    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES  # also where no length is given


def let_in() -> bool:
    """Whether whoever sent the present request may see more than the open paths."""
    return bool(g.get("let_in"))


def _admit(rules: Rules) -> Response | None:
    """None for whom is let in."""
    came_from = address(request.remote_addr or "")
    if rules.user_header:
        trusted = came_from is not None and any(came_from in network for network in rules.proxies)
        if trusted and (user := request.headers.get(rules.user_header, "").strip()):
            g.user = user
            return None
        if not rules.token:
            return _refused("Come through the proxy, which knows you; this server is not for coming directly.")
    if rules.token:
        return _by_token(rules.token)
    if rules.everybody:
        return None
    if came_from is None or not came_from.is_loopback or not loopback(rules.host):
        return _refused("Without a token this server answers only the machine that it runs on.")
    if any(name in request.headers for name in FORWARDED):
        return _refused("This request came through a proxy; set SPIKEDASH_TOKEN or SPIKEDASH_USER_HEADER before others may come.")
    return None


def _by_token(token: str) -> Response | None:
    """As Jupyter does: a link with the token leaves a cookie and an address without it."""
    shown = request.args.get("token")
    if shown is not None and request.method == "GET":
        if not _same(shown, token):
            return _ask(WRONG)
        session["let_in"] = _mark(token)
        session.permanent = True
        rest = urlencode([pair for pair in request.args.items(multi=True) if pair[0] != "token"])
        answer = redirect("/" + request.path.lstrip("/\\") + (f"?{rest}" if rest else ""), 303)
        answer.headers["Cache-Control"] = "no-store"
        return answer  # type: ignore[return-value]  # werkzeug's own response, which Flask takes as well
    if _same(str(session.get("let_in", "")), _mark(token)):
        return None
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and _same(bearer.strip(), token):
        return None
    return _ask(WELCOME)


def _mark(token: str) -> str:
    """What the cookie says of a token, so that another token lets nobody in who knew the last."""
    return hashlib.sha256(b"let in by " + token.encode()).hexdigest()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _ask(said: str) -> Response:
    if request.accept_mimetypes.quality("text/html") and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        return Response(ASK.format(said=said), 401, {"Cache-Control": "no-store"}, mimetype="text/html")
    return _refused(said, 401)


def _refused(why: str, status: int = 403) -> Response:
    return Response(why + "\n", status, {"Cache-Control": "no-store"}, mimetype="text/plain")
