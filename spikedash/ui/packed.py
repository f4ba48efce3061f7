"""Answers that were packed once for all who ask."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

from flask import Response, request

NOT_KEPT = {"Cache-Control": "no-store"}


def answer(body: bytes, mimetype: str = "application/json", headers: Mapping[str, str] = NOT_KEPT) -> Response:
    """A gzipped body. Every browser takes gzip; whoever does not ask for it gets plain text."""
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return Response(body, mimetype=mimetype, headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(body), mimetype=mimetype, headers=headers)
