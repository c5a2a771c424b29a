"""YAML that is legal and odd, and files that extend others oddly: a sentence, never a traceback."""

import os
from pathlib import Path

import pytest
import yaml

from scenarios import ScenarioError, load_scenario, yaml_io
from scenarios.yaml_io import LARGEST_FILE, read_yaml
from tiermix.cli.options import settings

ODD = [
    "? [a, b]\n: 1",
    "? {a: 1}\n: 2",
    "{[]: 1}",
    "name: !!timestamp seo",
    "name: !!bool seo",
    "name: !!int seo",
    "name: !!float seo",
    'name: !!binary "ÿ"',
    "name: !!omap [1]",
    "<<: 3",
    "a: *b",
    "--- 1\n---\n2",
    "[" * 100_000,
    "a: &a [*a]",
    "a: \x07",
    "- 1",
    "",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_text_is_refused_in_a_sentence_with_its_source(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"^odd\.yaml: "):
        read_yaml(text, "odd.yaml")


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 100_000, "- " * 100_000, "? - " * 50_000, "{a: " * 60_000]
)
def test_a_text_that_is_too_deep_is_refused_before_anything_calls_itself(text: str) -> None:
    """Up to PyYAML 6.0.3 the process ended: Segmentation fault."""
    with pytest.raises(ScenarioError, match=r"line 1(: more than 100|, column)"):
        read_yaml(text, "odd.yaml")


def test_what_is_not_too_deep_is_read() -> None:
    text = "a: " + "[" * 99 + "]" * 99
    assert read_yaml(text, "s")["a"] is not None
    assert len(read_yaml("a: [" + "[1], " * 500 + "]", "s")["a"]) == 500


def test_figures_are_what_they_seem() -> None:
    found = read_yaml("a: 010\nb: 1:30:00\nc: 1.5\nd: 12\ne: 1_000\nf: 0x10", "s")
    assert found == {"a": "010", "b": "1:30:00", "c": 1.5, "d": 12, "e": 1000, "f": "0x10"}
    with pytest.raises(ScenarioError, match="'1:30:00' cannot be used"):
        load_scenario("retail", {"market_size": "1:30:00"})


def test_the_largest_file_is_read_by_the_quick_loader() -> None:
    text = "a: [" + "1," * (LARGEST_FILE // 2 - 10) + "]"
    assert len(read_yaml(text, "s")["a"]) == LARGEST_FILE // 2 - 10
    # The loader in Python took a minute for 5 MB.
    assert issubclass(yaml_io._Quick, yaml.CSafeLoader)


@pytest.mark.parametrize("part", ["3", "text", "[1]", "true"])
@pytest.mark.parametrize("name", ["newone", "douyin"])
def test_a_part_of_the_base_that_is_no_mapping_is_refused_by_name(
    tmp_path: Path, name: str, part: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"extends: retail\nchannels: {{{name}: {part}}}\n", "utf-8")
    with pytest.raises(ScenarioError, match=rf"mine\.yaml: channels\.{name}: .*write its fields"):
        load_scenario(file)


def test_what_is_not_there_cannot_be_taken_out(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("extends: retail\nchannels: {douyn: null}\n", "utf-8")
    with pytest.raises(ScenarioError, match=r"channels\.douyn: is not there.*'douyin'"):
        load_scenario(file)


@pytest.mark.parametrize("base", [r'"a\0b.yaml"', '"' + "q" * 10_000 + '"', "[1]", "''"])
def test_a_base_that_can_be_no_file_is_refused_shortly(tmp_path: Path, base: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"extends: {base}\n", "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert len(str(caught.value)) < 600


def test_a_list_as_the_name_of_a_base_part_is_refused(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("channels:\n- {name: [a]}\n", "utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text("extends: base.yaml\nchannels: {a: {peak: 1}}\n", "utf-8")
    with pytest.raises(ScenarioError):
        load_scenario(file)


def test_a_long_chain_of_files_ends_in_one_sentence(tmp_path: Path) -> None:
    for n in range(60):
        (tmp_path / f"s{n}.yaml").write_text(f"extends: s{n + 1}.yaml\n", "utf-8")
    with pytest.raises(ScenarioError, match="extend one another"):
        load_scenario(tmp_path / "s0.yaml")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ScenarioError, match="is a pipe or a device"):
        load_scenario(tmp_path / "pipe.yaml")


@pytest.mark.parametrize("value", ["[" * 100_000, "9" * 5_000, "{" * 50_000, '"' * 9])
def test_no_value_of_set_is_too_much(value: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("retail", settings([f"budget={value}"]))
    assert len(str(caught.value)) < 400
