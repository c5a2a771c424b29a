"""What columns are usually called: a name's role, and the channel or control in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tiermix.core.tables.numbers import CURRENCIES

DATE, REGION, POPULATION, CHANNEL = "date", "region", "population", "channel"
ORDERS, REVENUE, LEADS, ORDER_VALUE = "orders", "revenue", "leads", "order_value"
SPEND, IMPRESSIONS, CLICKS = "spend", "impressions", "clicks"
CONTROL, CURRENCY, UNKNOWN, IGNORED = "control", "currency", "unknown", "ignore"
CATEGORY = "category"
"""A control of words: each of them becomes a control of 0 and 1."""
OUTCOMES = (ORDERS, REVENUE, LEADS, ORDER_VALUE)
MEDIA = (SPEND, IMPRESSIONS, CLICKS)
CONTROL_PREFIX = "control."

WHOLE = {
    DATE: "date day week month time ds period datum wk week_start week_of week_begin "
    "week_starting week_commencing start_date date_week date_day wk_strt_dt date_start "
    "week_date reporting_starts 日期 周 月份 时间 日 月 统计日期 统计时间 "
    "kw kalenderwoche woche monat tag semaine mois fecha semana mes giorno settimana",
    REGION: "region geo city location dma state province country county territory geo_id "
    "region_name geo_name 地区 大区 城市 省份 区域 省",
    POPULATION: "population pop geo_population 人口",
    CHANNEL: "channel channels media_channel channel_name platform platform_name publisher "
    "network media media_type source data_source 渠道 媒体 平台 渠道名称 投放平台 媒体平台",
    ORDERS: "orders order_count order conversions conversion purchases transactions sales_units "
    "units_sold num_orders bestellungen auftraege aufträge commandes pedidos ordini 订单 订单数 "
    "订单量 成交数 成交订单数 成交单量 支付订单数 转化 转化数 转化量",
    REVENUE: "revenue sales turnover gmv umsatz sales_amount sales_value sales_revenue "
    "total_revenue total_sales net_sales gross_sales net_revenue gross_revenue purchase_revenue "
    "revenues conv_value conversion_value conversions_value purchase_value erloes erlös "
    "chiffre_d_affaires ventas ingresos fatturato ricavi 收入 销售额 营收 成交额 成交金额 支付金额 "
    "销售收入 销售金额 订单金额",
    LEADS: "leads lead signups sign_ups registrations inquiries 线索 线索数 注册 注册数",
    ORDER_VALUE: "revenue_per_conversion revenue_per_kpi revenue_per_order aov order_value "
    "average_order_value avg_order_value 客单价",
    CURRENCY: "currency currency_code 币种 货币",
}  # fmt: skip
WEEK_ENDS = {
    "week_ending", "week_end", "week_ended", "end_of_week", "week_ending_date", "周末日",
}  # fmt: skip
"""Dates that name the last day of a week."""
CAMPAIGNS = (
    "campaign", "campaign_name", "campaigns", "推广计划", "推广计划名称", "广告计划",
    "广告计划名称", "计划名称", "广告组", "广告组名称", "项目名称", "kampagne", "campagne",
    "campaña", "ad_group", "ad_group_name", "ad_set_name", "adset_name",
)  # fmt: skip
"""What adverts are bought by, the larger first: channels where no column names channels."""
CALENDAR = {
    "dayofyear", "day_of_year", "yday", "weekofyear", "week_of_year", "week_number", "dayofweek",
    "day_of_week", "weekday", "星期", "周几",
}  # fmt: skip
"""What follows from the date."""
UNITS = {
    "k€": 1e3, "t€": 1e3, "k$": 1e3, "k£": 1e3, "keur": 1e3, "teur": 1e3, "kusd": 1e3, "kgbp": 1e3,
    "thousand": 1e3, "thousands": 1e3, "tsd": 1e3, "000": 1e3, "000s": 1e3, "千元": 1e3,
    "万元": 1e4, "万": 1e4, "m€": 1e6, "m$": 1e6, "m£": 1e6, "£m": 1e6, "$m": 1e6, "€m": 1e6,
    "meur": 1e6, "musd": 1e6, "million": 1e6, "millions": 1e6, "mio": 1e6, "mn": 1e6,
    "百万": 1e6, "百万元": 1e6, "crore": 1e7, "亿": 1e8, "亿元": 1e8,
}  # fmt: skip
"""Units that a name tells beside what is measured, and how much one of them is."""
ROLE_OF = {word: role for role, words in WHOLE.items() for word in words.split()}
OUTCOME_WORDS = {
    "orders", "order", "conversions", "conversion", "purchases", "purchase", "transactions",
    "sales", "revenue", "turnover", "leads", "signups", "registrations",
}  # fmt: skip
"""Words of columns that may be outcomes though their whole name is not known."""
NAMELESS_OUTCOMES = {"y", "kpi", "target", "outcome", "dep_var", "response", "dependent"}

MEASURES = {
    SPEND: "spend spends spent cost costs expense expenditure investment adspend mdsp kosten "
    "ausgaben werbeausgaben mediakosten depenses dépenses gasto gastos inversion inversión spesa "
    "花费 费用 消耗 消费 投放 投放费用 投放金额 广告费 支出 总费用",
    IMPRESSIONS: "impressions impression impr imps imp mdip exposures exposure 曝光 曝光量 "
    "展现 展现量 展现数 展示 展示量 展示数 曝光数",
    CLICKS: "clicks click 点击 点击量 点击数",
}  # fmt: skip
MEASURE_OF = {word: role for role, words in MEASURES.items() for word in words.split()}
CHINESE = sorted((w for w in MEASURE_OF if not w.isascii()), key=len, reverse=True)
ROBYN = {"S": SPEND, "I": IMPRESSIONS}
"""Endings of Robyn's tables, in capitals: spend and impressions; `_P` only beside a word."""

RIVALS = {"competitor", "competitors", "competition", "rival", "rivals", "comp"}
CONTROL_WORDS = """
control price prices promo promos promotion promotions discount discounts holiday holidays event
events weather temperature temp rain trend sentiment gqv inflation unemployment cpi season
seasonality hldy seas me mrkdn markdown stock stockout index distribution covid
竞品 节假日 价格 促销 折扣 天气 气温
"""
CONTROLS = RIVALS | set(CONTROL_WORDS.split())
RATES = {"per", "rate", "share", "ratio", "cpm", "cpc", "ctr", "roas", "roi"}
RATE_SIGNS = re.compile(
    r"平均|千次|率|单价|均价|占比|(?:转化|点击|获客|线索|展现|展示|激活|订单|成交)成本"
)
"""What makes a Chinese name a rate's."""
SUM = re.compile(
    r"((grand|sub|report|overall) ?)?totals?\b.*|sum|summe|gesamt(summe)?|insgesamt|total général|"
    r"合计|总计|小计|汇总|总和|全部",
    re.IGNORECASE,
)
"""What stands where a date should where a row is the sum of others."""
SUMS = {
    "total", "all", "overall", "sum", "media", "marketing", "ad", "ads", "advertising", "合计",
    "amount", "link", "outbound", "destination", "总",
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """What a name says: a role, of which channel or control, and why; `money` if it names one.

    `unit` is how much one of its figures is, as 1,000 where they are thousands.
    """

    role: str
    of: str = ""
    why: str = ""
    money: str = ""
    is_sum: bool = False
    unit: float = 1.0


def words_of(name: str) -> list[str]:
    """The words of a name: split at signs, blanks, and where small letters meet capitals."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", name)
    return [word for word in re.split(r"[^\w]+|_", parted) if word]


def guess(name: str) -> Guess:
    """What a column is by its name; `unknown` where the name says nothing."""
    bare, unit = without_unit(name)
    if unit == 1.0:
        return _guess(name)
    found = _guess(bare)
    return replace(found, unit=unit, money=found.money or _money_of(name))


def without_unit(name: str) -> tuple[str, float]:
    """A name without the unit in brackets at its end, and how much one of that unit is."""
    found = re.fullmatch(r"(.*\S)\s*[(（\[]([^()（）\[\]]+)[)）\]]", name)
    if not found:
        return name, 1.0
    unit = found[2].strip().lower().lstrip("'’").removeprefix("in ")
    words = unit.split()
    told = UNITS.get(unit) or next((UNITS[word] for word in words if word in UNITS), 0.0)
    return (found[1], told) if told else (name, 1.0)


def _money_of(name: str) -> str:
    return next((sign for sign in "€$£¥" if sign in name), "¥" if "元" in name else "")


def _guess(name: str) -> Guess:
    if name.lower().startswith(CONTROL_PREFIX):
        return Guess(CONTROL, name[len(CONTROL_PREFIX) :], f"its name begins with {CONTROL_PREFIX}")
    words = words_of(name)
    money = next((CURRENCIES[word.lower()] for word in words if word.lower() in CURRENCIES), "")
    words = [word for word in words if word.lower() not in CURRENCIES]
    small = [word.lower() for word in words]
    if role := ROLE_OF.get("_".join(small)):
        return Guess(role, "", f"it is called {name!r}", money)
    if "_".join(small) in WEEK_ENDS:
        return Guess(DATE, "", f"it is called {name!r}")
    if "_".join(small) in CALENDAR:
        return Guess(IGNORED, "", "it follows from the date")
    if RIVALS & set(small) or (words[-1:] == ["B"] and len(words) > 1):
        return Guess(CONTROL, _control_name(words), "its name tells what others do")
    if RATES & set(small) or RATE_SIGNS.search(name):
        return Guess(UNKNOWN, "", "its name is a rate's, and rates follow from the rest", money)
    if found := _measure(words):
        role, rest, word = found
        is_sum = bool(rest) and all(part.lower() in SUMS for part in rest)
        why = f"{word!r} in its name is {role}"
        return Guess(role, "" if is_sum else " ".join(rest), why, money, is_sum)
    if CONTROLS & set(small) and not OUTCOME_WORDS & set(small):
        word = next(w for w in small if w in CONTROLS)
        return Guess(CONTROL, _control_name(words), f"{word!r} in its name")
    return Guess(UNKNOWN, "", "nothing in its name tells", money)


def _control_name(words: list[str]) -> str:
    kept = words[:-1] if words[-1] in ("B", "control") and len(words) > 1 else words
    return "_".join(kept)


def _measure(words: list[str]) -> tuple[str, list[str], str] | None:
    """The measure that a name ends or begins with, the words beside it, and the word itself."""
    if len(words) > 1 and words[-1] in ROBYN:
        return ROBYN[words[-1]], words[:-1], f"_{words[-1]}"
    words = words[:-1] if len(words) > 2 and words[-1] == "P" else words
    for place in (len(words) - 1, 0):
        word = words[place].lower() if words else ""
        if word in MEASURE_OF:
            rest = words[:place] + words[place + 1 :]
            return MEASURE_OF[word], rest, words[place]
    for word in CHINESE:
        if words and words[-1].endswith(word):
            rest = [*words[:-1], words[-1].removesuffix(word)]
            return MEASURE_OF[word], [part for part in rest if part], word
    return None
