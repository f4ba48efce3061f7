"""The command line. Progress goes to stderr, one JSON object to stdout; 0 done, 1 a failed run, 2 bad input."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from spikedash.params import InputError


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[0].upper()}{message[1:]}; see {self.prog} --help.")


def _parser() -> Parser:
    parser = Parser(prog="python -m spikedash", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)

    train = commands.add_parser(
        "train", help="train one network and test it", epilog=_choices(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    train.add_argument("--preset", help="start from a named setting (experiment --list shows them)")
    train.add_argument("--params", type=Path, metavar="FILE.json", help="start from a file of parameters")
    train.add_argument("--set", action="extend", nargs="+", default=[], metavar="group.name=value", help="change parameters")
    train.add_argument(
        "--targets", type=Path, metavar="FILE", help="recorded rates or spike times as targets: CSV, NPZ, MAT, NWB"
    )
    train.add_argument("--select", action="extend", nargs="+", default=[], metavar="KEY=VALUE", help="how to read that file")
    train.add_argument("--out", type=Path, metavar="DIR", help="write parameters, progress and result there")
    train.add_argument("--threads", type=int, help="threads to use; the result does not depend on it")

    experiment = commands.add_parser("experiment", help="reproduce a figure of the paper and check its claims")
    experiment.add_argument("name", nargs="?", help="a name, or all")
    experiment.add_argument("--list", action="store_true", help="list the names")
    experiment.add_argument("--full", action="store_true", help="the paper's size and more seeds, instead of the short form")
    experiment.add_argument("--seeds", type=int, help="how many seeds")
    experiment.add_argument("--targets", type=Path, metavar="FILE", help="recorded rates, for the experiments that need them")
    experiment.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="write every run and every table there; what it holds already is not computed again",
    )
    experiment.add_argument(
        "--tables", type=Path, metavar="DIR", help="judge and draw the tables that --out wrote, and run nothing"
    )
    experiment.add_argument(
        "--report", type=Path, metavar="FILE.md", help="write what was measured as a document, with its figures beside it"
    )

    sweep = commands.add_parser("sweep", help="run a grid of settings")
    sweep.add_argument("spec", type=Path, metavar="SPEC.json")
    sweep.add_argument("--runner", choices=["local", "dask"], default="local")

    bench = commands.add_parser("bench", help="measure the kernels against references in one run")
    bench.add_argument("--json", action="store_true", help="no table, only the JSON object")
    bench.add_argument("--prices", action="store_true", help="measure the prices that estimates of time are made of")
    bench.add_argument("--profile", action="store_true", help="where the time of a loop goes, and how it grows, as tables")

    export = commands.add_parser("export", help="take a run away")
    export.add_argument("run", metavar="RUN", help="a folder that train --out wrote, or the id of a run of the page")
    export.add_argument("--format", required=True, choices=["npz", "pynapple", "csv", "nwb", "json", "script"])
    export.add_argument("--out", type=Path, metavar="FILE")
    return parser


def _choices() -> str:
    """What --select takes, for --help."""
    from spikedash.readers.choices import CHOICES

    lines = ["--select KEY=VALUE says how the file of --targets is read; what is left out is guessed and told:", ""]
    for key, choice in CHOICES.items():
        values = " | ".join(word for word, _ in choice.words)
        lines.append(f"  {key:<12} {choice.help}{f' [{values}]' if values else ''}{f' ({choice.unit})' if choice.unit else ''}")
    return "\n".join(
        [*lines, "", "example: --targets session.nwb --select min_hz=5 align=go_time from_s=0 to_s=1.5 smooth_ms=30"]
    )


def _command(name: str) -> Callable[[argparse.Namespace], tuple[dict[str, Any], int]]:
    """The function behind a command; loaded late, since some load the compiler."""
    if name == "bench":
        from spikedash.cli.bench import bench

        return bench
    if name == "export":
        from spikedash.cli.export import export

        return export
    if name == "experiment":
        from spikedash.cli.experiment import experiment

        return experiment
    from spikedash.cli import runs

    return {"train": runs.train, "sweep": runs.sweep}[name]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        given = _parser().parse_args(arguments)
        answer, code = _command(given.command)(given)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    print(json.dumps(answer), flush=True)
    return code
