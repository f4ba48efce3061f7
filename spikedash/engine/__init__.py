"""The compiled heart: neuron steps, spike delivery, recursive least squares and the one time loop.

All numba lives here. Compiled code is cached on disk in a folder named after a hash of these sources, because numba's
own cache does not notice an edit in another file that a cached kernel calls.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def _cache_folder() -> Path:
    """Folder for compiled kernels: under NUMBA_CACHE_DIR, or the user's cache folder."""
    root = os.environ.get("NUMBA_CACHE_DIR") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spikedash"
    sources = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return Path(root) / f"kernels-{hashlib.sha256(sources).hexdigest()[:16]}"


# Children inherit the environment: the marker keeps them from nesting one such folder in another.
if not Path(os.environ.get("NUMBA_CACHE_DIR", "")).name.startswith("kernels-"):
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())

from spikedash.engine.given import learn_often  # noqa: E402
from spikedash.engine.inverse import aligned, identity, packed, padded, unpack  # noqa: E402
from spikedash.engine.loop import advance  # noqa: E402
from spikedash.engine.measure import correlations, squared_distance  # noqa: E402
from spikedash.engine.models import MODELS, UNITS, Model  # noqa: E402
from spikedash.engine.records import (  # noqa: E402
    BAD,
    CLOCK,
    DROPPED,
    RUNAWAY_STEPS,
    SPIKES,
    STEP,
    Background,
    Constants,
    Delivery,
    Learner,
    Probe,
    State,
    Synapses,
    Trial,
)
from spikedash.engine.rls import DRIVE, RATE, RATE_BY_DRIVE  # noqa: E402
from spikedash.engine.synapses import form_drives, fresh_delivery  # noqa: E402
from spikedash.engine.threads import MOST, set_threads  # noqa: E402

__all__ = [
    "BAD",
    "CLOCK",
    "DRIVE",
    "DROPPED",
    "MODELS",
    "MOST",
    "RATE",
    "RATE_BY_DRIVE",
    "RUNAWAY_STEPS",
    "SPIKES",
    "STEP",
    "UNITS",
    "Background",
    "Constants",
    "Delivery",
    "Learner",
    "Model",
    "Probe",
    "State",
    "Synapses",
    "Trial",
    "advance",
    "aligned",
    "correlations",
    "form_drives",
    "fresh_delivery",
    "identity",
    "learn_often",
    "packed",
    "padded",
    "set_threads",
    "squared_distance",
    "unpack",
]
