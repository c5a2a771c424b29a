"""The worlds, and what is asked of them."""

from importlib import import_module

from tiermix.core.faces import lazy_face

_listed, __dir__, __all__ = lazy_face(__name__, __file__)


def __getattr__(name: str) -> object:
    """What the face lists; `rules` is the module of all rules of a plan."""
    return import_module("scenarios.parts.rules") if name == "rules" else _listed(name)
