"""What pages take from the sources: `python -m tests.scenarios.reference` writes it.

All of docs/reference/scenarios.md from the schema, and the deliveries in docs/background/model.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenarios import Scenario
from scenarios.parts.deliveries import DELIVERIES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "reference" / "scenarios.md"
MODEL = DOCS / "background" / "model.md"
BEGIN, END = "<!-- deliveries: begin -->", "<!-- deliveries: end -->"
HEAD = """# Scenario files: every field

Made from the schema by `python -m tests.scenarios.reference`; a test holds it up to date. The same
as JSON Schema, for editors: `tiermix scenarios schema`. Check a file: `tiermix scenarios check`.

A file that begins with `extends: retail` (a library name, or a path beside the file) says only what
differs. Mappings are merged and everything else is replaced; a list of named parts is replaced by a
list and changed part by part by a mapping of names, such as `channels: {douyin: {peak: 0.2}}`;
`null` takes out what the base has, as in `history: {spend: {forums: null}}`. A channel that is
taken out, `channels: {douyin: null}`, goes with all that hangs on it: its money, content, messages,
shocks, hand-offs, rules, uncertainty and beliefs. So does `--set channels.douyin=null`.
A key that is given twice is refused. The hash is that of the result. `format: 1` is the version of
the form, no part of the scenario; without it a file is of version 1, and a newer one is refused.
"""


def page() -> str:
    """The text of the page."""
    schema = Scenario.model_json_schema()
    parts = {"Scenario": schema, **schema["$defs"]}
    return HEAD + "".join(_part(name, part) for name, part in parts.items() if _has_fields(part))


def model() -> str:
    """The description of the model with the table of deliveries as it is."""
    head, rest = MODEL.read_text("utf-8").split(BEGIN)
    rows = [f"| {row.name} | {row.meets} | {row.paid} |" for row in DELIVERIES.values()]
    table = "\n".join(["| delivery | who gets it | money |", "| --- | --- | --- |", *rows])
    return f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}"


def _has_fields(part: dict[str, Any]) -> bool:
    return bool(part.get("properties"))


def _part(name: str, part: dict[str, Any]) -> str:
    needed = part.get("required", [])
    rows = "".join(_row(k, field, k in needed) for k, field in part["properties"].items())
    about = " ".join(part.get("description", "").split())
    return (
        f"\n## {name}\n{about}\n\n| field | type | default | meaning |\n|---|---|---|---|\n{rows}"
    )


def _row(name: str, field: dict[str, Any], needed: bool) -> str:
    default = "*needed*" if needed else _default(field.get("default"))
    text = [_kind(field), default, field.get("description", "")]
    return (
        f"| `{name}` | "
        + " | ".join(" ".join(x.split()).replace("|", "\\|") for x in text)
        + " |\n"
    )


def _default(value: Any) -> str:
    return "" if value is None or value in ("", [], {}) or isinstance(value, dict) else f"`{value}`"


def _kind(field: dict[str, Any]) -> str:
    """Type and range in a few words."""
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if "enum" in field or "const" in field:
        return ", ".join(str(x) for x in field.get("enum", [field.get("const")]))
    for many in ("anyOf", "oneOf"):
        if many in field:
            return " or ".join(_kind(x) for x in field[many] if x.get("type") != "null")
    if field.get("type") == "array":
        inner = _kind(field["items"]) if field.get("items") else "values"
        return f"list of {inner}"
    if field.get("additionalProperties") is True:
        return "values by name"
    if field.get("type") == "object":
        return f"{_kind(field.get('additionalProperties') or {})} by name"
    signs = (
        ("exclusiveMinimum", ">"),
        ("minimum", "≥"),
        ("exclusiveMaximum", "<"),
        ("maximum", "≤"),
    )
    bounds = [f"{sign} {field[key]:g}" for key, sign in signs if key in field]
    kind = "date" if field.get("format") == "date" else str(field.get("type", "value"))
    return " ".join([kind, ", ".join(bounds)]).strip()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    MODEL.write_text(model(), "utf-8")
