"""The page of a study of investments: what to buy, what each does, what the money does in media."""

from __future__ import annotations

from markupsafe import Markup

from experiments.investments.choice import Interplay
from experiments.investments.result import Investments, Judged
from experiments.report.charts import investments as charts
from experiments.report.charts.common import themed
from experiments.report.frame import document
from experiments.report.html import chart, facts, masthead, rich, section, table, tag
from experiments.stats import Interval
from experiments.wording import counted, in_unit, kpi_name
from tiermix.core.figures import short_money

GAINS = (
    "Gain: what buying brings more than all money in media, with the same budget in both. It is "
    "what the investment does with media planned again on the money that is left, less what that "
    "money would have brought in media. Every figure comes from draws that did not choose what to "
    "buy; intervals are 95 %, each for itself, paired by draw."
)
PAIRS = (
    "What two bring together beyond the gains of each alone, from the draws that choose. Where it "
    "was not measured, the choice takes the two to add up."
)


def page(found: Investments) -> str:
    """The study as one HTML document that opens without a network."""
    parts = (_top, _gains, _pairs, _media)
    return document(_title(found), *(part(found) for part in parts))


def _title(found: Investments) -> str:
    return f"Buy, or more media: {found.scenario}"


def _top(found: Investments) -> Markup:
    made = (
        f"{counted(found.draws, 'draw')} that choose and as many that judge, of "
        f"{found.customers:,} customers · seed {found.seed} · media by {found.strategy} · scenario "
        f"{found.scenario_hash}"
    )
    return masthead(_title(found), made, rich(f"**{found.words[0]}**"))


def _gains(found: Investments) -> Markup:
    goal = kpi_name(found.objective)
    words = f"Gain in {goal} against all money in media; lines are 95 % intervals."
    said = [tag("p", line + ".") for line in found.words[1:]]
    drawn = themed(charts.gains(found.table(), unit=f"gain in {goal}"))
    head = ["Bought", "answer", "cost in the year", "what it does", "the money in media", "gain"]
    return section(
        "gains", "What buying brings", "投资与媒体对比", *said,
        chart(drawn, key="gains", label=words, caption=words),
        tag("p", GAINS, class_="note"),
        table([*head, "95 %"], [_row(found, one) for one in found.shown], words=2, wide=True),
    )  # fmt: skip


def _row(found: Investments, one: Judged) -> list[object]:
    effects = (_money(found, x.estimate) for x in (one.effect, one.media))
    cost = short_money(one.cost, found.currency)
    answer = one.answer
    return [one.name, answer, cost, *effects, _money(found, one.gain.estimate),
            _range(found, one.gain)]  # fmt: skip


def _pairs(found: Investments) -> Markup:
    if not found.pairs:
        return Markup("")
    rows = [_pair(found, one) for one in found.pairs]
    return section(
        "pairs", "What pairs bring together", "协同效应", tag("p", PAIRS, class_="note"),
        table(["Pair", "beyond the two", "95 %"], rows),
    )  # fmt: skip


def _pair(found: Investments, one: Interplay) -> list[object]:
    name = " + ".join(one.pair)
    if one.together is None:
        return [name, one.why, "–"]
    return [name, _money(found, one.together.estimate), _range(found, one.together)]


def _media(found: Investments) -> Markup:
    money = {
        name: short_money(amount, found.currency)
        for name, amount in found.plan.by_channel.items()
        if amount > 0
    }
    bought = " + ".join(found.bought) or "nothing"
    words = f"Media with {bought} bought, as {found.strategy} plans them in the first draw."
    return section("media", "The media of the answer", "媒体预算", tag("p", words), facts(money))


def _money(found: Investments, value: float) -> str:
    return in_unit(found.objective, value, found.currency, signed=True)


def _range(found: Investments, one: Interval[float]) -> str:
    return f"[{_money(found, one.low)}, {_money(found, one.high)}]"
