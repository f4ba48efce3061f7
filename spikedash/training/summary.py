"""A finished run in a few numbers."""

from __future__ import annotations

import math
from typing import Any

from spikedash.params import Params
from spikedash.records import Result


def _number(value: float | None) -> float | None:
    """JSON has no nan."""
    return None if value is None or not math.isfinite(value) else float(value)


def summary(result: Result, params: Params, run: str, seconds: float) -> dict[str, Any]:
    """The JSON object of a finished run, as the command line prints it."""
    correlation = {k: v if k == "test_trials" else _number(v) for k, v in result.correlation._asdict().items()}
    if params.target.sets == 1:
        del correlation["test_other"]
    out: dict[str, Any] = {
        "run": run,
        "seed": params.training.seed,
        "n": params.network.n,
        "loops": len(result.loops),
        "seconds": round(seconds, 3),
        "rate_hz": _number(result.rate_hz),
        "correlation": correlation,
        "weights_sha256": result.weights_sha256,
    }
    if result.rate_fit is not None:
        fit = result.rate_fit
        out["rate_fit"] = {"median": _number(fit.median), "mean": _number(fit.mean), "ceiling": _number(fit.ceiling)}
    if params.network.dale and result.sign_changes is not None:
        out["sign_changes"] = result.sign_changes
        out["frozen"] = _number(result.frozen)
    return out
