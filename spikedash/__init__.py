"""SpikeDash: train recurrent spiking networks and watch them learn (Kim & Chow 2018, eLife 7:e37124)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spikedash.params import InputError, Params
    from spikedash.training import RunFailed, train

__version__ = "0.1.0"
__all__ = ["InputError", "Params", "RunFailed", "train"]


def __getattr__(name: str) -> Any:
    """Load a name when it is asked for, so that the web process never loads the compiler that training needs."""
    import importlib

    rooms = {"Params": "params", "InputError": "params", "train": "training", "RunFailed": "training"}
    if name not in rooms:
        raise AttributeError(f"module 'spikedash' has no attribute {name!r}")
    return getattr(importlib.import_module(f"spikedash.{rooms[name]}"), name)
