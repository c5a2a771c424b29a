"""Every KPI against a slow, obvious computation from the run's own log.

In a market whose log sees everything: all people consent and are recognised, all impressions are
noticed and logged, nobody was a customer before the log began, and nobody moves away.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
import pytest

from scenarios import Scenario
from sim import Run, simulate
from tests.contracts.scenes import busy

CUSTOMERS = 1200


def transparent() -> Scenario:
    """The scenario with everything on, in full light."""
    data = busy().model_dump(mode="json")
    data["integration"] |= {"resolution": 1.0, "consent": 1.0, "view_visibility": 1.0}
    data["behaviour"]["turnover"] = 0.0
    data["defaults"]["communities"] = 12
    for channel in data["channels"]:
        channel["viewability"] = 1.0
    for person in data["personas"]:
        person["customers"] = 0.0
    return Scenario.model_validate(data)


class Slow:
    """KPIs of one year from its log, its ledger and nothing else."""

    def __init__(self, run: Run) -> None:
        self.run, self.scenario = run, run.scenario
        self.weight = self.scenario.market_size / CUSTOMERS
        self.touches = _plain(run.log.touches)
        self.conversions = _plain(run.log.conversions)
        self.before = _plain(run.history.log.touches), _plain(run.history.log.conversions)
        self.ledger = run.ledger
        people = run.truth.drop_duplicates("customer_id")
        self.people = people.set_index("visitor_id")
        self.tier = {c.name: c.tier for c in self.scenario.channels}
        self.mails = {c.name for c in self.scenario.channels if c.delivery == "triggered"}

    def only(self, scope: str) -> Slow:
        """The same seen through one scope: what happened on its channels, days or to its people."""
        kind, _, name = scope.partition(":")
        if kind == "all":
            return self
        part = Slow(self.run)
        if kind in ("tier", "channel"):
            mine = {c for c, t in self.tier.items() if name in (str(t), c)}
            part.touches = self.touches[self.touches["channel"].isin(mine)]
            part.conversions = self.sessions[self.sessions["channel"].isin(mine)]
            part.ledger = self.ledger[self.ledger["channel"].isin(mine)]
        elif kind in ("month", "quarter"):
            part.touches, part.conversions = (
                frame[_period(frame["time"], kind) == name]
                for frame in (self.touches, self.conversions)
            )
            part.ledger = self.ledger[_period(self.ledger["date"], kind) == name]
        else:
            mine = self.people.index[self.people["persona"] == name]
            part.touches = self.touches[self.touches["visitor_id"].isin(mine)]
            part.conversions = self.conversions[self.conversions["visitor_id"].isin(mine)]
        part.everything = self.touches
        return part

    everything: pd.DataFrame | None = None

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """Outcomes with the channel of the visit in which they happened."""
        visits = self.touches[self.touches["kind"] == "visit"]
        return self.conversions.merge(
            visits[["visitor_id", "time", "channel"]], on=["visitor_id", "time"], how="left"
        )

    def _rows(self, *kinds: str) -> pd.DataFrame:
        return self.touches[self.touches["kind"].isin(kinds)]

    @property
    def orders(self) -> pd.DataFrame:
        return self.conversions[self.conversions["kind"] == "order"]

    @property
    def clicks(self) -> pd.DataFrame:
        return self._rows("click")

    @property
    def engaged_people(self) -> pd.Series:
        """Channels on which each engaged person engaged."""
        return self.clicks.groupby("visitor_id")["channel"].nunique()

    @property
    def first_orders(self) -> pd.DataFrame:
        earlier = self.before[1]
        old = set(earlier.loc[earlier["kind"] == "order", "visitor_id"])
        whole = Slow(self.run).sessions
        orders = whole[whole["kind"] == "order"].sort_values("time", kind="stable")
        new = orders[~orders["visitor_id"].isin(old)].drop_duplicates("visitor_id")
        keys = set(zip(self.orders["visitor_id"], self.orders["time"], strict=True))
        return new[[k in keys for k in zip(new["visitor_id"], new["time"], strict=True)]]

    def spend(self) -> float:
        return float(self.ledger["spend"].sum())

    def conversions_(self) -> float:
        return self.weight * len(self.orders)

    def revenue(self) -> float:
        return self.weight * float(self.orders["value"].sum())

    def margin(self) -> float:
        return self.weight * float(self.orders["margin"].sum())

    def profit(self) -> float:
        return self.margin() - self.spend()

    def roi(self) -> float:
        return self.profit() / self.spend()

    def new_customers(self) -> float:
        return self.weight * len(self.first_orders)

    def signups(self) -> float:
        return self.weight * float((self.conversions["kind"] == "signup").sum())

    def leads(self) -> float:
        return self.weight * float((self.conversions["kind"] == "lead").sum())

    def visits(self) -> float:
        return self.weight * len(self._rows("visit"))

    def impressions(self) -> float:
        return self.weight * len(self._rows("impression", "message"))

    def cac(self) -> float:
        return self.spend() / self.new_customers()

    def cost_per_signup(self) -> float:
        return self.spend() / self.signups()

    def conversion_rate(self) -> float:
        return self.conversions_() / self.visits()

    def click_rate(self) -> float:
        return self.weight * len(self.clicks) / self.impressions()

    def engagement_rate(self) -> float:
        return len(self.clicks) / len(self._rows("impression", "open"))

    def repurchase_rate(self) -> float:
        counts = self.orders.groupby("visitor_id").size()
        return float((counts >= 2).mean())

    def active_customers(self) -> float:
        orders = pd.concat([self.before[1], self.orders])
        bought = set(orders.loc[orders["kind"] == "order", "visitor_id"])
        visits = pd.concat([self.before[0], self.touches])
        visits = visits[visits["kind"] == "visit"]
        end = pd.Timestamp("2027-01-01")
        recent = set()
        for frame in (visits, orders[orders["kind"] == "order"]):
            recent |= set(frame.loc[end - frame["time"] <= pd.Timedelta(days=90), "visitor_id"])
        return self.weight * len(bought & recent & set(self._mine))

    @property
    def _mine(self) -> pd.Index:
        return pd.Index(pd.concat([self.touches, self.conversions])["visitor_id"].unique())

    def reach(self) -> float:
        media = {c.name for c in self.scenario.channels if c.delivery != "search"}
        noticed = self._rows("impression", "open")
        return self.weight * noticed.loc[noticed["channel"].isin(media), "visitor_id"].nunique()

    def cross_channel_engagement(self) -> float:
        return float((self.engaged_people >= 2).mean())

    def drive_to_core(self) -> float:
        """Tier-2 engagements with a visit of the same person within 7 days (of this year)."""
        touches = self.touches if self.everything is None else self.everything
        visits = touches[touches["kind"] == "visit"].groupby("visitor_id")["time"].apply(np.array)
        second = [c for c, tier in self.tier.items() if tier == 2]
        engaged = self.clicks[self.clicks["channel"].isin(second)]
        driven = 0
        for who, at in zip(engaged["visitor_id"], engaged["time"].to_numpy(), strict=True):
            later = visits.get(who, np.zeros(0, "datetime64[us]"))
            driven += bool(((later >= at) & (later <= at + np.timedelta64(7, "D"))).any())
        return driven / len(engaged)

    def email_click_rate(self) -> float:
        sent = self._rows("message")
        return float(self.clicks["channel"].isin(self.mails).sum()) / len(sent)

    def email_sales(self) -> float:
        whole = Slow(self.run).sessions
        mailed = whole[whole["channel"].isin(self.mails) & (whole["kind"] == "order")]
        keys = set(zip(mailed["visitor_id"], mailed["time"], strict=True))
        pairs = zip(self.orders["visitor_id"], self.orders["time"], strict=True)
        return self.weight * float(self.orders["value"][[k in keys for k in pairs]].sum())

    def brand_consistency(self) -> float:
        """Heard touches whose theme is that of the last one heard on another channel."""
        now = self.touches.assign(now=True)
        both = pd.concat([self.before[0].assign(now=False), now])
        search = {c.name for c in self.scenario.channels if c.delivery == "search"}
        heard = both[both["kind"].isin(["impression", "open"]) & ~both["channel"].isin(search)]
        compared = agreed = 0
        for _, rows in heard.groupby("visitor_id"):
            memory: dict[str, str] = {}
            for channel, theme, counts in zip(
                rows["channel"], rows["theme"], rows["now"], strict=True
            ):
                others = [t for c, t in memory.items() if c != channel]
                if others and counts:
                    compared += 1
                    agreed += theme == others[-1] != "off_core"
                memory.pop(channel, None)
                memory[channel] = theme
        return agreed / compared

    def lead_conversion_rate(self) -> float:
        """Leads with an order in the year after they became one."""
        leads = self.conversions[self.conversions["kind"] == "lead"]
        last = self.orders.groupby("visitor_id")["time"].max()
        return float((leads["visitor_id"].map(last) > leads["time"]).mean())


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(frame).copy()
    words = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(words, object))


def _period(times: pd.Series, kind: str) -> pd.Series:
    if kind == "quarter":
        return "Q" + pd.to_datetime(times).dt.quarter.astype(str)
    return pd.to_datetime(times).dt.strftime("%Y-%m")


@pytest.fixture(scope="session")
def slow() -> Slow:
    """A run of the transparent market, and its slow reading."""
    return Slow(simulate(transparent(), seed=11, customers=CUSTOMERS, workers=1))


SUMS = ["conversions", "revenue", "margin", "new_customers", "signups", "leads", "visits",
        "impressions", "active_customers", "reach", "email_sales", "profit"]  # fmt: skip
RATIOS = ["cac", "cost_per_signup", "roi", "conversion_rate", "click_rate", "engagement_rate",
          "repurchase_rate", "cross_channel_engagement", "drive_to_core", "email_click_rate",
          "brand_consistency", "lead_conversion_rate"]  # fmt: skip
UNLOGGED = {"awareness", "market_share"}
"""No log can show these: see the tests of theory."""


def _slow(slow: Slow, kpi: str) -> float:
    return float(getattr(slow, "conversions_" if kpi == "conversions" else kpi)())


@pytest.mark.parametrize("kpi", [*SUMS, *RATIOS])
def test_a_kpi_of_the_year_is_what_the_log_says(slow: Slow, kpi: str) -> None:
    ours = slow.run.scorecard.value(kpi)
    assert ours > 0 or kpi in ("profit", "roi")
    assert ours == pytest.approx(_slow(slow, kpi), rel=1e-9)


def test_no_kpi_is_left_out(slow: Slow) -> None:
    shown = {k for k in slow.run.scorecard.estimates() if k not in {"spend"}}
    assert shown - UNLOGGED == {*SUMS, *RATIOS}


CHANNEL_KPIS = ["conversions", "revenue", "margin", "new_customers", "visits", "impressions",
                "signups", "click_rate", "engagement_rate", "conversion_rate"]  # fmt: skip


@pytest.mark.parametrize("scope", ["tier:1", "tier:2", "channel:ads", "channel:mail",
                                   "channel:video", "channel:again", "channel:direct"])  # fmt: skip
def test_kpis_of_channels_and_tiers_are_what_the_log_says(slow: Slow, scope: str) -> None:
    ours, part = slow.run.scorecard.estimates(scope), slow.only(scope)
    for kpi in CHANNEL_KPIS:
        if kpi in ("click_rate", "engagement_rate") and scope == "channel:direct":
            continue
        assert ours[kpi][0] == pytest.approx(_slow(part, kpi), rel=1e-9), kpi


def test_drive_to_core_by_channel(slow: Slow) -> None:
    for scope in ("tier:2", "channel:video", "channel:notes"):
        ours = slow.run.scorecard.value("drive_to_core", scope)
        assert ours == pytest.approx(slow.only(scope).drive_to_core(), rel=1e-9)


MONTH_KPIS = ["conversions", "revenue", "margin", "profit", "new_customers", "signups", "visits",
              "impressions", "cac", "roi", "click_rate", "conversion_rate",
              "email_click_rate"]  # fmt: skip


@pytest.mark.parametrize("scope", ["month:2026-01", "month:2026-07", "month:2026-12",
                                   "quarter:Q2", "quarter:Q4"])  # fmt: skip
def test_kpis_of_months_and_quarters_are_what_the_log_says(slow: Slow, scope: str) -> None:
    ours, part = slow.run.scorecard.estimates(scope), slow.only(scope)
    for kpi in MONTH_KPIS:
        assert ours[kpi][0] == pytest.approx(_slow(part, kpi), rel=1e-9), kpi


@pytest.mark.parametrize("scope", ["persona:young", "persona:old"])
def test_kpis_of_personas_are_what_the_log_says(slow: Slow, scope: str) -> None:
    ours, part = slow.run.scorecard.estimates(scope), slow.only(scope)
    for kpi in ("conversions", "revenue", "margin", "new_customers", "signups", "leads",
                "repurchase_rate", "reach", "cross_channel_engagement"):  # fmt: skip
        assert ours[kpi][0] == pytest.approx(_slow(part, kpi), rel=1e-9), kpi


@pytest.mark.parametrize("kpi", ["conversions", "revenue", "conversion_rate", "click_rate"])
def test_standard_errors_are_the_jackknife_over_communities(slow: Slow, kpi: str) -> None:
    """Each community left out in turn; sums are scaled up to the people of the whole market."""
    community = slow.people["community"]
    groups = community.nunique()
    left = []
    for out in range(groups):
        part = Slow(slow.run)
        part.weight *= 1.0 if "rate" in kpi else CUSTOMERS / (community != out).sum()
        for name in ("touches", "conversions"):
            frame = getattr(part, name)
            setattr(part, name, frame[frame["visitor_id"].map(community) != out])
        left.append(_slow(part, kpi))
    spread = np.sqrt((groups - 1) / groups * ((np.array(left) - np.mean(left)) ** 2).sum())
    assert slow.run.scorecard.estimates()[kpi][1] == pytest.approx(spread, rel=1e-9)


def test_aggregates_are_the_log_by_week_region_and_channel(slow: Slow) -> None:
    """Counts times the people behind each customer; orders on the channel of their session."""
    region = slow.people["region"]
    start = pd.Timestamp("2025-01-01")

    def tally(frame: pd.DataFrame, value: str = "") -> pd.Series:
        week = start + pd.to_timedelta((frame["time"] - start).dt.days // 7 * 7, unit="D")
        keys = [week.rename("week"), frame["visitor_id"].map(region).rename("region"),
                frame["channel"]]  # fmt: skip
        grouped = frame.groupby(keys)
        return slow.weight * (grouped[value].sum() if value else grouped.size())

    orders = slow.sessions[slow.sessions["kind"] == "order"]
    slow_figures = {
        "impressions": tally(slow._rows("impression", "message")),
        "clicks": tally(slow.clicks),
        "visits": tally(slow._rows("visit")),
        "conversions": tally(orders),
        "revenue": tally(orders, "value"),
    }
    frame = _plain(slow.run.aggregates).set_index(["week", "region", "channel"])
    for name, expected in slow_figures.items():
        ours = frame[name][frame[name] > 0]
        assert len(ours) == len(expected) > 100
        np.testing.assert_allclose(ours, expected.reindex(ours.index), rtol=1e-9)


def test_scopes_add_up_to_the_whole(slow: Slow) -> None:
    card = slow.run.scorecard
    for kind in ("tier", "channel", "persona", "month", "quarter"):
        scopes = [scope for scope in card.scopes() if scope.startswith(kind)]
        for kpi in ("conversions", "revenue", "margin", "new_customers"):
            total = sum(card.value(kpi, scope) for scope in scopes)
            assert total == pytest.approx(card.value(kpi), rel=1e-9), (kind, kpi)


def test_the_scorecard_of_the_history_speaks_of_the_history(slow: Slow) -> None:
    history = slow.run.history
    orders = history.log.conversions["kind"].eq("order").sum()
    assert history.scorecard.value("conversions") == pytest.approx(slow.weight * orders)
    assert history.scorecard.year.months[0] == "2025-01"
