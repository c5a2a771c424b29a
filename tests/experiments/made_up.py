"""Made-up outcomes for tests: strategies with known means in worlds that they share."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.comparison.result import GOAL_COLUMNS, OUTCOME_COLUMNS, PLAN_COLUMNS, Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.money import COLUMNS, BudgetPlan, Budgets, Returns


class Price(NamedTuple):
    """A rule's price, as the optimizer gives it."""

    rule: str
    price: float
    words: str


MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def outcomes(
    means: Mapping[str, float],
    *,
    worlds: int = 12,
    between: float = 40.0,
    within: float = 3.0,
    seed: int = 1,
) -> pd.DataFrame:
    """Margin and spend: a world's level shared by all strategies, and each one's own noise."""
    luck = np.random.default_rng(seed)
    level = luck.normal(0, between, worlds)
    rows = []
    for name, mean in means.items():
        margin = mean + level + luck.normal(0, within, worlds)
        for world in range(worlds):
            rows.append((name, world, "all", "margin", margin[world], within))
            rows.append((name, world, "all", "spend", 100.0, 0.0))
            rows.append((name, world, "all", "cac", 50 - margin[world] / 100, 0.1))
            rows.append((name, world, "tier:1", "margin", 0.6 * margin[world], 0.6 * within))
    return pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS))


def goals(table: pd.DataFrame, target: float) -> pd.DataFrame:
    """One goal on margin."""
    rows = table.query("kpi == 'margin' and scope == 'all'")
    rows = rows.rename(columns={"value": "actual"}).assign(goal="more margin", target=target)
    return rows.assign(met=rows["actual"] >= target)[list(GOAL_COLUMNS)]


def plans(table: pd.DataFrame) -> pd.DataFrame:
    """100 in all, evenly over two channels and twelve months."""
    rows = [
        (name, world, channel, month, 100 / 24)
        for name in table["strategy"].unique()
        for world in table["world"].unique()
        for channel in ("search", "douyin")
        for month in MONTHS
    ]
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def comparison(means: Mapping[str, float], *, target: float = 1000.0, **more: float) -> Comparison:
    """A comparison of strategies whose mean margins are known."""
    table = outcomes(means, **more)  # type: ignore[arg-type]
    return Comparison(
        scenario="made up",
        seed=1,
        customers=500,
        outcomes=table,
        plans=plans(table),
        goals=goals(table, target),
        objective="margin",
        currency="CNY",
        scenario_hash="abc123",
        seconds={"simulate": 1.5},
    )


CHANNELS = [
    ("site", "Website & app", "官网/APP", 1, 1.2),
    ("seo", "Organic search", "自然搜索", 1, 0.9),
    ("search", "Paid search", "付费搜索", 1, 2.8),
    ("wechat", "WeChat accounts", "微信生态", 1, 1.1),
    ("douyin", "Douyin", "抖音", 2, 1.9),
    ("bilibili", "Bilibili", "B站", 2, 0.8),
    ("xiaohongshu", "Xiaohongshu", "小红书", 2, 1.4),
    ("kol", "KOL", "达人合作", 2, 1.0),
    ("email", "Email <b>", "邮件", 2, 0.2),
    ("local_life", "Local-life platforms", "本地生活", 3, 0.4),
    ("group_buy", "Community group buying", "社区团购", 3, 0.3),
]


def last_year(worlds: int, **means: float) -> pd.DataFrame:
    """Last year as it was, the same in all worlds."""
    rows = [(world, "all", kpi, x, 0.0) for world in range(worlds) for kpi, x in means.items()]
    return pd.DataFrame(rows, columns=["world", "scope", "kpi", "value", "se"])


def story(*, worlds: int = 8) -> Comparison:
    """A comparison of the size that the main job gives, on made-up figures."""
    luck = np.random.default_rng(3)
    leads = {"last_year": 0.0, "equal": -0.9, "last_click": -0.5, "tiered": 0.25, "lp": 0.55}
    leads |= {"lp_known_curves": 1.24}
    market = luck.normal(1, 0.06, worlds)
    rows = []
    for name, lead in leads.items():
        for world in range(worlds):
            margin = (30 * market[world] + lead + luck.normal(0, 0.16)) * 1e6
            figures = {
                "margin": (margin, 1.3e5),
                "spend": (12e6, 0.0),
                "revenue": (margin / 0.42, 3e5),
                "conversions": (margin / 150, 900.0),
                "new_customers": (margin / 420, 400.0),
                "cac": (12e6 / (margin / 420), 1.1),
                "conversion_rate": (0.031 + lead / 900, 0.0002),
                "reach": (3.1e6 * market[world], 1e4),
                "engagement_rate": (0.043 - lead / 800, 0.0001),
                "drive_to_core": (0.19, 0.002),
                "nps": (31.0 + luck.normal(0, 1), 0.8),
                "niche_penetration": (0.22, 0.004),
            }
            rows += [(name, world, "all", kpi, *pair) for kpi, pair in figures.items()]
    table = pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS))
    wanted = {"new_customers": (7.2e4, "new customers +5 %"), "cac": (168.0, "CAC −5 %")}
    goal_rows = [
        (r.strategy, r.world, wanted[r.kpi][1], r.kpi, r.value, wanted[r.kpi][0])
        for r in table.itertuples()
        if r.kpi in wanted
    ]
    aims = pd.DataFrame(goal_rows, columns=list(GOAL_COLUMNS[:-1]))
    aims["met"] = (aims["actual"] >= aims["target"]) ^ (aims["kpi"] == "cac")
    return Comparison(
        scenario="retail",
        seed=1,
        customers=8000,
        outcomes=table,
        plans=_seasonal_plans(list(leads), worlds),
        goals=aims,
        objective="margin",
        currency="CNY",
        scenario_hash="5f0c9a71d2e84b36",
        last_year=last_year(worlds, spend=12.5e6, margin=29.5e6),
        seconds={"simulate": 31.4, "curves": 9.2, "plan": 1.1, "track": 4.0},
    )


def _seasonal_plans(strategies: list[str], worlds: int) -> pd.DataFrame:
    season = np.array([0.8, 1.2, 0.8, 0.8, 1.0, 1.5, 0.8, 0.7, 0.9, 1.1, 1.7, 0.9])
    rows = []
    for shift, name in enumerate(strategies):
        shares = np.array([c[4] for c in CHANNELS])
        tilt = 1 + 0.12 * shift * np.sin(np.arange(len(CHANNELS)) * (1.0 + shift / 3))
        money = np.outer(shares * tilt, season)
        money *= 12e6 / money.sum()
        for world in range(worlds):
            for i, channel in enumerate(CHANNELS):
                rows += [
                    (name, world, channel[0], month, money[i, j]) for j, month in enumerate(MONTHS)
                ]
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def report_data() -> ReportData:
    """What stands around `story`, every part of it."""
    channels = pd.DataFrame(
        [c[:4] for c in CHANNELS], columns=["channel", "label", "label_zh", "tier"]
    )
    spend = np.linspace(0, 4e5, 25)
    lines, points, credit = [], [], []
    for index, (name, *_, share) in enumerate(CHANNELS):
        ceiling, half = 3e5 * share**0.7, 9e4 * share
        response = ceiling * spend / (half + spend)
        lines.append(
            pd.DataFrame(
                {
                    "channel": name,
                    "spend": spend,
                    "response": response,
                    "low": response * 0.8,
                    "high": response * 1.18,
                }
            )
        )
        for point, money in (("today", 8e4 * share), ("planned", 6e4 * share + 1.2e4 * index)):
            points.append((name, point, money, ceiling * money / (half + money)))
        truth = 3000 * share**0.6
        for model, factor in (("last", 2.4 if name in {"search", "seo"} else 0.6), ("markov", 1.3)):
            credit.append((model, name, truth * factor, truth, 220.0))
    return ReportData(
        title="A year of retail",
        title_zh="零售年度方案",
        about="A retailer with site, shops and social seeding. Money in CNY; the year is 2026.",
        channels=channels,
        prices=[
            Price("budget", 1.31, "Raising the budget by ¥1 adds ¥1.31 margin."),
            Price("ramp", 0.0, "does not bind"),
            Price("tier_3_at_least", -0.42, "each yuan held in tier 3 costs 0.42 of margin"),
        ],
        curves=pd.concat(lines),
        points=pd.DataFrame(points, columns=["channel", "point", "spend", "response"]),
        attribution=pd.DataFrame(
            credit, columns=["model", "channel", "credit", "truth", "truth_se"]
        ),
        curves_from="Curves as the company estimates them from its own last year.",
        credit_rule="Credit is given to visits, by the channel that led to them.",
        plausibility=pd.DataFrame(
            [
                ("click_rate@channel:search", 0.041, 0.002, 0.02, 0.08, "inside", "benchmarks", ""),
                ("baseline_share", 0.59, 0.02, 0.6, 0.9, "near", "field studies", "few stores"),
                ("repurchase_rate", 0.45, 0.01, 0.2, 0.4, "outside", "*assumed*", ""),
            ],
            columns=["figure", "value", "se", "low", "high", "verdict", "source", "why"],
        ),
        last_year=_spent(),
        returns=Returns(_returns(1.0), _returns(0.9), 18e6, 30e6, 30.4e6),
        budgets=_budgets(),
        expected=pd.DataFrame(
            [("lp", 29.1e6, 27e6, 31e6), ("lp_known_curves", 31e6, np.nan, np.nan)],
            columns=["strategy", "expected", "low", "high"],
        ),
        given={"people in the market": "2,000,000", "budget of the year": "¥12.0M"},
        uncertain=[("channels.*.half", 0.2, False), ("personas.*.needs_per_year", 0.05, True)],
        repeat=["tiermix run retail --seed 1"],
        sampling={"market years": "96", "customers in all": "768,000"},
        provenance={"Tiermix": "0.1.0", "Python": "3.11"},
    )


def _spent() -> pd.DataFrame:
    """12.5 million over channels and months."""
    whole = sum(c[4] for c in CHANNELS)
    rows = [(c[0], month, 12.5e6 * c[4] / whole / 12) for c in CHANNELS for month in MONTHS]
    return pd.DataFrame(rows, columns=["channel", "month", "amount"])


def _returns(tilt: float) -> pd.DataFrame:
    """Channels of which the small ones return most; one had no money."""
    rows = []
    for index, (name, *_, share) in enumerate(CHANNELS):
        spend = (
            0.0 if name == "group_buy" and tilt == 1.0 else 1e6 * share * (1 + index / 20) * tilt
        )
        brought, marginal = 1.2e6 * share**0.5, 1.6 - 0.4 * share
        ends = [brought * 0.5, brought * 1.8, marginal * 0.5, marginal * 1.5]
        rows.append((name, spend, brought, 0.9 * brought, marginal, *ends))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _budgets() -> Budgets:
    """Half as much money that no plan can do with, and more of it that ever less is made of."""
    spend = {c[0]: 1e6 * c[4] for c in CHANNELS}
    plans = [BudgetPlan(6e6, np.nan, np.nan, np.nan, {})]
    plans += [
        BudgetPlan(money, 20e6 + 6 * money**0.85, 20e6 + 6.01 * money**0.85, slope, spend)
        for money, slope in ((9e6, 1.4), (12e6, 1.1), (15e6, 0.8))
    ]
    return Budgets(plans, 13e6, "margin", 12e6)
