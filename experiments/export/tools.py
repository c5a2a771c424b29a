"""The tables of other tools, each as its own documentation names the columns.

`mmm` is neutral: a row for each week and geo, a column for each thing. `meridian` is what its
`CsvDataLoader` is pointed at (geo level, media as impressions, `revenue_per_conversion`), `pymc`
the national table of pymc-marketing's `MMM`, `robyn` that of `robyn_inputs` (`_S` spend, `_I`
impressions), `geolift` the panel of `GeoDataRead` (`location, date, Y`), `ga4` flat events as
BigQuery's export gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from experiments.export.weeks import CLICKS, CONVERSIONS, IMPRESSIONS, REVENUE, Weeks
from journeys import JourneyLog
from tiermix.core.arrays import Floats

GA4_KINDS = {"order": "purchase", "signup": "sign_up", "lead": "generate_lead"}
MICROSECONDS = 1000
"""An event of a session comes so many microseconds after what it belongs to."""


def mmm(weeks: Weeks) -> pd.DataFrame:
    """`date, geo, population, orders, revenue, control.X, CHANNEL_spend, CHANNEL_clicks, …`."""
    table = _by_geo(weeks, "date", "geo")
    table["population"] = np.repeat(weeks.people, len(weeks.starts))
    table["orders"], table["revenue"] = _outcomes(weeks)
    for name in weeks.controls:
        table[f"control.{name}"] = np.tile(weeks.controls[name].to_numpy(float), len(weeks.geos))
    for channel in weeks.media:
        place = weeks.of(channel)
        table[f"{channel}_spend"] = weeks.spend[:, :, place].ravel()
        for what, number in (("impressions", IMPRESSIONS), ("clicks", CLICKS)):
            table[f"{channel}_{what}"] = weeks.counts[:, :, number, place].ravel()
    return table


def meridian(weeks: Weeks) -> pd.DataFrame:
    """`geo, time, population, conversions, revenue_per_conversion, X_control, C_impression, …`."""
    table = _by_geo(weeks, "time", "geo")
    table["population"] = np.repeat(weeks.people, len(weeks.starts))
    orders, revenue = _outcomes(weeks)
    mean = revenue.sum() / orders.sum() if orders.sum() > 0 else 0.0
    table["conversions"] = orders
    with np.errstate(invalid="ignore", divide="ignore"):
        table["revenue_per_conversion"] = np.where(orders > 0, revenue / orders, mean)
    for name in weeks.controls:
        table[f"{name}_control"] = np.tile(weeks.controls[name].to_numpy(float), len(weeks.geos))
    for channel in weeks.media:
        place = weeks.of(channel)
        table[f"{channel}_impression"] = weeks.counts[:, :, IMPRESSIONS, place].ravel()
        table[f"{channel}_spend"] = weeks.spend[:, :, place].ravel()
    return table


def pymc(weeks: Weeks) -> pd.DataFrame:
    """`date_week, y`, a column of spend for each channel by its name, and the controls."""
    table = pd.DataFrame({"date_week": weeks.starts, "y": weeks.market[:, CONVERSIONS]})
    for channel in weeks.media:
        table[channel] = weeks.spend[:, :, weeks.of(channel)].sum(axis=0)
    return table.join(weeks.controls.reset_index(drop=True).add_prefix("control_"))


def robyn(weeks: Weeks) -> pd.DataFrame:
    """`DATE, revenue, orders`, `CHANNEL_S` and `CHANNEL_I`, and the controls by their names."""
    whole = weeks.market
    table = pd.DataFrame({"DATE": weeks.starts, "revenue": whole[:, REVENUE]})
    table["orders"] = whole[:, CONVERSIONS]
    for channel in weeks.media:
        place = weeks.of(channel)
        table[f"{channel}_S"] = weeks.spend[:, :, place].sum(axis=0)
        table[f"{channel}_I"] = weeks.counts[:, :, IMPRESSIONS, place].sum(axis=0)
    return table.join(weeks.controls.reset_index(drop=True))


def geolift(weeks: Weeks) -> pd.DataFrame:
    """`location, date, Y`: orders of each geo and week."""
    table = _by_geo(weeks, "date", "location")[["location", "date"]]
    return table.assign(Y=_outcomes(weeks)[0])


TABLES: Mapping[str, Callable[[Weeks], pd.DataFrame]] = {
    "mmm": mmm,
    "meridian": meridian,
    "pymc": pymc,
    "robyn": robyn,
    "geolift": geolift,
}
"""The tables of weeks by the name of the tool."""
FORMATS = (*TABLES, "ga4")


def ga4(log: JourneyLog) -> pd.DataFrame:
    """`event_timestamp, user_pseudo_id, event_name, ga_session_id, source, medium, value`.

    Each visit is a session of its own, and what is bought belongs to the visitor's last one; what
    comes without any is a direct session. Clicks and impressions elsewhere are not in GA4.
    """
    touches = log.touches[log.touches["kind"] == "visit"]
    visits = _events(touches).assign(event_name="session_start", source=touches["channel"])
    sold = log.conversions
    bought = _events(sold).assign(event_name=sold["kind"].astype(str).map(GA4_KINDS))
    bought["value"] = sold["value"].where(sold["kind"] == "order")
    bought["event_timestamp"] += MICROSECONDS
    both = pd.concat([visits, bought], ignore_index=True)
    both = both.sort_values(["user_pseudo_id", "event_timestamp"], kind="stable")
    begins = (both["event_name"] == "session_start").astype(int)
    both["ga_session_id"] = begins.groupby(both["user_pseudo_id"]).cumsum() + 1
    session = [both["user_pseudo_id"], both["ga_session_id"]]
    source = both["source"].astype(object)
    source = source.groupby(session).transform("first")
    both["source"] = source.fillna("(direct)").replace("direct", "(direct)")
    both["medium"] = np.where(both["source"] == "(direct)", "(none)", "simulated")
    columns = ["event_timestamp", "user_pseudo_id", "event_name", "ga_session_id"]
    both = both.sort_values(["event_timestamp", "user_pseudo_id"], kind="stable")
    return both[[*columns, "source", "medium", "value"]].reset_index(drop=True)


def _events(rows: pd.DataFrame) -> pd.DataFrame:
    times = rows["time"].astype("datetime64[us]").astype("int64")
    return pd.DataFrame(
        {"event_timestamp": times, "user_pseudo_id": rows["visitor_id"].astype(str)}
    )


def _by_geo(weeks: Weeks, date: str, geo: str) -> pd.DataFrame:
    """A row for each geo and week."""
    return pd.DataFrame(
        {
            date: np.tile(weeks.starts.to_numpy(), len(weeks.geos)),
            geo: np.repeat(weeks.geos, len(weeks.starts)),
        }
    )


def _outcomes(weeks: Weeks) -> tuple[Floats, Floats]:
    """Orders and revenue of each geo and week, over all channels, as rows of such a table."""
    totals = weeks.whole
    return totals[:, :, CONVERSIONS].ravel(), totals[:, :, REVENUE].ravel()
