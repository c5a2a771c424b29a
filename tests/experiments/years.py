"""Years that are made up: retail's channels with curves that are known, lived week by week."""

import datetime as dt
from dataclasses import replace
from functools import cache

import numpy as np

from experiments.year_review.actuals import Actuals
from optimize import Curve, ResponseCurves, allocate, anchored, by_channel, months_drawn
from scenarios import MediaPlan, Scenario, load_scenario

ORDERS, WORTH = 990_000.0, 240.0
SHARES = {
    "seo": 0.12, "paid_search": 0.10, "wechat": 0.07, "retargeting": 0.02, "messages": 0.03,
    "douyin": 0.10, "xiaohongshu": 0.09, "bilibili": 0.02, "kol": 0.04, "local_life": 0.02,
    "group_buying": 0.02, "forums": 0.01,
}  # fmt: skip
MARGIN = 0.4


@cache
def scenario() -> Scenario:
    return load_scenario("retail", {"rules": [], "goals": GOALS})


GOALS = [
    {"name": "revenue up 5 %", "kpi": "revenue", "change": 0.05},
    {"name": "Q4 orders up 5 %", "kpi": "conversions", "change": 0.05, "period": "Q4"},
    {"name": "return of 1.2", "kpi": "roi", "level": 1.2},
    {"name": "tier-2 engagement", "kpi": "engagement_rate", "level": 0.02, "tier": 2},
]


@cache
def curves(error: float = 0.2) -> ResponseCurves:
    """Curves at the middle of which last year's money lies, known to so much of themselves."""
    here, rng = scenario(), np.random.default_rng(3)
    per = {"conversions": 1.0, "revenue": WORTH, "margin": MARGIN * WORTH}
    month = ORDERS / 12
    made = []
    factors = {name: 1 + error * rng.standard_normal(40) for name in SHARES}
    for kpi, worth in per.items():
        for name, share in SHARES.items():
            half = float(here.reference_plan.of(name).mean())
            ceiling = 2 * share * month * worth
            draws = np.column_stack(
                [ceiling * np.maximum(factors[name], 0.05), np.full(40, half), np.ones(40)]
            )
            made.append(Curve(name, kpi, "hill", ceiling, half, draws=draws, evidence="data"))
    level = {kpi: np.full(12, month * worth) for kpi, worth in per.items()}
    last = {kpi: float(x.sum()) for kpi, x in level.items()}
    last |= {f"{kpi}@Q4": x / 4 for kpi, x in last.items()}
    return anchored(ResponseCurves(tuple(made), tuple(here.months), last_year=last), here, level)


@cache
def plan() -> MediaPlan:
    return allocate(scenario(), curves(), gap=1e-3, explain=False).media


def lived(
    seed: int | None,
    months: int = 6,
    *,
    factor: dict[str, float] | None = None,
    since: str = "2026-04",
    regions: int = 1,
    wander: float = 0.0,
    clicks: bool = True,
    money: MediaPlan | None = None,
) -> Actuals:
    """Weeks of a year under a plan, some of whose channels (or demand) change from a month on.

    Without `seed` there is no chance in them. `wander` is how far a channel's money wanders between
    weeks and regions, whose sum by month stays. Clicks change as the channel does.
    """
    here, rng = scenario(), np.random.default_rng(seed or 0)
    mine, factor = money or plan(), factor or {}
    first = dt.date(2026, 1, 5)
    count = (dt.date(2026 + months // 12, months % 12 + 1, 1) - first).days // 7
    starts = tuple(first + dt.timedelta(7 * n) for n in range(count))
    day = [[f"{s + dt.timedelta(d):%Y-%m}" for d in range(7)] for s in starts]
    days = np.array([[row.count(m) for m in here.months] for row in day], dtype=float)
    lengths = np.array([here.days_in(m) for m in here.months], dtype=float)
    late = days[:, list(here.months).index(since) :].sum(axis=1) / 7
    share = np.full(regions, 1 / regions)
    whole = np.array([(days / lengths) @ mine.of(name) for name in here.plannable])  # [C, P]
    spend = share[:, None, None] * whole.T[None]
    if wander:
        weight = np.exp(wander * rng.standard_normal(spend.shape))
        spend = spend * weight / (spend * weight).sum(axis=(0, 1)) * spend.sum(axis=(0, 1))
    total = months_drawn(here, curves(), mine, "conversions").mean(axis=0)
    brought = by_channel(here, curves(), mine, "conversions")
    base = (days / lengths) @ (total - sum(brought.values()))
    mean = share[:, None] * base[None]
    for c, name in enumerate(here.plannable):
        follows = spend[..., c] / spend[..., c].sum(axis=0).clip(1e-9) if regions > 1 else 1.0
        kept = next(x.retention for x in here.channels if x.name == name) ** 7
        own = spend[..., c].sum(axis=0) / whole[c].clip(1e-9)
        weekly = (days / lengths) @ brought[name] * (kept + (1 - kept) * own)
        mean = mean + follows * weekly * (1 + (factor.get(name, 1.0) - 1) * late)
    mean = mean * (1 + (factor.get("demand", 1.0) - 1) * late)
    orders = mean
    rates = np.array([[1 + (factor.get(n, 1.0) - 1) * x for n in here.plannable] for x in late])
    seen = spend.sum(axis=0) * 0.3 * rates
    if seed is not None:
        month = np.repeat(1 + 0.01 * rng.standard_normal(13), 5)[:count]
        orders = rng.poisson(mean * month * (1 + 0.01 * rng.standard_normal(count))).astype(float)
        seen = rng.poisson(seen * np.exp(0.05 * rng.standard_normal(seen.shape))).astype(float)
    return Actuals(
        "a year", "week", tuple(here.months), tuple(here.plannable),
        tuple(f"r{n}" for n in range(regions)), starts, days, lengths, spend,
        seen if clicks else np.full(seen.shape, np.nan),
        {"conversions": orders, "revenue": orders * WORTH},
    )  # fmt: skip


def table_of(actuals: Actuals) -> str:
    """The same as the CSV of a history."""
    lines = ["week,region,channel,spend,clicks,conversions,revenue"]
    for p, week in enumerate(actuals.starts):
        for r, region in enumerate(actuals.regions):
            for c, name in enumerate(actuals.channels):
                clicks = actuals.clicks[p, c] / len(actuals.regions)
                lines.append(f"{week},{region},{name},{actuals.spend[r, p, c]:.4f},{clicks:.4f},,")
            orders, money = (actuals.outcomes[k][r, p] for k in ("conversions", "revenue"))
            lines.append(f"{week},{region},total,,,{orders:.4f},{money:.4f}")
    return "\n".join(lines) + "\n"


def weeks_of(actuals: Actuals, months: int) -> Actuals:
    """The weeks that lie in the first months."""
    kept = actuals.days[:, months:].sum(axis=1) == 0
    return replace(
        actuals, starts=tuple(s for s, k in zip(actuals.starts, kept, strict=True) if k),
        days=actuals.days[kept], spend=actuals.spend[:, kept], clicks=actuals.clicks[kept],
        outcomes={k: x[:, kept] for k, x in actuals.outcomes.items()},
    )  # fmt: skip
