"""Files and YAML → plain data; a key that is given twice is refused, not silently dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tiermix.core.errors import ScenarioError

LARGEST_FILE = 5_000_000
MOST_NODES = 500_000
"""A short text can name itself over and over with anchors: more than this is no scenario."""


class _Loader(yaml.SafeLoader):
    """Safe YAML in which every key of a mapping is given once."""

    def construct_scalar(self, node: Any) -> Any:
        """A scalar; JSON writes rare letters as two halves, which belong together."""
        value = super().construct_scalar(node)
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
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(
                    f"line {line}: '{key.value}' is given in line {seen[key.value]} already; "
                    "keep one of them"
                )
            if isinstance(key, yaml.ScalarNode):
                seen[key.value] = line
        return super().construct_mapping(node, deep)


def read_yaml(text: str, source: str) -> dict[str, Any]:
    """The mapping that a YAML text holds; raises `ScenarioError`."""
    try:
        data = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ScenarioError(f"{source}: is not valid YAML: {_first_line(error)}") from None
    if not isinstance(data, dict):
        raise ScenarioError(f"{source}: holds no scenario; it has to be a mapping of fields")
    if _nodes(data) > MOST_NODES:
        raise ScenarioError(f"{source}: holds itself, or far too much; is it a scenario?")
    return data


def yaml_text(data: dict[str, Any]) -> str:
    """Plain data as YAML that `read_yaml` reads back: in the order given, short parts in a line."""
    return str(
        yaml.safe_dump(
            data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
        )
    )


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
    if not path.is_file():
        raise ScenarioError(f"{path}: there is no such file; give a YAML file or a library name")
    if path.stat().st_size > LARGEST_FILE:
        raise ScenarioError(f"{path}: is larger than {LARGEST_FILE:,} bytes; is it a scenario?")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: is not UTF-8 text; save it as UTF-8") from None


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
