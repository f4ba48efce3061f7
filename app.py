"""Wires the store and the page together; `python app.py` serves them."""

from __future__ import annotations

import atexit
import os
import socket
import sys
from pathlib import Path
from typing import Any, NamedTuple

from dash import Dash
from flask import Flask, Response
from gunicorn.app.base import BaseApplication

from spikedash.jobs import logs, supervisor
from spikedash.jobs.health import health
from spikedash.jobs.limits import limits
from spikedash.jobs.parent import die_with
from spikedash.jobs.store import Store, StoreError
from spikedash.params import InputError
from spikedash.ui import cache, controls, gallery, page, run, site, stream, sweep, sweep_stream, sweeps
from spikedash.ui.demo import Demo

ROOT = Path(__file__).resolve().parent


class Settings(NamedTuple):
    """Where the server listens and keeps its runs."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8050


def settings() -> Settings:
    """The environment: SPIKEDASH_DATA, SPIKEDASH_HOST and PORT.

    Raises:
        InputError: PORT is no port.
    """
    port = os.environ.get("PORT") or "8050"
    if not port.isdecimal() or int(port) > 65535:
        raise InputError(f"PORT is {port!r}; it must be a whole number from 0 to 65535.")
    return Settings(
        data=Path(os.environ.get("SPIKEDASH_DATA") or ROOT / "data"),
        host=os.environ.get("SPIKEDASH_HOST") or "127.0.0.1",
        port=int(port),
    )


def create_app(given: Settings) -> Dash:
    """The page on a store; runs wait in the queue until a supervisor serves the same folder."""
    store = Store(given.data)
    app = Dash(
        "spikedash",
        title=site.NAME,
        update_title="",
        assets_folder=str(ROOT / "assets"),
        assets_ignore=r"theme\.js",  # the head loads it, before everything else
        index_string=site.INDEX,
        suppress_callback_exceptions=True,  # the pages come one by one, their callbacks together
        compress=True,
        serve_locally=True,
        enable_mcp=False,
    )
    app.layout = site.layout()
    server: Flask = app.server
    kept = cache.attach(server, str(given.data / "cache"))
    page.register(app, store, kept)
    sweep.register(app, store)
    sweeps.register(app, store)
    sweep_stream.register(server, store)
    gallery.register(app, server, store)
    pages = {
        "": site.Page(lambda rest: not rest, lambda _: site.Shown("", page.layout())),
        "runs": site.Page(lambda rest: run.exists(store, rest), lambda rest: run.page(store, rest)),
        "experiments": site.Page(lambda rest: not rest, lambda _: gallery.page(store)),
        "sweeps": site.Page(
            lambda rest: not rest or sweep.exists(store, rest),
            lambda rest: sweep.page(store, rest) if rest else sweeps.page(store),
        ),
    }
    run.register(app, store)
    site.register(app, server, pages)
    start = controls.preset_params(controls.PLAYGROUND)
    demo = Demo(store, start)
    stream.register(server, store, kept, demo, start)
    demo.run()

    @server.get("/healthz")
    def healthz() -> tuple[dict[str, Any], int]:
        wrong, numbers = health(store)
        return {"status": "unwell" if wrong else "ok", "reasons": wrong, **numbers}, 503 if wrong else 200

    @server.errorhandler(StoreError)
    def unavailable(error: StoreError) -> tuple[dict[str, str], int]:
        return {"error": str(error)}, 503

    @server.after_request
    def guard(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response

    return app


def server() -> Flask:
    """The WSGI application with its supervisor, for gunicorn: `gunicorn --worker-class gthread --threads 8 "app:server()"`."""
    logs.to_stderr()
    given = settings()
    served: Flask = create_app(given).server
    atexit.register(supervisor.start(given.data).stop)
    return served


class Serve(BaseApplication):
    """One process with eight threads on a socket that is already bound."""

    def __init__(self, listener: socket.socket, url: str) -> None:
        self._listener = listener
        self._url = url
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"fd://{self._listener.fileno()}",
            "workers": 1,
            "threads": 8,
            "worker_class": "gthread",
            "loglevel": "error",
            "timeout": 120,
            "graceful_timeout": 10,
            # Left alone it would end its connections politely first, and hold the port while it does.
            "post_fork": lambda arbiter, worker: die_with(arbiter.pid),
            "post_worker_init": lambda worker: print(f"SpikeDash is on {self._url} (Ctrl-C to stop)", flush=True),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return server()


def main() -> int:
    """Serve until stopped; 2 where address or folder cannot be had."""
    try:
        given = settings()
        limits()
        Store(given.data)
    except (InputError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    listener = socket.socket(socket.AF_INET6 if ":" in given.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((given.host, given.port))
        listener.listen(2048)
    except OSError as error:
        reason = error.strerror or str(error)
        print(
            f"Cannot serve on {given.host}, port {given.port}: {reason}. Choose another port: PORT=8051 python app.py",
            file=sys.stderr,
        )
        return 2
    listener.set_inheritable(True)
    Serve(listener, f"http://{given.host}:{listener.getsockname()[1]}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
