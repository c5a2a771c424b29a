"""Buy a system or more media, in small markets whose answer is known."""

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.investments.result import BUY, MEDIA, UNTOLD, Investments, Judged
from experiments.investments.run import invest, invest_cost
from experiments.report import investments as report
from experiments.stats import Interval
from experiments.study import StudyError
from optimize import InfeasiblePlan
from scenarios import Scenario, ScenarioError, alternatives, build_scenario, with_bought
from sim import overheads
from tests.scenes import DIRECT, STRAIGHT, mail, market, media, shopper

RULE = {"when": "order", "wait": 5.0, "channel": "mail"}
IDENTITY = {"name": "identity", "yearly_cost": 1e5, "changes": {"integration.resolution": 1.0}}
RULES = {"name": "rules", "yearly_cost": 1e5, "changes": {"automation.rules": {"again": RULE}}}
BETTER = {"name": "better", "changes": {"channels.posters.awaken": 0.15}}
SURVEY = {"name": "survey", "changes": {"loyalty.answers": 0.5}}
MAILS = {"weekly_cap": 2, "open_rate": 1.0}
SMALL: dict[str, Any] = {"strategy": "last_year", "customers": 300, "workers": 1}


def planted(*candidates: dict[str, Any], **fields: Any) -> Scenario:
    """Posters awaken needs; people who ordered would buy again if mails reached them.

    Mails need both rules and people who are recognised: neither does anything without the other.
    """
    return market(
        mail(attention=1.0, engagement=1.0, awaken=1.0),
        DIRECT,
        media("posters", peak=0.04, half=1.0, engagement=0.5, awaken=0.1),
        people=shopper(needs_per_year=2.0, repeat_needs_per_year=2.0, looks_per_day=0.5),
        search=STRAIGHT,
        spend={"mail": 1e5},
        candidates=list(candidates),
        **{
            "automation": MAILS,
            "integration": {"resolution": 0.0},
            "defaults": {"communities": 4},
            **fields,
        },
    )


@cache
def _platform(cost: float, replications: int = 4) -> Investments:
    """One platform that makes posters work better, at this cost of a budget of a million."""
    scenario = planted({**BETTER, "yearly_cost": cost})
    return invest(scenario, replications=replications, **SMALL)


def test_the_better_of_two_planted_markets_is_found() -> None:
    """The platform pays where it is cheap, and does not where it takes the money of the posters."""
    cheap, dear = _platform(1e4), _platform(9e5)
    assert (cheap.answer, cheap.bought) == (BUY, ("better",))
    assert cheap.words[0].startswith("buy better: +")
    assert (dear.answer, dear.bought) == (MEDIA, ())
    assert dear.words[0].startswith("buy nothing: better")


def test_where_the_interval_covers_0_it_says_so() -> None:
    """Between a cost at which it pays and one at which it does not lies one that cannot be told."""
    costs = (1e4, 9e5)
    gains = [_platform(cost).best.gain.estimate for cost in costs]
    between = float(np.interp(0.0, gains[::-1], costs[::-1]))
    found = _platform(between)
    for cost in np.linspace(*costs, 7):
        gain = found.best.gain
        if gain.low < 0 < gain.high:
            break
        found = _platform(float(cost))
    assert found.best.gain.low < 0 < found.best.gain.high
    assert found.answer == UNTOLD
    assert found.bought == ()
    assert found.words[0].startswith("cannot tell")
    assert "more to tell" in found.words[1] or "not even" in found.words[1]
    assert found.to_dict()["investments"][0]["chosen"] is False


def test_gain_is_what_it_does_less_what_the_money_brings_in_media() -> None:
    best = _platform(9e5).best
    assert best.gain.estimate == pytest.approx(best.effect.estimate - best.media.estimate)
    assert best.media.estimate > 0
    assert best.cost == pytest.approx(9e5)


def test_what_does_nothing_is_not_bought() -> None:
    """Where it costs nothing either, its gain is exactly 0, in every draw."""
    free = invest(planted(SURVEY), replications=2, **SMALL)
    assert free.best.gain[:2] == (0.0, 0.0)
    assert (free.answer, free.chosen_to_buy) == (MEDIA, False)
    assert "makes no difference" in free.words[0]
    dear = invest(planted({**SURVEY, "yearly_cost": 9e5}), replications=4, **SMALL)
    assert dear.best.effect.estimate == pytest.approx(-9e5)
    assert dear.answer == MEDIA


@cache
def _pair() -> Investments:
    return invest(planted(IDENTITY, RULES, SURVEY), replications=3, **SMALL)


def test_a_pair_that_only_pays_together_is_found() -> None:
    found = _pair()
    assert (found.answer, found.bought) == (BUY, ("identity", "rules"))
    assert all(one.effect.estimate == pytest.approx(-one.cost) for one in found.alone)
    together = {one.pair: one.together for one in found.pairs}
    assert len(together) == 3
    pair = together["identity", "rules"]
    assert pair is not None
    assert pair.low > 0
    assert found.lead is not None
    assert found.lead.low > 0
    assert "which is more than" in found.words[1]


def test_a_pair_that_is_not_measured_is_said_and_taken_to_add_up() -> None:
    found = invest(planted(IDENTITY, RULES), replications=2, pairs=0, **SMALL)
    assert [(one.pair, one.together) for one in found.pairs] == [(("identity", "rules"), None)]
    assert found.chosen_to_buy is False
    assert any("without a measured interplay: identity + rules" in line for line in found.words)


def test_of_two_that_change_the_same_thing_one_is_bought() -> None:
    more = {**BETTER, "name": "best", "changes": {"channels.posters.awaken": 0.2}}
    scenario = planted(BETTER, more)
    assert alternatives(scenario) == {frozenset({"better", "best"})}
    found = invest(scenario, replications=2, **SMALL)
    assert found.best.package == ("best",)
    assert found.pairs[0].why.startswith("they change the same thing")


def test_a_study_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    scenario, small = planted({**BETTER, "yearly_cost": 1e4}), {**SMALL, "customers": 80}
    cut = itertools.count()

    def once(what: str, done: int, total: int | None) -> None:
        if what == "draws that judge" and done and next(cut) == 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invest(scenario, replications=5, kept=tmp_path, progress=once, **small)
    whole = invest(scenario, replications=5, **small)
    rest = invest(scenario, replications=5, kept=tmp_path, **small)
    assert rest.reused == 2 * 2 + 3  # both pieces of two cells that chose, one of three that judge
    assert replace(rest, reused=0, seconds={}).to_dict() == replace(whole, seconds={}).to_dict()
    again = invest(scenario, replications=5, kept=tmp_path, **small)
    assert again.reused == 2 * 2 + 2 * 3
    assert len(list(tmp_path.glob("*.json"))) == again.reused


@pytest.mark.long
def test_more_workers_change_nothing() -> None:
    scenario = planted({**BETTER, "yearly_cost": 1e4})
    two = invest(scenario, replications=2, **{**SMALL, "workers": 2})
    one = invest(scenario, replications=2, **SMALL)
    assert replace(two, seconds={}).to_dict() == replace(one, seconds={}).to_dict()


def test_the_cost_is_that_of_its_days_and_of_what_comes_with_it() -> None:
    half = {**IDENTITY, "yearly_cost": 365e3, "one_off_cost": 5e4, "start": "2026-12-02"}
    bought = with_bought(planted(half), ["identity"])
    (mine,) = overheads(bought, planned=True)
    assert mine.amounts.sum() == pytest.approx(30 * 1e3 + 5e4)
    assert mine.amounts[335] == pytest.approx(5.1e4)
    film = {"made_for": "posters", "release": "2026-03-01", "cost": 2e5}
    made = {"name": "film", "yearly_cost": 1e4, "changes": {"content.assets": {"film": film}}}
    found = invest(planted(made), replications=2, **SMALL)
    assert found.best.cost == pytest.approx(2.1e5)
    assert found.plan.total == pytest.approx(1e6)


def _judged(estimate: float, reach: float) -> Judged:
    one = Interval(estimate, reach / 2, estimate - reach, estimate + reach)
    return Judged(("better",), 1.0, one, one, one)


@pytest.mark.parametrize(
    ("estimate", "reach", "answer"),
    [(2.0, 1.0, BUY), (-2.0, 1.0, MEDIA), (2.0, 3.0, UNTOLD), (-2.0, 3.0, UNTOLD),
     (0.0, 0.0, MEDIA), (0.0, 1.0, UNTOLD), (1.0, float("nan"), UNTOLD)],
)  # fmt: skip
def test_the_answer_is_the_intervals(estimate: float, reach: float, answer: str) -> None:
    assert _judged(estimate, reach).answer == answer


def test_what_beats_media_is_held_against_money_that_is_kept() -> None:
    """Posters that lose money make anything look good beside them."""
    found, good = _platform(1e4), Interval(2.0, 0.5, 1.0, 3.0)
    assert len(found.words) == 1
    for effect, said in (((-2.0, 0.5, -3.0, -1.0), "better still"), ((0.0, 1, -2, 2), "beats")):
        best = replace(_judged(2.0, 1.0), gain=good, effect=Interval(*effect))
        assert said in replace(found, best=best).words[1]


def test_draws_that_are_lacking_are_those_after_which_the_interval_lies_off_0() -> None:
    """A standard error that falls with the root of the draws, Student's interval around it."""
    found = replace(_platform(1e4), best=_judged(1.0, 1.5), draws=16)
    assert found.further is not None
    count = 16 + found.further
    reach = [0.75 * np.sqrt(16 / n) * 2.03 for n in (count - 2, count + 2)]
    assert reach[1] < 1.0 < reach[0] * 1.02
    assert replace(found, best=_judged(1e-6, 1.0)).further is None


def test_the_page_says_what_was_found_and_escapes_names() -> None:
    text = report.page(_pair())
    assert "buy identity + rules" in text
    assert "What pairs bring together" in text
    odd = replace(_pair().best, package=("<b>平台</b>",))
    found = replace(_pair(), best=odd)
    assert "&lt;b&gt;平台" in report.page(found)
    assert "<b>平台" not in report.page(found)
    assert "&lt;b&gt;平台" in found._repr_html_()


def test_the_cost_of_a_study_counts_its_years() -> None:
    assert invest_cost(1, 6, 4) == (8, 4 * 2 + 4 * 3)
    assert invest_cost(3, 6, None) == (32, 16 * (1 + 3 + 3) + 16 * (1 + 6 + 2))


@pytest.mark.parametrize(
    ("candidates", "words"),
    [
        ([], ["candidates", "nothing to buy"]),
        ([{**BETTER, "yearly_cost": 1e6}], ["candidates.better", "whole budget", "lower its cost"]),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(
    candidates: list[dict[str, Any]], words: list[str]
) -> None:
    with pytest.raises(StudyError) as refused:
        invest(planted(*candidates), replications=2, **SMALL)
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"replications": 1}, "replications"),
        ({"strategy": "clairvoyant"}, "clairvoyant needs what no company has"),
        ({"strategy": "lp_review"}, "lp_review needs what no company has"),
        ({"pairs": -1}, "pairs"),
    ],
)
def test_a_study_that_cannot_be_is_refused(asked: dict[str, Any], word: str) -> None:
    with pytest.raises(StudyError, match=word):
        invest(planted(BETTER), **{**SMALL, "replications": 2, **asked})


def test_one_that_leaves_too_little_for_the_rules_is_not_bought() -> None:
    rules = [{"kind": "commitment", "name": "booked", "channel": "posters", "sense": "at_least",
              "amounts": {"2026-03": 5e5}}]  # fmt: skip
    dear = {**BETTER, "name": "dear", "changes": {"loyalty.answers": 0.5}, "yearly_cost": 8e5}
    scenario = planted({**BETTER, "yearly_cost": 1e4}, dear, rules=rules)
    strategy = {**SMALL, "strategy": "last_year_within_rules"}
    found = invest(scenario, replications=2, **strategy)
    assert list(found.refused) == ["dear"]
    assert "booked" in found.refused["dear"]
    assert [one.package for one in found.alone] == [("better",)]
    with pytest.raises(StudyError, match="none can be bought"):
        invest(planted(dear, rules=rules), replications=2, **strategy)
    with pytest.raises(InfeasiblePlan):
        invest(planted(dear, rules=rules, budget=4e5), replications=2, **strategy)


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        ({**BETTER, "yearly_cost": -1.0}, ["candidates.better.yearly_cost", "greater than or"]),
        ({**BETTER, "one_off_cost": -1.0}, ["candidates.better.one_off_cost"]),
        ({**BETTER, "start": "2027-01-01"}, ["candidates.better.start", "outside the planned"]),
        ({**BETTER, "start": "2025-12-31"}, ["candidates.better.start", "outside the planned"]),
        ({**BETTER, "start": "2026-02-01"}, ["channels.posters.awaken has no date", "2026-01-01"]),
        ({**BETTER, "changes": {"integration.resolutoin": 1.0}}, ["did you mean 'resolution'"]),
        ({**BETTER, "changes": {"budget": 1.0}}, ["unknown part 'budget'"]),
        ({**BETTER, "changes": {"integration": {}}}, ["whole part"]),
        ({**BETTER, "changes": {"integration.consent": 1.0}}, ["people bring"]),
        ({**BETTER, "changes": {}}, ["candidates.better.changes"]),
        ({**BETTER, "name": " "}, ["name"]),
        (
            {"name": "film", "start": "2026-05-01", "changes": {"content.assets": {
                "film": {"made_for": "posters", "release": "2026-04-01"}}}},
            ["released on 2026-04-01", "2026-05-01"],
        ),
    ],
)  # fmt: skip
def test_a_candidate_that_cannot_be_is_refused_with_field_and_remedy(
    candidate: dict[str, Any], words: list[str]
) -> None:
    data = planted().model_dump(mode="json")
    with pytest.raises(ScenarioError) as refused:
        build_scenario(data, {"candidates": [candidate]}, "made.yaml")
    assert all(word in str(refused.value) for word in words)


def test_a_level_that_changes_within_the_year_already_is_no_candidates() -> None:
    there = {"name": "there", "start": "2026-03-01", "before": {"resolution": 0.0}}
    changes = {"investments": [there], "candidates": [IDENTITY]}
    data = planted().model_dump(mode="json")
    with pytest.raises(ScenarioError, match=r"'there' changes .* within the planned year"):
        build_scenario(data, changes, "made.yaml")


def test_until_something_is_bought_levels_are_those_that_were_drawn() -> None:
    """One bought on the last day of the year changes nothing before it, whatever was drawn."""
    changes = {"integration.personalisation": 0.6}
    late = {"name": "late", "start": "2026-12-31", "changes": changes}
    scenario = planted(
        late,
        integration={"resolution": 1.0, "personalisation": 0.3, "interests": 2},
        behaviour={"signup": 1.0, "match_gain": 2.0},
        automation={**MAILS, "rules": [{"name": "again", **RULE}]},
        uncertainty=[{"path": "integration.personalisation", "spread": 0.2}],
    )
    found = invest(scenario, replications=2, **{**SMALL, "customers": 100})
    assert found.best.gain.estimate == 0.0
    early = {**late, "start": "2026-01-01"}
    data = {**scenario.model_dump(mode="json"), "candidates": [early]}
    found = invest(build_scenario(data, {}, "early"), replications=2, **{**SMALL, "customers": 100})
    assert found.best.gain.estimate != 0.0


def test_names_stand_once_among_candidates_and_investments() -> None:
    data = planted().model_dump(mode="json")
    with pytest.raises(ScenarioError, match="'better' stands 2 times"):
        build_scenario(data, {"candidates": [BETTER, BETTER]}, "made.yaml")
    there = {"investments": [{"name": "better", "start": "2025-01-01"}], "candidates": [BETTER]}
    with pytest.raises(ScenarioError, match="has one of this name"):
        build_scenario(data, there, "made.yaml")


def test_what_is_bought_leaves_what_there_was() -> None:
    gone = {"name": "gone", "changes": {"channels": {"posters": None}}}
    list_ = {"name": "list", "changes": {"automation.rules": [{"name": "x", **RULE}]}}
    scenario = planted(automation={**MAILS, "rules": [{"name": "old", **RULE}]})
    data = scenario.model_dump(mode="json")
    with pytest.raises(ScenarioError, match="whole part"):
        build_scenario(data, {"candidates": [gone]}, "made.yaml")
    with pytest.raises(ScenarioError, match=r"takes out some of automation\.rules"):
        with_bought(build_scenario(data, {"candidates": [list_]}, "made.yaml"), ["list"])


def test_an_earlier_system_gives_way_to_a_later_one() -> None:
    """Its money stays; what a dial was before it is past."""
    old = {"name": "old", "start": "2025-04-01", "yearly_cost": 7.0, "before": {"resolution": 0.0}}
    scenario = planted(IDENTITY, RULES, investments=[old])
    bought = with_bought(scenario, ["identity", "rules"])
    assert [one.name for one in bought.investments] == ["old", "identity", "rules"]
    assert bought.investments[0].before == {}
    assert bought.investments[1].before == {"resolution": 0.0}
    assert str(bought.automation.rules[0].since) == "2026-01-01"
    assert bought.market_hash != scenario.market_hash == planted(investments=[old]).market_hash
