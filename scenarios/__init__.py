"""The worlds, and what is asked of them."""

from importlib import import_module

from tiermix.core.faces import lazy_face

_listed, __dir__, __all__ = lazy_face(__name__, __file__)


MODULES = ("rules", "plan_periods")


def __getattr__(name: str) -> object:
    """What the face lists; some of it are modules: all rules of a plan, and its periods."""
    return import_module(f"scenarios.parts.{name}") if name in MODULES else _listed(name)
