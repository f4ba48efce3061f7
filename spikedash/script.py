"""A run as text that runs it again, to the same bits: a Python script, and a command line."""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Mapping
from typing import Any

from spikedash.experiments import PRESETS
from spikedash.params import KNOBS, Params

Select = tuple[tuple[str, str], ...]  # how the file of a recording was read, by the keys of readers.choices

SCRIPT = '''"""Runs {name} again, to the same bits (SpikeDash {version})."""

{imports}

PARAMS = Params().with_values(
{settings}
)

if __name__ == "__main__":
    result = None
    for snapshot in train(PARAMS{recording}):
        if snapshot.loop:
            print(f"loop {{snapshot.loop.loop + 1}}: correlation {{snapshot.loop.correlation:.3f}}")
        result = snapshot.result
    print(f"test correlation {{result.correlation.test_mean:.3f}}, population rate {{result.rate_hz:.1f}} Hz")
    print(f"weights_sha256 {{result.weights_sha256}}")
'''
SHELL_WIDTH = 100


def settings(params: Params, base: Params | None = None) -> dict[str, Any]:
    """What `base.with_values` must be given to equal `params`, by dotted name.

    Without a base every setting that has an effect, so that it holds whatever the usual values are one day.
    """
    tree, usual = params.model_dump(mode="json"), (base or Params()).model_dump(mode="json")
    found = {}
    for group, leaves in tree.items():
        for leaf, value in leaves.items():
            name = f"{group}.{leaf}"
            if value != usual[group][leaf] or (base is None and name in KNOBS and _matters(name, tree)):
                found[name] = value
    return found


def _matters(name: str, tree: Mapping[str, Mapping[str, Any]]) -> bool:
    extra = KNOBS[name].json_schema_extra
    assert isinstance(extra, dict)
    when: Any = extra["when"]
    return all(tree[other.split(".")[0]][other.split(".")[1]] in allowed for other, allowed in when.items())


def script(params: Params, name: str, file: str = "recording.csv", select: Select = ()) -> str:
    """A runnable script of a run; a recorded one needs its file beside it, and reads it as the run did."""
    from spikedash import __version__

    recorded = params.target.family == "recorded"
    imports = "from spikedash import Params, train"
    if recorded:
        imports = f"from pathlib import Path\n\n{imports}\nfrom spikedash.readers import read  # put your file in place"
    chosen = f", choices={dict(select)!r}" if select else ""
    text = "\n".join(["    {", *(f'        "{key}": {_literal(value)},' for key, value in settings(params).items()), "    }"])
    recording = f", read(Path({file!r}){chosen})" if recorded else ""
    quoted = name.replace("\\", "/").replace('"', "'").replace("\n", " ")
    return SCRIPT.format(name=quoted, version=__version__, imports=imports, settings=text, recording=recording)


def _literal(value: Any) -> str:
    """A value as Python, its further lines as deep as a setting of SCRIPT."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return pprint.pformat(value, width=100, compact=True, sort_dicts=False).replace("\n", "\n        ")


def command(params: Params, file: str = "recording.csv", select: Select = ()) -> str:
    """The command line of a run for a shell, from the preset that leaves the least to be said."""
    if params.target.family == "recorded":
        read = ["--targets", file, *(["--select", *(f"{key}={value}" for key, value in select)] if select else [])]
        # Which settings the command line fits to the size of a recording depends on the file; said is said.
        return _lines(read, {k: v for k, v in settings(params).items() if k not in ("target.family", "target.recording")})
    bases = {name: Params().with_values(preset.values) for name, preset in PRESETS.items() if not preset.needs_recording}
    asked = {name: settings(params, base) for name, base in bases.items()}
    name = min(asked, key=lambda name: (len(asked[name]), name != "playground"))
    return _lines([] if name == "playground" else ["--preset", name], asked[name])


def _lines(start: list[str], values: Mapping[str, Any]) -> str:
    """One command over as many lines as are read with ease."""
    parts = [shlex.join(start)] if start else []
    parts += [f"--set {shlex.quote(f'{name}={_plain(value)}')}" for name, value in values.items()]
    lines = ["python -m spikedash train"]
    for part in parts:
        if len(lines[-1]) + 1 + len(part) > SHELL_WIDTH:
            lines.append(f"  {part}")
        else:
            lines[-1] += f" {part}"
    return " \\\n".join(lines)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
