"""Names and files → scenarios, with overrides; what is wrong with a file is said in a sentence."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios import Scenario, ScenarioError, library_names, load_scenario
from scenarios.load import LARGEST_FILE, build_scenario, laid_over
from tests.scenarios.test_schema import scenarios
from tests.scenes import busy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario file."""
    path = tmp_path / "made.yaml"
    path.write_text(yaml.safe_dump(busy().model_dump(mode="json"), allow_unicode=True), "utf-8")
    return path


def test_the_library_has_scenarios_and_each_loads() -> None:
    assert "retail" in library_names()
    for name in library_names():
        assert load_scenario(name).name == name


def test_a_file_is_read_as_it_was_written(file: Path) -> None:
    assert load_scenario(file) == busy()
    assert load_scenario(str(file)).hash == busy().hash


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios(), ending=st.sampled_from(["yaml", "yml"]))
def test_any_scenario_survives_yaml_and_json(
    tmp_path_factory: pytest.TempPathFactory, ending: str, scenario: Scenario
) -> None:
    """YAML and JSON, which is YAML too: read back with the same hash."""
    path = tmp_path_factory.mktemp("any") / f"s.{ending}"
    data = scenario.model_dump(mode="json")
    for text in (yaml.safe_dump(data, allow_unicode=True), yaml.safe_dump(data), json.dumps(data)):
        path.write_text(text, "utf-8")
        assert load_scenario(path).hash == scenario.hash


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    file.write_text(file.read_text("utf-8"), "utf-8-sig")
    assert load_scenario(file).hash == busy().hash


# ---- overrides


def test_an_override_changes_one_thing() -> None:
    base = load_scenario("retail")
    more = load_scenario("retail", {"channels.douyin.peak": 0.2})
    assert more.channel("douyin").peak == 0.2
    data, changed = (s.model_dump(mode="json") for s in (base, more))
    douyin = next(c for c in changed["channels"] if c["name"] == "douyin")
    douyin["peak"] = base.channel("douyin").peak
    assert changed == data


def test_overrides_name_items_by_name_number_or_star() -> None:
    scenario = load_scenario(
        "retail",
        {
            "personas.*.identifiers": 4,
            "tier_shares.0": 0.5,
            "tier_shares.1": 0.4,
            "channels.douyin.hand_offs.search": 0.1,
            "defaults.tail_days": 30,
        },
        budget=2e7,
    )
    assert {p.identifiers for p in scenario.personas} == {4}
    assert scenario.tier_shares == (0.5, 0.4, 0.1)
    assert scenario.channel("douyin").hand_offs["search"] == 0.1
    assert (scenario.defaults.tail_days, scenario.budget) == (30, 2e7)


def test_an_override_names_fields_that_the_file_leaves_to_their_defaults() -> None:
    assert load_scenario("retail", {"channels.kol.slope": 1.7}).channel("kol").slope == 1.7


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"channels.duoyin.peak": 0.2}, ["no 'duoyin' in channels", "did you mean 'douyin'?"]),
    ({"channels.douyin.peek": 0.2}, ["no 'peek' in channels.douyin", "did you mean 'peak'?"]),
    ({"chanels.douyin.peak": 0.2}, ["no 'chanels' in the scenario", "did you mean 'channels'?"]),
    ({"channels.*.peek": 0.2}, ["no 'peek'", "did you mean 'peak'?"]),
    ({"budget.x": 0.2}, ["no 'x' in budget", "there is: nothing"]),
    ({"": 1}, ["no '' in the scenario"]),
    ({"channels.": 1}, ["no '' in channels"]),
    ({"channels.douyin.zzzzqq": 1}, ["no 'zzzzqq'", "there is: name"]),
    ({"channels.douyin.peak": -1}, ["channels.douyin.peak: -1 cannot be used"]),
    ({"channels.douyin.peak": "lots"}, ["channels.douyin.peak: 'lots' cannot be used"]),
    (
        {"history.spend.douyin": 3000000},
        ["history.spend.douyin", "a list, in brackets as [3000000]"],
    ),
    ({"seasons": {"a": 1}}, ["seasons: {'a': 1} cannot be used: it takes a list"]),
    ({"history.spend": 5}, ["history.spend: 5", "it takes fields with their values"]),
    ({"start": "soon"}, ["start: 'soon' cannot be used: it takes a date, as 2026-01-31"]),
    ({"currency": 5}, ["currency: 5 cannot be used: it takes text"]),
    ({"personas.silver.share": 0.5}, ["personas: shares add up to 1.35"]),
    ({"start": "2026-02-10"}, ["start: 2026-02-10 is not the first of a month; use 2026-02-01"]),
]


@pytest.mark.parametrize(("overrides", "words"), WRONG, ids=lambda x: str(x)[:40])
def test_a_wrong_override_is_refused_with_a_hint(
    overrides: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("retail", overrides)
    message = str(caught.value)
    assert message.startswith("scenario 'retail'")
    assert "change" in message
    assert [word for word in words if word not in message] == []
    assert [word for word in ("tuple", "dictionary", "instance") if word in message] == []


def test_a_list_whose_items_are_refused_is_not_called_too_short() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("retail", {"personas": [3]})
    assert [line.split(":")[1] for line in str(caught.value).splitlines()] == [" personas.0"]


def test_overrides_leave_the_data_they_are_given_alone() -> None:
    data = busy().model_dump(mode="json")
    before = copy.deepcopy(data)
    build_scenario(data, {"channels.video.peak": 0.9}, "x")
    assert data == before


# ---- what is no scenario


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'retial' .* did you mean 'retail'\?"):
        load_scenario("retial")
    with pytest.raises(ScenarioError, match=r"no scenario 'qqq' .* known: .*retail"):
        load_scenario("qqq")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.yaml: there is no such file; give a YAML"):
        load_scenario(tmp_path / "none.yaml")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="is a folder; give a YAML file"):
        load_scenario(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "is not valid YAML"),
        ("- 1\n- 2\n", "holds no scenario"),
        ("", "holds no scenario"),
        ("just words", "holds no scenario"),
        ("name: x\ntitle: y\n", "start: is missing; add it"),
        ("name: !!python/object:os.system {}\n", "is not valid YAML"),
        ("1: 2\n", "keys should be strings"),
        ("name: x\ntitle: y\nname: z\n", "line 3: 'name' is given in line 1 already"),
        ("desk:\n  agents: 1\n  agents: 2\n", "line 3: 'agents' is given in line 2 already"),
        ("a: &a [*a]\n", "holds itself"),
        ("extends: 3\n", "extends: 3 is no scenario"),
        ("extends: retial\n", "did you mean 'retail'?"),
        ("extends: bad.yaml\n", "extends itself"),
        ("extends: none.yaml\n", "there is no such file"),
    ],
)
def test_a_file_that_holds_no_scenario_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert words in str(caught.value)
    assert "bad.yaml" in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"\xff\xfe\x00\xd8\x80")
    with pytest.raises(ScenarioError, match="is not UTF-8 text; save it as UTF-8"):
        load_scenario(path)


@pytest.mark.parametrize("part", ["channels", "investments"])
def test_half_a_letter_is_refused(part: str) -> None:
    data = busy().model_dump(mode="json")
    data[part][0]["name"] = "x\ud800"
    with pytest.raises(ScenarioError, match=r"made.yaml: .*x.+ud800"):
        build_scenario(data, {}, "made.yaml")


def test_a_file_that_is_far_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (LARGEST_FILE + 1))
    with pytest.raises(ScenarioError, match="is larger than"):
        load_scenario(path)


# ---- files that say only what differs


def test_a_file_that_extends_another_says_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "after.yaml"
    path.write_text(
        "extends: retail\nbudget: 20000000\nchannels: {douyin: {peak: 0.2}}\n"
        "behaviour: {signup: 0.2}\ntier_shares: [0.5, 0.4, 0.1]\n",
        "utf-8",
    )
    overrides = {"budget": 2e7, "channels.douyin.peak": 0.2, "behaviour.signup": 0.2}
    expected = load_scenario("retail", {**overrides, "tier_shares": [0.5, 0.4, 0.1]})
    assert load_scenario(path).hash == expected.hash


def test_a_base_may_lie_beside_and_extend_another(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("extends: retail\nbudget: 1.0e7\n", "utf-8")
    (tmp_path / "two.yaml").write_text("extends: one.yaml\ntitle: two\n", "utf-8")
    made = load_scenario(tmp_path / "two.yaml")
    assert (made.title, made.budget) == ("two", 1e7)


def test_a_mapping_over_a_list_adds_parts_and_a_list_replaces_it() -> None:
    below = {"shops": [{"name": "a", "x": 1, "y": 1}], "other": [1, 2]}
    assert laid_over(below, {"shops": {"a": {"x": 2}, "b": {"x": 3}}, "other": [3]}) == {
        "shops": [{"name": "a", "x": 2, "y": 1}, {"name": "b", "x": 3}],
        "other": [3],
    }
    assert laid_over(below, {"shops": []}) == {"shops": [], "other": [1, 2]}


def test_null_takes_out_what_the_base_has() -> None:
    below = {"spend": {"a": 1, "b": None, "c": 3}, "shops": [{"name": "x"}, {"name": "y"}]}
    assert laid_over(below, {"spend": {"a": None, "d": None}, "shops": {"x": None}}) == {
        "spend": {"b": None, "c": 3},
        "shops": [{"name": "y"}],
    }
