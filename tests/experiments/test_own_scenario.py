"""A scenario of a company's own: channels, months, money and size as its table has them."""

import datetime as dt
from pathlib import Path

import pytest

from experiments.calibration.history import read_history
from experiments.company_data.doubts import TableError
from experiments.company_data.run import check_table
from experiments.own_scenario import run
from experiments.own_scenario.build import template
from experiments.own_scenario.channel_kinds import kind_of, slugs
from experiments.own_scenario.run import scenario_from_table
from experiments.own_scenario.year import last_year, month_factors
from experiments.publish.own_scenario import publish_own_scenario
from scenarios import load_scenario
from sim import simulate
from tests.experiments.test_table_shapes import moving

MONDAY = dt.date(2022, 1, 3)
HEAD = (
    "week,Brand Search cost,Brand Search clicks,抖音 spend,email_spend,radio_spend,orders,revenue"
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years and some weeks; orders double in December, radio has one part in a hundred."""
    rows = [HEAD]
    for n in range(112):
        day = MONDAY + dt.timedelta(7 * n)
        orders = 2000 if (day + dt.timedelta(3)).month == 12 else 1000
        money = [moving(n, 1), 50, moving(n, 2), 100, 5]
        rows.append(",".join(map(str, [day, *money, orders, 80 * orders])))
    path = tmp_path_factory.mktemp("own") / "table.csv"
    path.write_text("\n".join(rows), "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "share", "kind", "tier", "like"),
    [
        ("Google Search", 0.2, "paid search", 1, "paid_search"),
        ("百度竞价", 0.2, "paid search", 1, "paid_search"),
        ("organic", 0.1, "organic search", 1, "seo"),
        ("Display Retargeting", 0.1, "retargeting", 1, "retargeting"),
        ("email", 0.01, "owned media", 1, "wechat"),
        ("小红书种草", 0.2, "content", 2, "xiaohongshu"),
        ("tv", 0.4, "media", 2, "douyin"),
        ("radio", 0.01, "media", 3, "local_life"),
    ],
)
def test_a_channel_is_taken_for_what_its_name_and_money_say(
    name: str, share: float, kind: str, tier: int, like: str
) -> None:
    found = kind_of(name, share)
    assert (found.kind, found.tier) == (kind, tier)
    assert template(load_scenario("retail"), found).name == like


def test_names_become_names_that_a_scenario_may_have() -> None:
    assert slugs(["TV", "tv ", "search", "抖音", "3sat", "Google Ads / Brand"]) == {
        "TV": "tv", "tv ": "tv_2", "search": "paid_search", "抖音": "channel_4",
        "3sat": "channel_3sat", "Google Ads / Brand": "google_ads_brand",
    }  # fmt: skip


def test_the_last_year_is_the_last_twelve_months_of_the_table(file: Path) -> None:
    amounts = check_table(file).amounts
    year = last_year(amounts)
    # The last week begins on 19 February 2024, so 25 days of that month have money.
    assert year.start == dt.date(2024, 3, 1)
    days = (31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 25)
    assert year.spend["email"] == pytest.approx([100 / 7 * n for n in days], abs=0.01)
    inside = [w for w in amounts.periods if dt.date(2023, 3, 1) <= w < year.start]
    assert year.weeks == len(inside)
    assert year.orders == sum(
        2000 if (week + dt.timedelta(3)).month == 12 else 1000 for week in inside
    )


def test_months_that_sell_more_are_seasons_and_growth_is_none(file: Path, tmp_path: Path) -> None:
    factors = month_factors(check_table(file).amounts)
    assert max(factors, key=lambda month: factors[month]) == 12
    assert factors[12] / factors[6] == pytest.approx(2.0, rel=0.05)
    grown = [HEAD.replace("orders", "x"), *file.read_text("utf-8").splitlines()[1:]]
    rows = [f"{row},{1000 * 1.004**n}" for n, row in enumerate(grown[1:])]
    other = tmp_path / "grown.csv"
    other.write_text("\n".join([f"{grown[0]},orders", *rows]), "utf-8")
    # Half a year at both ends cannot be centred: growth leaves a little there.
    assert all(abs(x - 1.0) < 0.1 for x in month_factors(check_table(other).amounts).values())


def test_a_table_becomes_a_scenario_that_is_in_order(file: Path, tmp_path: Path) -> None:
    table = check_table(file)
    made = scenario_from_table(table, market_size=50_000, currency="EUR", name="shop")
    document = publish_own_scenario(made, table, tmp_path / "shop.yaml")
    scenario = load_scenario(tmp_path / "shop.yaml")
    assert scenario.hash == document["scenario_hash"]
    assert set(scenario.plannable) == {"brand_search", "channel_4", "email", "radio"}
    assert (scenario.currency, scenario.market_size) == ("EUR", 50_000)
    assert scenario.channel("brand_search").unit_cost == pytest.approx(
        table.amounts.total("spend", "Brand Search") / 50 / 112, rel=1e-3
    )
    assert scenario.last_year.by_channel["email"] == pytest.approx(100 / 7 * 362, abs=1)
    mean = sum(p.share * p.order_value for p in scenario.personas)
    assert mean == pytest.approx(80, rel=1e-3)
    assert {season.start.month for season in scenario.seasons} >= {12}
    fields = {row["field"] for row in document["assumed"]}
    assert {"channels.radio.tier", "market_size", "seasons", "currency", "margin_rate"} <= fields
    text = (tmp_path / "shop.yaml").read_text("utf-8")
    assert "extends: retail" in text
    assert "# - channels.radio.tier: 3" in text
    assert (tmp_path / "shop-history.csv").read_text("utf-8").count("brand_search") == 112


@pytest.mark.long
def test_the_market_is_as_large_as_its_orders_ask_for(file: Path) -> None:
    table = check_table(file)
    small = scenario_from_table(table, workers=1).body["market_size"]
    double = check_table(file)
    double.amounts.by_kind["orders", ""] = {
        key: 2 * x for key, x in double.amounts.of("orders").items()
    }
    assert 1.5 < scenario_from_table(double, workers=1).body["market_size"] / small < 2.7


def test_orders_that_no_nation_buys_are_counted_in_packs(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asked for sixty thousand million people, which no scenario may have."""
    monkeypatch.setattr(run, "CUSTOMERS", 300)
    table = check_table(file)
    orders = {key: 2e5 * x for key, x in table.amounts.of("orders").items()}
    table.amounts.by_kind["orders", ""] = orders
    made = scenario_from_table(table, workers=1)
    document = publish_own_scenario(made, table, tmp_path / "shop.yaml")
    scenario = load_scenario(tmp_path / "shop.yaml")
    pack = int(scenario.outcome.removeprefix("packs of ").removesuffix(" orders").replace(",", ""))
    assert pack > 1
    assert 1e3 < scenario.market_size < 1.5e9
    told = read_history(tmp_path / "shop-history.csv", None)
    assert told.conversions.sum() * pack == pytest.approx(sum(orders.values()))
    assert told.revenue.sum() == pytest.approx(table.amounts.total("revenue"))
    mean = sum(p.share * p.order_value for p in scenario.personas)
    assert mean == pytest.approx(pack * 80 / 2e5, rel=1e-3)
    assert "outcome" in {row["field"] for row in document["assumed"]}
    assert scenario.counted == f"conversions (packs of {pack:,} orders)"


def test_a_pack_has_a_name_that_a_scenario_may_have() -> None:
    assert run.packed("orders", 1) == "orders"
    assert run.packed("installs", 3000) == "packs of 3,000 installs"
    long = run.packed("subscriptions that were paid for", 2_000_000)
    assert len(long) <= 40
    assert load_scenario("retail", {"outcome": long}).outcome == long


@pytest.mark.long
@pytest.mark.parametrize("a_week", [400, 40_000])
def test_people_are_met_as_often_as_the_table_says(a_week: int, tmp_path: Path) -> None:
    rows = [
        f"{MONDAY + dt.timedelta(7 * n)},{moving(n, 1)},{a_week},{1000},{80_000}" for n in range(60)
    ]
    file = tmp_path / "table.csv"
    file.write_text("\n".join(["week,tv_spend,tv_impressions,orders,revenue", *rows]), "utf-8")
    table = check_table(file)
    made = scenario_from_table(table, market_size=40_000, workers=1)
    publish_own_scenario(made, table, tmp_path / "shop.yaml")
    scenario = load_scenario(tmp_path / "shop.yaml")
    seen = simulate(scenario, seed=5, customers=1500, workers=1).history.aggregates
    shown = seen.loc[seen["channel"] == "tv", "impressions"].sum()
    # At 400 a week some 780 are met by 1,500 of 40,000 people: 4 deviations of them, twice.
    assert shown == pytest.approx(52 * a_week, rel=0.3)
    assert any(row["field"] == "channels.tv.peak" for row in made.assumed)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("week,tv_spend,revenue,leads", ("no orders", "--order-value")),
        ("week,tv_spend,orders,leads", ("no revenue",)),
        ("week,tv_impressions,orders,revenue", ("no channel has money",)),
    ],
)
def test_a_table_that_can_be_no_scenario_is_refused(
    head: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    rows = [f"{MONDAY + dt.timedelta(7 * n)},{n},{5 + n},{50 + n}" for n in range(60)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join([head, *rows]), "utf-8")
    with pytest.raises(TableError) as told:
        scenario_from_table(check_table(path))
    for word in (str(path), *words):
        assert word in str(told.value)
