"""How a parameter is declared: its default, range, unit and help, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class InputError(ValueError):
    """Something a person gave is wrong; the message is one sentence: what, where, what would be right."""


def knob(
    default: Any,
    label: str,
    help: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    unit: str = "",
    step: float | None = None,
    when: Mapping[str, Iterable[Any]] | None = None,
    advanced: bool = False,
) -> Any:
    """Declare one parameter. `when` names the settings of other parameters under which it has an effect."""
    extra: dict[str, Any] = {
        "label": label,
        "unit": unit,
        "step": step,
        "when": {k: list(v) for k, v in (when or {}).items()},
        "advanced": advanced,
    }
    return Field(default, ge=ge, le=le, description=help, json_schema_extra=extra)


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
