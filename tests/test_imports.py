"""Imports point down: every room takes only what its row of the table allows; and nothing stored is ever unpickled."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

MODEL = {"engine", "params", "records"}
SCIENCE = {*MODEL, "clock", "network", "targets", "gain", "perturb", "cost", "prices", "analysis", "training"}
DASH = {"dash", "dash_mantine_components", "dash_ag_grid", "flask", "flask_caching", "diskcache"}
# Room -> (what of spikedash it may import, which packages). A dotted name opens that module only and adds to its room's row.
# The standard library is open to all, except OWNED, which a row must name.
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "engine": (set(), {"numpy", "numba", "llvmlite"}),
    "params": (set(), {"numpy", "pydantic"}),
    "records": (set(), {"numpy", "pydantic"}),
    "clock": ({"params", "records"}, set()),
    "network": (MODEL, {"numpy", "scipy", "h5py"}),
    "targets": (MODEL, {"numpy", "scipy", "h5py"}),
    # A few targets as a run will make them, for the page, which must not load the compiler.
    "preview": ({"params", "records", "clock", "network", "targets"}, {"numpy"}),
    "gain": ({*MODEL, "network"}, {"numpy", "scipy"}),
    "perturb": ({"params", "records"}, {"numpy"}),
    "prices": ({"records"}, {"numpy"}),
    "cost": ({"params", "network", "records", "clock", "prices"}, {"numpy"}),
    "readers": (MODEL, {"numpy", "scipy", "h5py", "subprocess"}),
    "training": (SCIENCE, {"numpy"}),
    "analysis": ({"params", "records"}, {"numpy", "scipy"}),
    "experiments": ({"params", "records", "analysis"}, {"numpy", "scipy"}),
    # What the command line and a worker both need to run an experiment: it trains, asks, measures and judges.
    "reproduction": ({*SCIENCE, "experiments"}, {"numpy"}),
    # The report's figures, from tables: nothing that a page or a worker loads.
    "reproduction.pictures": ({"figures"}, set()),
    "reproduction.scans": ({"figures"}, set()),
    "reproduction.render": (set(), {"kaleido"}),  # plotly's exporter, where it is installed
    "lessons": ({"params"}, set()),  # plain text and numbers
    "script": ({"params", "experiments"}, set()),  # the text of a run, for the page and for the command line's export
    "jobs": (
        {"params", "records", "clock", "cost", "prices"},
        {"numpy", "filelock", "psutil", "sqlite3", "subprocess", "dask", "distributed"},
    ),
    "jobs.prober": ({"training"}, set()),  # compiles the simulator before anybody asks
    "jobs.networks": ({"analysis", "training"}, set()),  # only the prober loads it: a trained network runs the trials it is asked
    "jobs.worker": ({"training", "reproduction"}, set()),
    "jobs.compute": ({"training", "experiments", "reproduction"}, set()),  # the cell of an experiment measures what that declares
    "jobs.insight": ({"analysis", "gain"}, set()),  # only the worker loads it: analyses that would hold up the page
    "jobs.deviation": ({"analysis", "training"}, set()),  # and asks the trained network once more
    # A run as files for other tools; h5py writes NWB, and pages load this only when somebody takes a run away.
    "exports": ({"params", "records", "jobs", "script"}, {"numpy", "h5py"}),
    "figures": ({"analysis", "records"}, {"numpy", "plotly"}),
    # Estimates and verdicts of an experiment are pure; its analyses are arrays that wait to be drawn.
    "ui": (
        {
            "figures",
            "jobs.store",
            "jobs.catalogue",
            "jobs.watch",
            "jobs.questions",
            "jobs.insight_cost",
            "exports",
            "experiments",
            "params",
            "readers",
            "cost",
            "prices",
            "preview",
            "script",
            "lessons",
            "analysis",
            "records",
        }
        | {"reproduction.judge", "reproduction.estimate"}
        # Whose a run is, and whether a request comes from this page.
        | {"jobs.owners", "web.foreign"},
        {"numpy", *DASH},
    ),
    # Who is let in, before any page: it knows requests and nothing of runs.
    "web": ({"params"}, {"flask"}),
    "ui.cache": (set(), {"sqlite3"}),  # what its library raises when the disk is full
    "bench": (SCIENCE | {"experiments"}, {"numpy", "scipy"}),
    "bench.profile": (set(), {"numba"}),
    "bench.peer": (set(), {"numba", "scipy", "threadpoolctl"}),
    "cli": ({"*"}, {"numpy", "tqdm"}),
    "__main__": ({"cli"}, set()),
    "__init__": ({"params", "training"}, set()),  # the library's front door, which opens lazily
    "app": (
        {
            "ui",
            "web",
            "params",
            *(f"jobs.{part}" for part in ("store", "catalogue", "supervisor", "health", "limits", "logs", "owners", "parent")),
        },
        {"flask_compress", "gunicorn", *DASH},
    ),
}
OWNED = {"sqlite3", "subprocess"}
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


def imports(file: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that a file imports, inside functions and by constant name too."""
    package = file.relative_to(root).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                source = (
                    ".".join([*package[: len(package) + 1 - level], *([module] if module else [])]) if level else module or ""
                )
                folder = root.joinpath(*source.split("."))
                for (
                    alias
                ) in names:  # `from spikedash.jobs import store` names a module, `from spikedash.training import train` does not
                    inside = (folder / f"{alias.name}.py").exists() or (folder / alias.name).is_dir()
                    yield node.lineno, f"{source}.{alias.name}" if inside else source
            case ast.Call(func=ast.Name(id=call) | ast.Attribute(attr=call), args=[ast.Constant(value=str(name)), *_]):
                if call in ("import_module", "__import__"):
                    yield node.lineno, name


def covers(allowed: set[str], name: str) -> bool:
    return "*" in allowed or any(name == opened or name.startswith(f"{opened}.") for opened in allowed)


def import_violations(root: Path) -> list[str]:
    """One sentence per import under root that breaks the table."""
    found = []
    for file in [*root.glob("*.py"), *sorted((root / "spikedash").rglob("*.py"))]:
        where = file.relative_to(root)
        parts = where.with_suffix("").parts
        module = ".".join(parts[1:] if len(parts) > 1 else parts)
        room = module.partition(".")[0]
        if room not in TABLE:
            found.append(f"{where}:1: room {room} has no row in the table of DESIGN.md; give it one or find the right room")
            continue
        own, outside = (TABLE[room][k] | TABLE.get(module, TABLE[room])[k] for k in (0, 1))
        for line, name in dict.fromkeys(imports(file, root)):
            top, _, inner = name.partition(".")
            if top == "spikedash":
                fine, rule = not inner or covers(own | {room}, inner), own
            else:
                fine, rule = top in outside or top in sys.stdlib_module_names - OWNED or name == "__future__", outside
            if not fine:
                kind = "of spikedash" if top == "spikedash" else "from outside"
                found.append(
                    f"{where}:{line}: room {room} imports {name}; {kind} it may import {', '.join(sorted(rule)) or 'nothing'}"
                )
    return found


def unpickling_violations(root: Path) -> list[str]:
    """One sentence per place under root that could run code from stored data."""
    found = []
    for file in [*root.glob("*.py"), *sorted((root / "spikedash").rglob("*.py"))]:
        where = file.relative_to(root)
        for line, name in imports(file, root):
            if name.partition(".")[0] in UNPICKLERS:
                found.append(f"{where}:{line}: imports {name}; nothing stored is ever unpickled")
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="eval" | "exec" as call)):
                    found.append(f"{where}:{node.lineno}: calls {call}; no text is ever run as code")
                case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="load"), keywords=keywords):
                    if not any(k.arg == "allow_pickle" for k in keywords):
                        found.append(f"{where}:{node.lineno}: np.load without allow_pickle=False, which is always written out")
                case ast.keyword(arg="allow_pickle", value=value):
                    if not (isinstance(value, ast.Constant) and value.value is False):
                        found.append(f"{where}:{value.lineno}: allow_pickle is not the constant False")
    return found


def test_every_room_imports_only_what_its_row_allows(project):
    assert not (found := import_violations(project)), "\n".join(found)


def test_nothing_stored_can_run_as_code(project):
    assert not (found := unpickling_violations(project)), "\n".join(found)


def test_the_web_process_does_not_load_numba(project):
    code = "import sys, app; print(sorted({'numba', 'llvmlite', 'spikedash.training'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, timeout=150)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


# The checker must be able to fail: each of these lines, in this file, breaks one rule.
BROKEN = {
    "spikedash/ui/panel.py": ("import numba", "room ui imports numba; from outside"),
    "spikedash/training.py": ("def f():\n    import sqlite3", ":2: room training imports sqlite3"),
    "spikedash/network.py": ("from spikedash import training", "room network imports spikedash.training; of spikedash"),
    "spikedash/targets.py": ("from .jobs import store", "imports spikedash.jobs.store"),
    "spikedash/figures/raster.py": ("from ..training import train", "room figures imports spikedash.training"),
    "spikedash/jobs/store.py": ("import spikedash.training", "room jobs imports spikedash.training"),
    "spikedash/cli.py": ("import dash", "room cli imports dash"),
    "spikedash/engine/loop.py": (
        "import importlib\nimportlib.import_module('plotly.graph_objects')",
        "imports plotly.graph_objects",
    ),
    "spikedash/utils.py": ("", "room utils has no row"),
    "app.py": ("from spikedash.training import train", "room app imports spikedash.training"),
}
SOUND = {
    "spikedash/jobs/worker.py": "from spikedash.training import train\nfrom . import store\nimport sqlite3",
    "spikedash/ui/page.py": "import json\nfrom spikedash.jobs import store\nfrom dash import html",
    "spikedash/cli.py": "from spikedash import ui, jobs\nimport argparse",
}
DANGEROUS = {
    "import pickle": "imports pickle",
    "from dill import loads": "imports dill",
    "y = eval(x)": "calls eval",
    "if x:\n    exec(x)": ":2: calls exec",
    "np.load(x)": "np.load without",
    "np.load(x, allow_pickle=True)": "not the constant False",
    "read(x, allow_pickle=trusted)": "not the constant False",
}


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


@pytest.mark.parametrize("name", BROKEN)
def test_a_forbidden_import_is_found_and_named(name, tmp_path):
    text, complaint = BROKEN[name]
    plant(tmp_path, {"spikedash/jobs/store.py": "", "spikedash/training.py": "", name: text})
    (found,) = import_violations(tmp_path)
    assert found.startswith(name)
    assert complaint in found


def test_allowed_imports_pass(tmp_path):
    plant(tmp_path, {"spikedash/jobs/store.py": "", **SOUND})
    assert import_violations(tmp_path) == []


@pytest.mark.parametrize("text", DANGEROUS)
def test_code_that_could_run_stored_data_is_found(text, tmp_path):
    plant(tmp_path, {"spikedash/jobs/store.py": text})
    (found,) = unpickling_violations(tmp_path)
    assert found.startswith("spikedash/jobs/store.py:")
    assert DANGEROUS[text] in found


def test_reading_arrays_without_pickles_passes(tmp_path):
    plant(tmp_path, {"spikedash/jobs/store.py": "np.load(x, allow_pickle=False)\nframe.eval('a + b')"})
    assert unpickling_violations(tmp_path) == []
