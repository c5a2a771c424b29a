"""Files and YAML → plain data; a key that is given twice is refused, not silently dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tiermix.core.errors import ScenarioError
from tiermix.core.tables.formats import FIELD, SCENARIO
from tiermix.core.tables.text import check_ordinary

LARGEST_FILE = 250_000
"""Bytes; read in about a second. Those of the library have some 20,000."""
MOST_NODES = 500_000
"""A short text can name itself over and over with anchors: more than this is no scenario."""
MOST_DEEP = 100
"""Parts within parts. The C library calls itself for each, and ends the process at some 10,000."""
NESTED = re.compile(rf"(?:[-?:][ \t]+){{{MOST_DEEP}}}")
"""So many lists or keys that begin one within the other in a line."""
# PyYAML's constructors break in their own ways on a text with a tag that it does not fit.
MISREAD = (ArithmeticError, AttributeError, LookupError, TypeError)
HALVES = re.compile(r"\\u[dD][89a-fA-F]")
"""JSON writes rare letters as two halves, which the C library does not take."""
INT, FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
FIGURES = {
    INT: re.compile(r"[-+]?(?:0|[1-9][0-9_]*)$"),
    FLOAT: re.compile(
        r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
}
"""Those of YAML 1.1 without hours (1:30:00 is 5,400) and octals (010 is 8), which nobody means."""


class _Strict:
    """What our loaders add: every key is given once, and figures are what they seem."""

    def construct_scalar(self, node: Any) -> Any:
        """A scalar; JSON writes rare letters as two halves, which belong together."""
        value = super().construct_scalar(node)  # type: ignore[misc]
        if isinstance(value, str) and any("\ud800" <= letter < "\ue000" for letter in value):
            try:
                return value.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                return value
        return value

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """A mapping; raises `YAMLError` for a key that stands twice, with its line."""
        seen: dict[Any, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(f"line {line}: a key is a list or a mapping; write a name")
            if key.value in seen:
                raise yaml.YAMLError(
                    f"line {line}: '{key.value}' is given in line {seen[key.value]} already; "
                    "keep one of them"
                )
            seen[key.value] = line
        return super().construct_mapping(node, deep)  # type: ignore[misc]


class _Loader(_Strict, yaml.SafeLoader):
    """By Python."""


class _Quick(_Strict, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """By the C library, where PyYAML has it: ten times as fast."""


for loader in (_Loader, _Quick):
    loader.yaml_implicit_resolvers = {
        sign: [(tag, pattern) for tag, pattern in known if tag not in FIGURES]
        for sign, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for figure, meant in FIGURES.items():
        loader.add_implicit_resolver(figure, meant, list("-+0123456789."))


def read_yaml(text: str, source: str) -> dict[str, Any]:
    """The mapping that a YAML text holds; raises `ScenarioError`."""
    try:
        _check_depth(text)
        data = yaml.load(text, _Loader if HALVES.search(text) else _Quick)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ScenarioError(f"{source}: is not valid YAML: {_first_line(error)}") from None
    except MISREAD:
        raise ScenarioError(
            f"{source}: is not valid YAML: a tag (!!…) does not fit its value; leave tags out"
        ) from None
    if not isinstance(data, dict):
        raise ScenarioError(f"{source}: holds no scenario; it has to be a mapping of fields")
    if _nodes(data) > MOST_NODES:
        raise ScenarioError(f"{source}: holds itself, or far too much; is it a scenario?")
    return data


def _check_depth(text: str) -> None:
    """Raise `YAMLError` for parts too deep within parts, before anything calls itself for each.

    Of a text that has few brackets only one with long runs of dashes is deep: a level by lines
    takes as many blanks as it is deep.
    """
    if text.count("[") + text.count("{") <= MOST_DEEP and not NESTED.search(text):
        return
    depth = 0
    for event in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEEP:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise yaml.YAMLError(
                f"line {line}: more than {MOST_DEEP} lists or mappings lie one within the other; "
                "is it a scenario?"
            )


def yaml_text(data: dict[str, Any]) -> str:
    """Plain data as YAML that `read_yaml` reads back: in the order given, short parts in a line."""
    return str(
        yaml.safe_dump(
            data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
        )
    )


def scenario_text(data: dict[str, Any]) -> str:
    """A scenario's plain data as YAML that begins with the version of its form."""
    return yaml_text({FIELD: SCENARIO, **data})


def flow(value: Any) -> str:
    """A value on one line of YAML."""
    text = yaml.safe_dump(
        value, sort_keys=False, allow_unicode=True, default_flow_style=True, width=10**9
    )
    return str(text).removesuffix("...\n").strip()


def line_of(text: str, steps: Sequence[str]) -> int | None:
    """The line of a part of YAML that was read, by keys and by names of items of lists.

    Where the last steps are not there, the line of the part that should have them; None where none
    of them is.
    """
    node, line = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)), None
    for step in steps:
        found = _part(node, step)
        if found is not None:  # the kind of a rule stands in no text
            node, line = found[0], found[1].start_mark.line + 1
    return line


def _part(node: Any, step: str) -> tuple[Any, Any] | None:
    """The part of a node that a step leads to, and where it begins."""
    if isinstance(node, yaml.MappingNode):
        return next(((value, key) for key, value in node.value if key.value == step), None)
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    for n, item in enumerate(items):
        name = _part(item, "name") if isinstance(item, yaml.MappingNode) else None
        if step == (name[0].value if name else str(n)):
            return item, item
    return None


def _nodes(data: Any) -> int:
    """Values in nested data, counted up to a little more than the limit."""
    stack, count = [data], 0
    while stack and count <= MOST_NODES:
        value = stack.pop()
        count += 1
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return count


def file_text(path: Path) -> str:
    """The text of a file; raises `ScenarioError`."""
    check_ordinary(path, ScenarioError, "give a YAML file or a library name")
    if path.stat().st_size > LARGEST_FILE:
        raise ScenarioError(f"{path}: is larger than {LARGEST_FILE:,} bytes; is it a scenario?")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: is not UTF-8 text; save it as UTF-8") from None


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
