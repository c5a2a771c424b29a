"""The table of deliveries: every row is a choice of the schema, every flag is read by somebody."""

import ast
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from scenarios.parts.channels import Channel
from scenarios.parts.deliveries import DELIVERIES, Delivery, DeliveryName
from sim.engine import state as s

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "scenarios" / "parts" / "deliveries.py"
WORDS = {"name", "meets", "paid"}
FLAGS = sorted({field.name for field in fields(Delivery)} - WORDS | {"stands_alone"})


def _attributes() -> set[str]:
    """Names that are read off something in our packages, the table itself left out."""
    packages = ("scenarios", "sim", "experiments", "optimize", "tiermix")
    files = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    trees = [ast.parse(path.read_text("utf-8")) for path in files if path != TABLE]
    return {
        node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def test_the_schema_offers_the_rows_of_the_table() -> None:
    assert tuple(DELIVERIES) == get_args(DeliveryName)
    choices = Channel.model_json_schema()["properties"]["delivery"]["enum"]
    assert choices == list(DELIVERIES)


def test_every_fact_of_a_delivery_is_read_somewhere() -> None:
    assert set(FLAGS) <= _attributes()


def test_the_market_copies_flags_of_the_table() -> None:
    assert set(s.DELIVERY_FLAGS) <= set(FLAGS)
    assert set(s.DELIVERY_FLAGS) <= set(s.WORLD.names or ())


def test_no_source_but_the_table_names_a_delivery() -> None:
    """Nobody compares a channel's delivery with a word: facts about it are asked of the table."""
    named = []
    for package in ("scenarios", "sim", "experiments", "optimize", "tiermix"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Compare):
                    sides = [node.left, *node.comparators]
                    reads = [x for x in sides if isinstance(x, ast.Attribute)]
                    words = [x for x in sides if isinstance(x, ast.Constant)]
                    if words and any(x.attr == "delivery" for x in reads):
                        named.append(f"{path.name}:{node.lineno}")
    assert named == []


@pytest.mark.parametrize("row", DELIVERIES.values(), ids=list(DELIVERIES))
def test_facts_of_a_delivery_go_together(row: Delivery) -> None:
    assert row.is_media != row.stands_alone  # what is booked by itself is not bought
    assert row.is_media or not (row.billed or row.chooses_people or row.carries_assets)
    assert row.chooses_people or not (row.calls_back or row.has_dates)
    assert row.billed or not row.has_fixed_price
