"""Reports as advertising platforms, shops and other tools write them: read, or refused with a way.

All figures are made up; what is kept is the shape: titles above the header, rows of sums, `--` for
nothing, words of other languages, dates of weeks, units in names.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from experiments.company_data.doubts import TableError
from experiments.company_data.result import CheckedTable
from experiments.company_data.run import check_table

MONDAY = dt.date(2024, 1, 1)
WEEKS = [MONDAY + dt.timedelta(7 * n) for n in range(60)]
DAYS = [MONDAY + dt.timedelta(n) for n in range(7 * 30)]
Table = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    def to_file(
        header: str, rows: Iterable[Sequence[Any]], *, head: str = "", encoding: str = "utf-8",
        separator: str = ",",
    ) -> Path:  # fmt: skip
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=separator)
        writer.writerows([header.split("|"), *rows])
        path = tmp_path / "report.csv"
        path.write_bytes((head + stream.getvalue()).encode(encoding))
        return path

    return to_file


def money(n: int, scale: float = 1.0) -> float:
    """Amounts that move and repeat in no period of the others."""
    return round(scale * (1000 + 37 * (n * n % 23) + 11 * (n % 7)), 2)


def roles(found: CheckedTable) -> dict[str, str]:
    """What each column that is used is taken for."""
    return {c.name: f"{c.role}.{c.of}".rstrip(".") for c in found.columns if c.role != "unknown"}


def said(found: CheckedTable) -> str:
    return "\n".join(map(str, found.doubts))


def refused(path: Path, **how: Any) -> str:
    with pytest.raises(TableError) as told:
        check_table(path, **how)
    return str(told.value)


GOOGLE = "Week|Campaign|Currency code|Cost|Impr.|Clicks|CTR|Avg. CPC|Conversions|Conv. value"
TITLES = 'Campaign performance report\n"January 1, 2024 - February 23, 2025"\n'


def google() -> list[list[Any]]:
    rows: list[list[Any]] = []
    for n, week in enumerate(WEEKS):
        for k, name in enumerate(("Brand", "PMax")):
            cost = money(n + 5 * k)
            value = " --" if n % 9 == 4 else f"{3 * cost:,.2f}"
            rows.append([week, name, "EUR", f"{cost:,.2f}", f"{9 * cost:,.0f}", 40 + n, "4.00%",
                         "2.70", f"{12 + n + k:.2f}", value])  # fmt: skip
    return [*rows, ["Total: Account", " --", "EUR", "99,999.00", "9", "9", "4%", "2.7", "9", "9"]]


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8", ","), ("utf-16", "\t")])
def test_google_ads_claims_are_asked_for_and_its_campaigns_are_channels(
    encoding: str, separator: str, table: Table
) -> None:
    path = table(GOOGLE, google(), head=TITLES, encoding=encoding, separator=separator)
    asked = refused(path)
    assert "Conversions, line 5" in asked
    assert "Conv. value, line 5" in asked
    assert "what platforms claim" in asked
    found = check_table(path, columns=["ignore=Conversions", "ignore=Conv. value"])
    assert found.amounts.channels == ["Brand", "PMax"]
    assert found.amounts.total("spend", "Brand") == sum(money(n) for n in range(60))
    assert "its first 2 lines (from 'Campaign performance report' on) are titles" in said(found)
    assert "1 row of sums ('Total: Account') left out" in said(found)
    assert "no column is known to be an outcome" in said(found)


def test_nothing_written_as_two_dashes_is_empty(table: Table) -> None:
    rows = [[week, money(n), " --" if n == 3 else 50 + n, 5000 + n] for n, week in enumerate(WEEKS)]
    found = check_table(table("Week|TV cost|Orders|Revenue", rows))
    assert "1 cells say '--' and are read as empty" in said(found)
    assert f"not given in 1 week: {WEEKS[3]}" in said(found)


def test_metas_row_of_sums_without_a_campaign_is_asked_about(table: Table) -> None:
    header = (
        "Reporting starts|Reporting ends|Campaign name|Amount spent (EUR)|Impressions|Link clicks"
    )
    rows = [
        [week, week + dt.timedelta(6), name, money(n + k), 9000 + n, 90 + k]
        for n, week in enumerate(WEEKS)
        for k, name in enumerate(("Prospecting", "Retargeting"))
    ]
    asked = refused(table(header, [[WEEKS[0], WEEKS[-1], "", 99999, 9, 9], *rows]))
    assert "column Campaign name, line 2: there is no channel" in asked
    found = check_table(table(header, rows))
    assert roles(found) == {
        "Reporting starts": "date", "Campaign name": "channel", "Amount spent (EUR)": "spend",
        "Impressions": "impressions", "Link clicks": "clicks",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "channel", "rates"),
    [
        ("日期|推广计划|展现|点击|消费|点击率|平均点击价格", "推广计划", "平均点击价格"),
        ("时间|广告计划名称|展示数|点击数|消耗(元)|点击率(%)|平均千次展现费用(元)", "广告计划名称",
         "平均千次展现费用(元)"),
    ],
    ids=["Baidu", "Ocean Engine"],
)  # fmt: skip
def test_chinese_platforms_are_read_in_their_own_words(
    header: str, channel: str, rates: str, table: Table
) -> None:
    rows: list[list[Any]] = [
        [day, name, 90000 + n, 900 + n, f"{money(n + k):,.2f}", 1.0, 2.0]
        for n, day in enumerate(DAYS)
        for k, name in enumerate(("品牌词", "通用词"))
    ]
    rows.append(["合计", "-", 9, 9, "9,999,999.00", 9, 9])
    found = check_table(table(header, rows, encoding="gb18030"))
    names = header.split("|")
    assert roles(found) == {
        names[0]: "date", channel: "channel", names[2]: "impressions", names[3]: "clicks",
        names[4]: "spend",
    }  # fmt: skip
    assert found.amounts.channels == ["品牌词", "通用词"]
    assert found.amounts.total("spend", "品牌词") == pytest.approx(sum(map(money, range(210))))
    assert f"column {rates}: it holds figures and is not used: its name is a rate's" in said(found)
    assert "1 row of sums ('合计') left out" in said(found)


def test_a_chinese_company_keeps_money_in_tens_of_thousands(table: Table) -> None:
    rows = [
        [
            f"{d.year}年{d.month}月{d.day}日",
            money(n) / 1e4,
            money(n + 1),
            300 + n,
            money(n, 9) / 1e4,
        ]
        for n, d in enumerate(WEEKS)
    ]
    found = check_table(table("日期|抖音消耗(万元)|百度消费(元)|订单量|成交金额(万元)", rows))
    assert found.amounts.total("spend", "抖音") == pytest.approx(sum(map(money, range(60))))
    assert found.amounts.total("revenue") == pytest.approx(sum(money(n, 9) for n in range(60)))
    assert "column 抖音消耗(万元): its name tells its unit: figures are taken times 10,000" in said(
        found
    )


@pytest.mark.parametrize(
    ("name", "unit"),
    [("TV spend (k€)", 1e3), ("TV cost (in thousands)", 1e3), ("Spend TV (£m)", 1e6),
     ("TV Ausgaben (TEUR)", 1e3), ("TV spend (€)", 1.0), ("TV spend (Q1)", 1.0)],
)  # fmt: skip
def test_units_in_names_count(name: str, unit: float, table: Table) -> None:
    rows = [[week, money(n), 300 + n, 9000 + n] for n, week in enumerate(WEEKS)]
    found = check_table(table(f"Week|{name}|Orders|Revenue", rows), columns=[f"spend.TV={name}"])
    assert found.amounts.total("spend", "TV") == unit * sum(map(money, range(60)))


def test_a_german_table_has_its_weeks_by_number(table: Table) -> None:
    weeks = [day.isocalendar() for day in WEEKS]
    rows = [
        [
            f"KW {w.week:02d}/{w.year}",
            f"{money(n):,.2f}".translate(str.maketrans(",.", ".,")),
            9,
            99,
        ]
        for n, w in enumerate(weeks)
    ]
    path = table("KW|Ausgaben TV|Bestellungen|Umsatz", rows, separator=";", encoding="cp1252")
    found = check_table(path)
    assert found.amounts.periods == WEEKS
    assert found.amounts.total("spend", "TV") == sum(map(money, range(60)))
    assert "weeks are counted as ISO does" in said(found)


@pytest.mark.parametrize(
    "write",
    [
        lambda d: f"{d} - {d + dt.timedelta(6)}",
        lambda d: f"{d}~{d + dt.timedelta(6)}",
        lambda d: f"{d:%Y/%m/%d}-{d + dt.timedelta(6):%Y/%m/%d}",
        lambda d: f"{d:%d.%m.%Y} – {d + dt.timedelta(6):%d.%m.%Y}",
        lambda d: f"{d:%d/%m/%Y} to {d + dt.timedelta(6):%d/%m/%Y}",
        lambda d: f"{d:%Y}年第{d.isocalendar().week}周",
        lambda d: f"Week {d.isocalendar().week}, {d:%Y}",
    ],
)
def test_weeks_from_to_and_by_number_are_their_first_days(
    write: Callable[[dt.date], str], table: Table
) -> None:
    weeks = WEEKS[:52]
    rows = [[write(week), money(n), 300 + n, 9000 + n] for n, week in enumerate(weeks)]
    assert check_table(table("Week|TV cost|Orders|Revenue", rows)).amounts.periods == weeks


def test_a_span_that_is_no_week_is_no_date(table: Table) -> None:
    rows = [[f"{w} - {w + dt.timedelta(7)}", money(n), 3, 9] for n, w in enumerate(WEEKS)]
    assert "is no date" in refused(table("Week|TV cost|Orders|Revenue", rows))


def test_weeks_that_are_named_by_their_last_day_begin_six_days_before(table: Table) -> None:
    rows = [[w + dt.timedelta(6), money(n), 300 + n, 9000 + n] for n, w in enumerate(WEEKS)]
    found = check_table(table("Week ending|TV cost|Orders|Revenue", rows))
    assert found.amounts.periods == WEEKS
    assert "dates name the last day of a week" in said(found)


def test_adobes_remarks_nameless_dates_and_sums_are_read_past(table: Table) -> None:
    head = "#====\n# Freeform Table\n# Date: Jan 1, 2024 - Jul 28, 2024\n#\n\n"
    rows = [[f"{d:%b} {d.day}, {d.year}", 40 + n, money(n)] for n, d in enumerate(DAYS)]
    path = table("|Orders|Revenue", [["Totals", 9999, 99999.9], *rows], head=head)
    found = check_table(path)
    assert roles(found) == {"column 1": "date", "Orders": "orders", "Revenue": "revenue"}
    assert found.amounts.total("orders") == sum(40 + n for n in range(210))
    assert "without one no channel can be planned" in said(found)


def test_a_frame_that_pandas_wrote_keeps_its_nameless_index_of_dates(table: Table) -> None:
    rows = [[week, money(n), 300 + n, 9000 + n] for n, week in enumerate(WEEKS)]
    found = check_table(table("|tv_spend|orders|revenue", rows))
    assert found.amounts.periods == WEEKS


def test_pymc_marketings_example_asks_what_no_name_tells(table: Table) -> None:
    header = "date_week|y|x1|x2|event_1|event_2|dayofyear|t"
    rows = [
        [w, 5000 + money(n), n % 7 / 7, n % 5 / 5, int(n == 9), int(n == 40), n % 52 * 7 + 1, n]
        for n, w in enumerate(WEEKS)
    ]  # fmt: skip
    asked = refused(table(header, rows))
    assert "2 things have to be settled first" in asked
    assert "--map orders=y, --map revenue=y or --map leads=y" in asked
    assert "--map spend.x1=x1,spend.x2=x2" in asked
    given = ["revenue=y,spend.a=x1,spend.b=x2,ignore=t"]
    found = check_table(table(header, rows), columns=given, order_value=60)
    assert found.amounts.controls == ["event_1", "event_2"]
    assert "column dayofyear: it is ignored: it follows from the date" in said(found)


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [
        ("|media_0|media_1|target", lambda n: [n, 1.5, n % 7, 5],
         ["no column holds dates", "add a column of the first days of weeks",
          "column target: it is an outcome"]),
        ("|TV|Radio|Newspaper|Sales", lambda n: [n, 1.5, n % 7, 5, 6],
         ["no column holds dates", "spend.TV=TV,spend.Radio=Radio,spend.Newspaper=Newspaper"]),
        ("date|y|x1|x2", lambda n: [DAYS[n], 1.5, n % 7, 5],
         ["column y: it is an outcome", "spend.x1=x1,spend.x2=x2"]),
        ("date|revenue|facebook|tv", lambda n: [DAYS[n], 900 + n, n % 7, 5],
         ["no column is known to be spend", "spend.facebook=facebook,spend.tv=tv"]),
        ("Quarter|TV spend|Revenue", lambda n: [f"Q{n % 4 + 1} {2020 + n // 4}", 9, 99],
         ["goes by quarters", "bring the table by weeks or days"]),
        ("Name|Email|Financial Status|Created at|Lineitem name|Total",
         lambda n: [f"#{n}", "a@example.com", "paid", f"{DAYS[n]} 09:12:33 +0800", "Shoe", 99],
         ["a list of single orders", "add up their revenue by day or week"]),
        ("Day|Orders|Gross sales|Net sales|Total sales|TV spend",
         lambda n: [DAYS[n], 40, 5000, 4700, 5700, 9],
         ["'Gross sales', 'Net sales', 'Total sales': each may be revenue"]),
        ("|Facebook|Facebook|Google", lambda n: ["Week", "Spend", "Clicks", "Spend"],
         ["'Facebook' twice", "write them as one, as Facebook spend"]),
        ("Paid at|Shipped at|Units sold|TV spend", lambda n: [DAYS[n], DAYS[n + 1], 3, 4],
         ["columns 'Paid at', 'Shipped at' hold dates", "--map 'date=Paid at'"]),
    ],
    ids=["LightweightMMM", "Advertising.csv", "CausalImpact", "plain names", "quarters",
         "Shopify orders", "Shopify sales", "two header lines", "two dates"],
)  # fmt: skip
def test_what_a_table_lacks_is_said_at_once_with_the_way_out(
    header: str, row: Callable[[int], list[Any]], words: list[str], table: Table
) -> None:
    asked = refused(table(header, map(row, range(40))))
    for word in words:
        assert word in asked
