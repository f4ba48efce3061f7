"""Which requests come from this page, and which from another site that a browser was led to."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

from spikedash.web.rules import Rules, known_host

SAFE = ("GET", "HEAD", "OPTIONS")


def objection(request: Request, rules: Rules) -> str:
    """Why a request is not answered, in one sentence; "" where nothing speaks against it.

    The names of Host are checked against DNS rebinding. What another site's page sends is told by the headers that browsers set
    and pages cannot; a request without them comes from no browser, and so carries nobody's cookie unawares.
    """
    if not known_host(rules, _name(request.headers.get("Host", ""))):
        return "This server is not reached by that name; add it to SPIKEDASH_HOSTS if it should be."
    if not same_origin(request) and not _followed_link(request):
        return "This request comes from another site's page; open SpikeDash itself and do it there."
    return ""


def same_origin(request: Request) -> bool:
    """Whether the request comes from this page or from no page at all, never from another site's."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
        return False
    site = request.headers.get("Sec-Fetch-Site")
    return site is None or site == "same-origin" or (site == "none" and request.method in SAFE)


def _followed_link(request: Request) -> bool:
    """Somebody clicked a link on another site: a whole page in a window of its own, and nothing is changed by it."""
    headers = request.headers
    return (
        request.method in SAFE
        and headers.get("Origin") is None
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )


def _name(host: str) -> str:
    """The name in a Host header, without its port; "" where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
