"""Parts of a page that Dash need not know, folded into one component.

Dash has every component of a page look whether a change of any other concerns it, so that each label and each box makes
every click dearer. What no callback names becomes a tree of plain HTML instead (assets/still.js); the page looks the same.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from dash import Dash
from dash.development.base_component import Component

from spikedash.ui.knobs import dom_id

#: HTML that scripts change by way of Dash, since it may not be in the page at that time.
BY_SCRIPTS = frozenset({"runs-words"})
#: Properties of Dash's HTML that are none of the browser's.
OF_DASH = frozenset({"children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks"})

Known = Callable[[Any], bool]
Tree = Any  # text, the number of a child, or [tag, properties, *inside]


class Still(Component):
    """HTML that only the page's own scripts change, with places for components of Dash.

    Args:
        children: components of Dash, in the order of their numbers.
        tree: text, the number of a child, or a list of a tag, its properties and what is inside; "" is no tag.
    """

    _namespace = "spikedash_still"
    _type = "Still"
    _prop_names = ("children", "tree")
    _children_props: tuple[str, ...] = ()
    _base_nodes = ("children",)
    _valid_wildcard_attributes: tuple[str, ...] = ()
    available_properties = _prop_names
    available_wildcard_properties: tuple[str, ...] = ()

    def __init__(self, children: list[Component], tree: Tree) -> None:
        super().__init__(children=children, tree=tree)


def known(app: Dash) -> Known:
    """Whether a component's id is named by a callback of the app, by itself or by a pattern; for when all are registered."""
    named: set[str] = set(BY_SCRIPTS)
    patterns: list[dict[str, Any]] = []
    for name in (name for callback in app.callback_map.values() for name in _names(callback)):
        if name.startswith("{"):
            patterns.append(json.loads(name))
        else:
            named.add(name)

    def is_known(name: Any) -> bool:
        if not isinstance(name, dict):
            return name in named
        return any(
            pattern.keys() == name.keys() and all(isinstance(want, list) or want == name[key] for key, want in pattern.items())
            for pattern in patterns
        )

    return is_known


def _names(callback: dict[str, Any]) -> Iterator[str]:
    outputs = callback["output"]
    yield from (output.component_id_str() for output in (outputs if isinstance(outputs, list | tuple) else [outputs]))
    yield from (given["id"] for given in (*callback["inputs"], *callback["state"]))


def fold(part: Any, is_known: Known) -> Any:
    """The same part of a page, or the same parts in a list, for Dash no more components than it has to know."""
    if isinstance(part, list | tuple):
        return _inside(part, is_known)
    if not isinstance(part, Component):
        return part
    if _count(part, is_known) > 1:
        return _still([part], is_known)
    inside = getattr(part, "children", None)
    if inside is None:
        return part
    part = copy.copy(part)
    part.children = _inside(inside, is_known)
    return part


def _inside(given: Any, is_known: Known) -> Any:
    parts = _listed(given)
    if sum(_count(part, is_known) for part in parts) > 1:
        return _still(parts, is_known)
    return [fold(part, is_known) for part in parts] if isinstance(given, list | tuple) else fold(given, is_known)


def _count(part: Any, is_known: Known) -> int:
    """How many components one tree would spare."""
    if not isinstance(part, Component) or not _plain(part, is_known):
        return 0
    return 1 + sum(_count(each, is_known) for each in _listed(getattr(part, "children", None)))


def _listed(inside: Any) -> list[Any]:
    given = inside if isinstance(inside, list | tuple) else [inside]
    return [each for each in given if each is not None]


def _still(parts: list[Any], is_known: Known) -> Still:
    places: list[Component] = []
    trees = [_tree(part, places, is_known) for part in parts]
    return Still(places, trees[0] if len(trees) == 1 else ["", {}, *trees])


def _plain(part: Component, is_known: Known) -> bool:
    return part._namespace == "dash_html_components" and not is_known(getattr(part, "id", None))


def _tree(part: Any, places: list[Component], is_known: Known) -> Tree:
    if isinstance(part, list | tuple):
        return ["", {}, *(_tree(each, places, is_known) for each in _listed(part))]
    if not isinstance(part, Component):
        return str(part)
    if not _plain(part, is_known):
        places.append(fold(part, is_known))
        return len(places) - 1
    props = {name: value for name, value in part.to_plotly_json()["props"].items() if name not in OF_DASH}
    if isinstance(props.get("id"), dict):
        props["id"] = dom_id(**props["id"])
    return [part._type.lower(), props, *(_tree(each, places, is_known) for each in _listed(getattr(part, "children", None)))]
