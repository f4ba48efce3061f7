"""Wires the store and the page together; `python app.py` serves them."""

from __future__ import annotations

import atexit
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any, NamedTuple

from dash import Dash
from flask import Flask
from gunicorn.app.base import BaseApplication

from spikedash.jobs import logs, supervisor
from spikedash.jobs.catalogue import Catalogue
from spikedash.jobs.health import health
from spikedash.jobs.limits import limits, most_running, whole_number
from spikedash.jobs.owners import MOST_WAITING_EACH
from spikedash.jobs.parent import die_with
from spikedash.jobs.store import Store, StoreError
from spikedash.params import InputError
from spikedash.ui import (
    cache,
    controls,
    crowd,
    downloads,
    gallery,
    learn,
    page,
    people,
    probe,
    probe_answer,
    recent,
    run,
    run_head,
    run_stream,
    runs,
    scripts,
    site,
    stream,
    sweep,
    sweep_stream,
    sweeps,
)
from spikedash.ui.demo import Demo
from spikedash.web import guard, headers, secret
from spikedash.web.rules import Rules, from_environment, ready

ROOT = Path(__file__).resolve().parent
#: A client that sends half a request and then nothing holds a thread no longer than this.
SILENCE_S = 10


class Settings(NamedTuple):
    """Where the server listens and keeps its runs, and who may come."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8050
    rules: Rules = Rules()
    most_waiting: int = MOST_WAITING_EACH  # runs of one person


def settings() -> Settings:
    """The environment: SPIKEDASH_DATA, SPIKEDASH_HOST, PORT, SPIKEDASH_MOST_WAITING, _MOST_RUNNING, and those of web/rules.py.

    Raises:
        InputError: one of them makes no sense, or strangers could come in.
    """
    port = os.environ.get("PORT") or "8050"
    if not port.isdecimal() or int(port) > 65535:
        raise InputError(f"PORT is {port!r}; it must be a whole number from 0 to 65535.")
    most_waiting = whole_number("SPIKEDASH_MOST_WAITING", MOST_WAITING_EACH, "how many runs of one person may wait")
    most_running()  # the supervisor's
    host = os.environ.get("SPIKEDASH_HOST") or "127.0.0.1"
    return Settings(
        data=Path(os.environ.get("SPIKEDASH_DATA") or ROOT / "data"),
        host=host,
        port=int(port),
        rules=from_environment(os.environ, host),
        most_waiting=most_waiting,
    )


def create_app(given: Settings) -> Dash:
    """The page on a store; runs wait in the queue until a supervisor serves the same folder."""
    everything = Store(given.data)
    rules = ready(given.rules, given.data)
    # What the pages get is the store as the person sees it who asks, so that no page can forget to look whose a run is.
    store = everything if rules.one else Store(given.data, people.person, given.most_waiting)
    catalogue, whose = Catalogue(store), store.me
    app = scripts.Page(
        "spikedash",
        title=site.NAME,
        update_title="",
        assets_folder=str(ROOT / "assets"),
        assets_ignore=r"theme\.js|plotly-.*|regenerator-.*",  # each is loaded where it belongs
        index_string=site.INDEX,
        suppress_callback_exceptions=True,  # the pages come one by one, their callbacks together
        compress=True,
        serve_locally=True,
        enable_mcp=False,
    )
    app.layout = site.layout()
    server: Flask = app.server
    guard.attach(server, rules)
    scripts.attach(server, ROOT / "assets" / "vendor")
    people.attach(server, secret.key(given.data), one=rules.one, https=rules.https)
    kept = cache.attach(server, str(given.data / "cache"))
    page.register(app, store, kept)
    sweep.register(app, store)
    sweeps.register(app, store)
    sweep_stream.register(server, store)
    gallery.register(app, server, store)

    def have() -> int:
        return len(catalogue.page(whose(), limit=recent.SHOWN))

    pages = {
        "": site.Page(lambda rest: not rest, lambda _: site.Shown("", page.layout(have()))),
        "runs": site.Page(
            lambda rest: not rest or run.exists(store, rest), lambda rest: run.page(store, rest) if rest else runs.page()
        ),
        "learn": site.Page(learn.exists, lambda rest: learn.shown(everything, rest, have())),
        "experiments": site.Page(lambda rest: not rest, lambda _: gallery.page(store)),
        "sweeps": site.Page(
            lambda rest: not rest or sweep.exists(store, rest),
            lambda rest: sweep.page(store, rest) if rest else sweeps.page(store),
        ),
    }
    run.register(app, store)
    probe.register(app)
    probe_answer.register(server, store, kept, whose)
    run_head.register(app, catalogue, whose)
    runs.register(app, catalogue, whose)
    run_stream.register(server, store, catalogue, whose)
    downloads.register(server, store, catalogue, whose)
    site.register(app, server, pages)
    start = controls.preset_params(controls.PLAYGROUND)
    demo = Demo(everything, start)
    stream.register(server, store, kept, demo, start)
    crowd.attach(server, crowd.Crowd())
    demo.run()

    @server.get("/healthz")
    def healthz() -> tuple[dict[str, Any], int]:
        wrong, numbers = health(store)
        told = {"reasons": wrong, **numbers} if guard.let_in() else {}
        return {"status": "unwell" if wrong else "ok", **told}, 503 if wrong else 200

    @server.errorhandler(StoreError)
    def unavailable(error: StoreError) -> tuple[dict[str, str], int]:
        return {"error": str(error)}, 503

    headers.attach(server, app.csp_hashes())  # last, when all callbacks are there
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
            "control_socket_disable": True,  # it would be one more way in
            # Left alone it would end its connections politely first, and hold the port while it does.
            "post_fork": lambda arbiter, worker: die_with(arbiter.pid),
            "post_worker_init": lambda worker: print(f"SpikeDash is on {self._url} (Ctrl-C to stop)", flush=True),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return server()


def link(host: str, port: int, rules: Rules) -> str:
    """The address to open on this machine; with the token where it was made here."""
    everywhere = ("0.0.0.0", "::", "")  # noqa: S104 -- compared with, not listened on
    shown = "127.0.0.1" if host in everywhere else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}" + (f"/?token={rules.token}" if rules.made else "")


def main() -> int:
    """Serve until stopped; 2 where address or folder cannot be had."""
    try:
        given = settings()
        limits()
        Store(given.data)
        rules = ready(given.rules, given.data)
        secret.key(given.data)
    except (InputError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    listener = socket.socket(socket.AF_INET6 if ":" in given.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it; gunicorn's threads read without a limit of their own.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENCE_S, 0))
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
    Serve(listener, link(given.host, listener.getsockname()[1], rules)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
