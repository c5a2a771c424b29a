"""The command that is being carried out, in the words that make the same study again."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, get_type_hints

from typer.models import ArgumentInfo, OptionInfo, ParameterInfo

from tiermix.core.invocation import Invocation

NO_PART_OF_IT = {"context", "workers", "cluster", "json", "quiet"}
"""Parameters that change neither question nor answer."""


def invocation_of(
    command: Callable[..., Any], name: tuple[str, ...], given: Mapping[str, Any]
) -> Invocation:
    """The words of a command of this name with what was given to it, arguments first."""
    words = [word for text in _words(command, given) for word in text]
    changes = dict(text.partition("=")[::2] for text in given.get("set_") or ())
    return Invocation((*name, *words), changes)


def _words(command: Callable[..., Any], given: Mapping[str, Any]) -> Iterator[list[str]]:
    signature = inspect.signature(command)
    described = {name: _described(hint) for name, hint in _hints(command).items()}
    asked = {
        name: given[name]
        for name, parameter in signature.parameters.items()
        if name in given and name not in NO_PART_OF_IT and given[name] != parameter.default
    }
    arguments = [name for name in asked if isinstance(described.get(name), ArgumentInfo)]
    for name in arguments:
        yield _texts(asked[name])
    for name, value in asked.items():
        if name not in arguments and value is not None and value is not False:
            option = _option(name, described.get(name))
            for text in _texts(value):
                yield [option] if value is True else [option, text]


def _hints(command: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(command, include_extras=True)


def _described(hint: Any) -> ParameterInfo | None:
    """What is said of a parameter in its annotation."""
    found = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, ParameterInfo)]
    return found[0] if found else None


def _option(name: str, described: ParameterInfo | None) -> str:
    """An option's long name: said in its description, or made from the parameter's."""
    said = described.param_decls or () if isinstance(described, OptionInfo) else ()
    return max(said, key=len, default=f"--{name.strip('_').replace('_', '-')}")


def _texts(value: Any) -> list[str]:
    many = value if isinstance(value, list | tuple) else [value]
    return [str(one.value if isinstance(one, Enum) else one) for one in many]
