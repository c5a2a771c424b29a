"""The directive `face`: what a package offers, from the docstrings of its classes and functions."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from types import ModuleType

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

MOST = 40
"""Values of a constant that are shown; some are large tables."""


class Face(SphinxDirective):
    """`face:: scenarios`: every name of the package's `__all__`, in the order of the alphabet."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        (package,) = self.arguments
        lines = StringList(list(_entries(package)), source=f"face of {package}")
        return self.parse_text_to_nodes(lines)


class FrontDoor(SphinxDirective):
    """`front-door::` the names of `tiermix`, each with a link to where it is explained."""

    def run(self) -> list[nodes.Node]:
        lines = StringList(list(_links()), source="front door")
        return self.parse_text_to_nodes(lines)


def offered(package: str) -> dict[str, object]:
    """What a package's face offers, by name; modules are left to their own names."""
    face = import_module(package)
    named = {name: getattr(face, name) for name in sorted(face.__all__, key=str.lower)}
    return {name: thing for name, thing in named.items() if not isinstance(thing, ModuleType)}


def _links() -> Iterator[str]:
    import tiermix

    for home, names in tiermix._FACES.items():
        roles = [f":py:obj:`{name} <{home}.{name}>`" for name in names.split()]
        if home in LONELY:
            yield from (f"- ``{name}``: {LONELY[home]}" for name in names.split())
        else:
            yield f"- from :doc:`{home}`: {', '.join(roles)}"


LONELY = {"tiermix.core.errors": "the root of every error that is a user's to put right"}


def _entries(package: str) -> Iterator[str]:
    for name, thing in offered(package).items():
        yield from _entry(f"{package}.{name}", thing)
        yield ""


def _entry(name: str, thing: object) -> Iterable[str]:
    if inspect.isclass(thing):
        inside = [] if issubclass(thing, Exception) else ["   :members:"]
        return [f".. autoclass:: {name}", *inside]
    if inspect.isroutine(thing):
        return [f".. autofunction:: {name}"]
    return [f".. py:data:: {name}", "", f"   {_values(thing)}"]


def _values(thing: object) -> str:
    """What a constant holds: its keys, its members, or how it would be typed."""
    if not isinstance(thing, Mapping | tuple | list | set | frozenset):
        return f"``{thing}``"
    found = [str(value) for value in thing]
    more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    return ", ".join(f"``{value}``" for value in found[:MOST]) + more


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("face", Face)
    app.add_directive("front-door", FrontDoor)
    return {"parallel_read_safe": True}
