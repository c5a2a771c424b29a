"""One root of all errors that tell users what to do."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import pytest

from tests.core.test_faces import EXTRAS
from tiermix.core.errors import TiermixError

PACKAGES = ("scenarios", "journeys", "sim", "attribution", "optimize", "experiments", "tiermix")


def _modules() -> Iterator[ModuleType]:
    """Every module of ours but those of an extra that is not installed."""
    for package in PACKAGES:
        for found in walk_packages(import_module(package).__path__, f"{package}."):
            try:
                yield import_module(found.name)
            except ModuleNotFoundError as error:
                if error.name not in EXTRAS:
                    raise


def our_errors() -> Iterator[type[Exception]]:
    for module in _modules():
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, Exception) and one.__module__ == module.__name__:
                yield one


def test_every_error_of_ours_has_the_one_root_unless_it_is_our_fault() -> None:
    found = set(our_errors())
    assert len(found) > 15
    # The one is a fault of ours, the others never leave their package: callers tell the user.
    outside = {one.__name__ for one in found if not issubclass(one, TiermixError)}
    assert outside == {"SimulationError", "NothingFits", "NotJudged", "NotApplicable"}
    assert all(not issubclass(one, RuntimeError) for one in found if issubclass(one, TiermixError))


@pytest.mark.parametrize(
    "name",
    [
        "journeys.errors.JourneyError",
        "attribution.errors.AttributionError",
        "tiermix.cli.options.UsageError",
    ],
)
def test_what_was_a_value_error_still_is_one(name: str) -> None:
    module, _, error = name.rpartition(".")
    assert issubclass(getattr(import_module(module), error), ValueError)
