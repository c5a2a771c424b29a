"""Tables as other tools keep them: what each column is taken for, and what is doubted."""

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.company_data.doubts import TableError
from experiments.company_data.result import CheckedTable
from experiments.company_data.run import check_table

MONDAY = dt.date(2023, 1, 2)
WEEKS = 60
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        file = tmp_path / "table.csv"
        file.write_text(text, "utf-8")
        return file

    return to_file


def weekly(header: str, row: Callable[[dt.date, int], Iterable[Any]], weeks: int = WEEKS) -> str:
    """A table of a row a week; a row may hold several, separated by line breaks."""
    rows = (row(MONDAY + dt.timedelta(7 * n), n) for n in range(weeks))
    return "\n".join([header, *(",".join(map(str, cells)) for cells in rows)])


def moving(n: int, seed: int) -> float:
    return float(np.random.default_rng([seed, n]).integers(100, 900))


def roles(found: CheckedTable) -> dict[str, tuple[str, str]]:
    return {column.name: (column.role, column.of) for column in found.columns}


def said(found: CheckedTable, severity: str = "warning") -> str:
    return "\n".join(str(doubt) for doubt in found.doubts if doubt.severity == severity)


ROBYN = (
    "DATE,revenue,tv_S,facebook_I,search_clicks_P,search_S,competitor_sales_B,facebook_S,events,"
    "newsletter"
)
ROBYN_ROLES = {
    "DATE": ("date", ""), "revenue": ("revenue", ""), "tv_S": ("spend", "tv"),
    "facebook_I": ("impressions", "facebook"), "search_clicks_P": ("clicks", "search"),
    "search_S": ("spend", "search"), "competitor_sales_B": ("control", "competitor_sales"),
    "facebook_S": ("spend", "facebook"), "events": ("category", "events"),
    "newsletter": ("unknown", ""), "events is party": ("control", "events_party"),
}  # fmt: skip
MERIDIAN = (
    "geo,time,Channel0_spend,Channel0_impression,sentiment_control,conversions,"
    "revenue_per_conversion,population"
)
STAN = "wk_strt_dt,mdip_dm,mdsp_dm,sales,hldy_Easter,mrkdn_all"
ADS = "Week,TV Spend,Search - Cost,Search - Impr.,Search - Clicks,Orders,Total Revenue,Price"
CHINESE = "日期,抖音花费,抖音曝光量,微信花费,订单数,销售额"


@pytest.mark.parametrize(
    ("header", "row", "wanted"),
    [
        (ROBYN, lambda d, n: [d, 9000 + n, moving(n, 1), moving(n, 2) * 99, moving(n, 3),
                              moving(n, 4), 5, moving(n, 5), "party" if n % 9 == 0 else "na", 3],
         ROBYN_ROLES),
        (STAN, lambda d, n: [d - dt.timedelta(1), 500 + n, moving(n, 1), 9000 + n, 0, 1],
         {"wk_strt_dt": ("date", ""), "mdip_dm": ("impressions", "dm"), "mdsp_dm": ("spend", "dm"),
          "sales": ("revenue", ""), "hldy_Easter": ("control", "hldy_Easter"),
          "mrkdn_all": ("control", "mrkdn_all")}),
        (ADS, lambda d, n: [d, moving(n, 1), moving(n, 2), 90000 + n, 900 + n, 50 + n, 5000, 9.9],
         {"Week": ("date", ""), "TV Spend": ("spend", "TV"), "Search - Cost": ("spend", "Search"),
          "Search - Impr.": ("impressions", "Search"), "Search - Clicks": ("clicks", "Search"),
          "Orders": ("orders", ""), "Total Revenue": ("revenue", ""),
          "Price": ("control", "Price")}),
        (CHINESE, lambda d, n: [d, moving(n, 1), 90000 + n, moving(n, 2), 50 + n, 5000],
         {"日期": ("date", ""), "抖音花费": ("spend", "抖音"),
          "抖音曝光量": ("impressions", "抖音"),
          "微信花费": ("spend", "微信"), "订单数": ("orders", ""), "销售额": ("revenue", "")}),
    ],
    ids=["Robyn", "mmm_stan", "adverts", "Chinese"],
)  # fmt: skip
def test_columns_are_what_their_tool_means(
    header: str, row: Any, wanted: dict[str, tuple[str, str]], write: Write
) -> None:
    found = check_table(write(weekly(header, row)))
    assert roles(found) == wanted
    assert found.kind == "weekly, wide, national"


def test_a_meridian_table_keeps_its_regions_and_values_its_conversions(write: Write) -> None:
    def row(day: dt.date, n: int) -> list[Any]:
        one = ["A", day, moving(n, 1), 90000 + n, 0.1, 50, 3.0, 1000]
        other = ["B", day, moving(n, 2), 90000 + n, 0.2, 70, 4.0, 2000]
        return [*one[:-1], f"{one[-1]}\n" + ",".join(map(str, other))]

    found = check_table(write(weekly(MERIDIAN, row)))
    rows = [line.split(",") for line in found.history.splitlines()]
    assert rows[0][:3] == ["week", "region", "channel"]
    assert rows[0][-3:] == ["population", "control.sentiment", "format"]
    total = next(r for r in rows if r[1:3] == ["B", "total"])
    assert total[6:] == ["70", "280", "2000", "0.2", "1"]


def test_all_questions_come_together_each_with_what_to_type(write: Write) -> None:
    file = write(weekly("date_week,y,x1,x2", lambda d, n: [d, 500 + n, 0.1, 0.2]))
    with pytest.raises(TableError) as told:
        check_table(file)
    for word in ("2 things", "--map orders=y", "--map spend.x1=x1,spend.x2=x2", str(file)):
        assert word in str(told.value)
    found = check_table(file, columns=["orders=y,spend.tv=x1", "spend.tv=x2"])
    assert found.amounts.national("spend", "tv")[0] == pytest.approx(0.3)


PLAIN = "week,tv_spend,orders,revenue"


def plain(day: dt.date, n: int) -> list[Any]:
    return [day, moving(n, 1), 50 + n % 7, 5000 + 10 * n]


def spoil(at: int, cell: int, text: str) -> Callable[[dt.date, int], list[Any]]:
    return lambda d, n: [text if (n, c) == (at, cell) else x for c, x in enumerate(plain(d, n))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (weekly(PLAIN, spoil(4, 0, "07.02.2023")), ("line 6", "'07.02.2023'", "one order")),
        (weekly(PLAIN, spoil(4, 0, "Total")), ("line 6", "'Total' is no date", "sums")),
        (weekly(PLAIN, spoil(4, 0, "44949")), ("Excel", "2023-01-23")),
        (weekly(PLAIN, spoil(4, 0, "2023-02-01")), ("Wednesday", "Monday", "same weekday")),
        (weekly(PLAIN, spoil(4, 0, str(MONDAY))), ("lines 2 and 6", "told twice")),
        (weekly(PLAIN, spoil(4, 1, "12 apples")), ("tv_spend, line 6", "'12 apples'", "12500.50")),
        (weekly(PLAIN, spoil(4, 1, '"1,234"')).replace(".0,", ","),
         ("'1,234'", "1,234 or 1.234", "--decimal")),
        (weekly(PLAIN, spoil(4, 1, '"€12"')) + "\n2024-02-26,$5,5,5", ("currencies", "$, €")),
        (weekly(PLAIN + ",tv_Spend ", lambda d, n: [*plain(d, n), 5]), ("'tv_spend' twice",)),
        (weekly(PLAIN + ",TV cost", lambda d, n: [*plain(d, n), 5]),
         ("spend of tv", "for the sum")),
        (weekly(PLAIN, plain) + "\n" + ",".join(map(str, plain(MONDAY, 0))),
         ("same in every cell",)),
        (weekly(PLAIN, lambda d, n: [f"{n % 12 + 1}/1/{23 + n // 12}", *plain(d, n)[1:]]),
         ("2023-02-01", "2023-01-02", "--dates")),
        (weekly(PLAIN, lambda d, n: [f"{d - dt.timedelta(1)}T16:00:00Z", *plain(d, n)[1:]]),
         ("midnights", "--time-zone Asia/Shanghai")),
        (weekly("a,b,c", lambda d, n: [n, n + 1, n + 2]),
         ("no column holds dates", "first days of weeks")),
        (weekly("week,channel,spend,conversions", lambda d, n: [d, "a", 5, 6, f"\n{d}", "b", 7, 8]
                ).replace(",\n", "\n"), ("platforms claim", "--map ignore=conversions")),
        ("visitor_id,time,channel\na,2023-01-01,b\n", ("log of events", "tiermix attribute")),
        ("path,total_conversions\na > b,3\n", ("table of paths", "tiermix attribute")),
        ("date\n2023-01-01\n", ("1 column ",)),
        ("date,tv_spend\n", ("no rows",)),
        ("", ("0 columns",)),
        (weekly(PLAIN, plain, weeks=1), ("too few",)),
        (weekly(PLAIN, lambda d, n: [MONDAY + dt.timedelta(10 * n), *plain(d, n)[1:]]),
         ("10 days apart",)),
    ],
)  # fmt: skip
def test_what_cannot_be_settled_is_asked(text: str, words: tuple[str, ...], write: Write) -> None:
    file = write(text)
    with pytest.raises(TableError) as told:
        check_table(file)
    for word in (str(file), *words):
        assert word in str(told.value)


def test_an_answer_settles_dates_figures_and_zones(write: Write) -> None:
    text = weekly(PLAIN, lambda d, n: [f"{n % 12 + 1}/1/{2023 + n // 12}", *plain(d, n)[1:]], 24)
    assert check_table(write(text), dates="mdy").step == "month"
    text = weekly(PLAIN, spoil(4, 1, '"1,234"')).replace(".0,", ",")
    assert check_table(write(text), decimal="point").amounts.national("spend", "tv")[4] == 1234
    text = weekly(PLAIN, lambda d, n: [f"{d - dt.timedelta(1)}T16:00:00Z", *plain(d, n)[1:]])
    found = check_table(write(text), time_zone="Asia/Shanghai")
    assert found.amounts.periods[0] == MONDAY
    assert check_table(write(text), time_zone="UTC").amounts.periods[0] < MONDAY


HEAD = "week,tv_spend,tv_impressions,tv_clicks,radio_spend,orders,revenue"


def sound(day: dt.date, n: int) -> list[Any]:
    spend = moving(n, 1)
    return [day, spend, 100 * spend, spend, moving(n, 2), 50 + n % 7, 100 * (50 + n % 7)]


def put(cell: int, text: Any, *weeks: int) -> str:
    return weekly(
        HEAD,
        lambda d, n: [
            text if c == cell and (n in weeks or not weeks) else x
            for c, x in enumerate(sound(d, n))
        ],
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (put(3, 10**6, 5), ("channel tv", "more clicks than impressions", "2023-02-06")),
        (put(1, 500), ("channel tv", "hardly varies")),
        (put(4, 0), ("channel radio", "never spends")),
        (put(4, 10**7, 7), ("channel radio", "far from its usual", "2023-02-20 (10,000,000)")),
        (put(2, 1, 9), ("cost of 1,000 impressions", "2023-03-06")),
        (put(6, 10**6, 9), ("value of an order", "2023-03-06")),
        (put(1, -5, 3), ("column tv_spend, line 5", "1 negative figure", "credit notes")),
        (put(6, -50, 3), ("column revenue", "refunds", "revenue of 1 week is below 0")),
        (put(1, "", 3), ("column tv_spend", "1 empty cell", "no spend")),
        (put(5, "", 3), ("orders: it is not given in 1 week", "2023-01-23")),
        (put(5, 0, 3), ("orders: it is 0 in 1 week",)),
        (weekly(HEAD, lambda d, n: [*sound(d, n)[:4], 2 * sound(d, n)[1], *sound(d, n)[5:]]),
         ("channels radio and tv", "correlation 1.00")),
        (weekly(HEAD + ",mystery", lambda d, n: [*sound(d, n), 7]),
         ("column mystery", "not used", "--map control=mystery")),
        ("\n".join(r for n, r in enumerate(weekly(HEAD, sound).splitlines()) if n not in (8, 9)),
         ("week 2023-02-20", "2 weeks without a row: 2023-02-20, 2023-02-27")),
        (weekly(HEAD, sound, weeks=19), ("19 weeks", "at least 26", "few for 2 channels")),
        (weekly(HEAD.replace("orders", "leads"), sound), ("has revenue and no orders", "leads")),
    ],
)  # fmt: skip
def test_what_may_spoil_a_fit_is_warned_of(text: str, words: tuple[str, ...], write: Write) -> None:
    told = said(check_table(write(text)))
    for word in words:
        assert word in told


def test_a_sound_table_is_not_warned_of(write: Write) -> None:
    assert said(check_table(write(weekly(HEAD, sound)))) == ""


def test_what_follows_from_three_channels_inflates_variance(write: Write) -> None:
    def row(day: dt.date, n: int) -> list[Any]:
        parts = [moving(n, seed) for seed in (1, 2, 3)]
        return [day, *parts, sum(parts) + 0.01 * moving(n, 4), 50 + n % 7, 5000]

    told = said(
        check_table(write(weekly("week,a_spend,b_spend,c_spend,d_spend,orders,revenue", row)))
    )
    assert "variance inflation factor" in told


def test_credit_notes_are_taken_off_their_own_week(write: Write) -> None:
    rows = [f"{d},Ads,{amount}" for n in range(30) if (d := MONDAY + dt.timedelta(7 * n))
            for amount in ((100 + n, -30) if n == 2 else (100 + n,))]  # fmt: skip
    rows += [f"{MONDAY + dt.timedelta(7 * n)},Radio,{moving(n, 1)}" for n in range(30)]
    found = check_table(write("\n".join(["week,channel,spend", *rows])))
    assert found.amounts.national("spend", "Ads")[:4] == [100, 101, 72, 103]
    assert "1 negative figure, -30 in all" in said(found)
    assert "several rows" in said(found)


def test_days_become_weeks_and_what_is_cut_is_told(write: Write) -> None:
    days = [dt.date(2023, 1, 1) + dt.timedelta(n) for n in range(80)]
    text = "\n".join(["day,tv_spend,orders,price", *(f"{d},{d.day},2,{d.weekday()}" for d in days)])
    found = check_table(write(text))
    assert (found.step, found.amounts.step, found.amounts.periods[0]) == ("day", "week", MONDAY)
    assert found.amounts.national("orders")[:2] == [14, 14]
    assert found.amounts.national("control", "price")[0] == 3
    assert "days 2023-01-01 and 2 more: 3 days at the ends" in said(found, "note")
    lost = sum(d.day for d in days) - found.amounts.total("spend", "tv")
    assert f"with spend of {lost:,.0f}" in said(found, "note")


def test_hours_become_days_and_zones_are_told(write: Write) -> None:
    hours = [dt.datetime(2023, 1, 2) + dt.timedelta(hours=6 * n) for n in range(4 * 7 * 4)]
    for zone in ("", "+08:00"):
        rows = [f"{hour}{zone},1,2" for hour in hours]
        found = check_table(write("\n".join(["time,tv_spend,orders", *rows])))
        assert found.amounts.national("orders") == [56] * 4
        assert ("zone" in said(found, "note")) == bool(zone)
        assert "into days" in said(found, "note") or zone


def test_one_channel_may_be_spelled_in_two_ways(write: Write) -> None:
    head = "week,TV Ads_spend,tv_ads_impressions,orders,revenue,promo"
    text = weekly(head, lambda d, n: [*[d, moving(n, 1), 9, 5, 50], str(n % 3 == 0)])
    found = check_table(write(text))
    assert found.amounts.channels == ["TV Ads"]
    assert found.amounts.controls == ["promo_True"]


def test_orders_follow_from_revenue_by_what_one_is_worth(write: Write) -> None:
    file = write(weekly("week,tv_spend,revenue", lambda d, n: [d, moving(n, 1), 600 + n]))
    assert "no orders" in said(check_table(file))
    found = check_table(file, order_value=60)
    assert found.amounts.national("orders")[0] == 10
    assert "not in the table" in said(found)
    with pytest.raises(TableError, match="both orders and revenue"):
        check_table(write(weekly(PLAIN, plain)), order_value=60)


def test_years_and_weeks_apart_are_one_date(write: Write) -> None:
    def row(day: dt.date, n: int) -> list[Any]:
        return [day.isocalendar()[0], day.isocalendar()[1], *plain(day, n)[1:]]

    found = check_table(write(weekly("year,week,tv_spend,orders,revenue", row)))
    assert found.amounts.periods[0] == MONDAY
    assert "weeks as ISO counts them" in said(found, "note")


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ("spend.tv", ("names no pair",)),
        ("spent.tv=tv_spend", ("'spent' is no role", "'spend'")),
        ("orders=order", ("no column 'order'", "'orders'")),
        ("orders=orders,revenue=orders", ("'orders' twice",)),
        ("orders=orders,orders=revenue", ("orders twice",)),
        ("date.x=week", ("date=week",)),
        ("outcome=tv_spend", ("which outcome",)),
    ],
)
def test_a_role_that_cannot_be_is_refused(pairs: str, words: tuple[str, ...], write: Write) -> None:
    with pytest.raises(TableError) as told:
        check_table(write(weekly(PLAIN, plain)), columns=[pairs])
    for word in words:
        assert word in str(told.value)


def test_columns_with_commas_and_equals_signs_can_be_named(write: Write) -> None:
    head = '"tv, paid = all",week,orders,revenue'
    text = weekly(head, lambda d, n: [moving(n, 1), d, 50 + n, 5000])
    found = check_table(write(text), columns=["spend.tv=tv, paid = all,outcome=orders"])
    assert roles(found)["tv, paid = all"] == ("spend", "tv")


@pytest.mark.parametrize(
    ("options", "words"),
    [({"dates": "dym"}, "'ymd'"), ({"decimal": "dot"}, "point, comma"),
     ({"order_value": -1.0}, "60"),
     ({"time_zone": "Mars/Base"}, "Asia/Shanghai"), ({"sheet": "x"}, "no Excel workbook")],
)  # fmt: skip
def test_options_that_mean_nothing_are_refused(
    options: dict[str, Any], words: str, write: Write
) -> None:
    with pytest.raises(TableError, match=words):
        check_table(write(weekly(PLAIN, plain)), **options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channel,month,amount\ntv,2026-01,5", ("a media plan", "tiermix simulate SCENARIO")),
        ("渠道,月份,金额\n抖音,2026-01,5", ("a media plan", "--plan")),
        ("channel,kpi,family,ceiling,half\ntv,margin,hill,1,2", ("a table of curves", "--curves")),
        ("channel,start,end,lift,error\ntv,2025-01-01,2025-02-01,.1,.02", ("tests", "--lift")),
    ],
)
def test_a_table_that_another_command_reads_is_sent_there(
    write: Write, text: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(TableError) as caught:
        check_table(write(text))
    assert [word for word in words if word not in str(caught.value)] == []
    assert "\n" not in str(caught.value)


def test_a_history_by_months_is_no_plan(write: Write) -> None:
    rows = (f"tv,2025-{n:02d},5,9,90" for n in range(1, 13))
    text = "\n".join(["channel,month,amount,orders,revenue", *rows])
    with pytest.raises(TableError, match="spend=amount"):
        check_table(write(text))
    assert check_table(write(text), columns=["spend=amount"]).step == "month"
