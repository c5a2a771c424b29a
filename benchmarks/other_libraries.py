"""Other libraries in the benchmark: their credit in every world, as a result with their versions.

    uv run --group oracles python -m benchmarks.other_libraries SUITE

writes SUITE/results/other_libraries.csv; `tiermix benchmark table SUITE` puts it on the page. A
library that is not installed is left out, and said so. Each adapter is a model as ours are: it
reads the log's journeys, as its library takes them, and gives conversions by channel.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import SuiteFolder, give_results, write_results
from journeys import JourneyLog

Giver = Callable[[Any, pd.DataFrame], "pd.Series[float]"]


@dataclass
class Adapter:
    """A model of another library; `module` is its own, `give` turns journeys into credit.

    Journeys are rows `path, conversions, value, nulls`; those without a touch stay the baseline's.
    """

    module: str
    give: Giver

    def fit(self, log: JourneyLog) -> Adapter:
        """Credit by channel in `credit_`, which has one column, `conversions`."""
        table = log.paths().to_frame()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            credit = self.give(import_module(self.module), table[table["path"] != ""])
        self.credit_ = pd.DataFrame({"conversions": credit.astype(float)})
        self.credit_["value"] = 0.0
        return self


def channel_attribution(order: int) -> Giver:
    """ChannelAttribution's Markov model, which simulates its removal effects (its seed is 0)."""

    def give(tool: Any, table: pd.DataFrame) -> pd.Series[float]:
        grouped = table.groupby("path", as_index=False).sum()
        found = tool.markov_model(
            grouped, "path", "conversions", var_null="nulls", order=order, verbose=False,
            flg_pro=False,
        )  # fmt: skip
        return found.set_index("channel_name")["total_conversions"]

    return give


def do_attribution(removal: str) -> Giver:
    """do-attribution's Markov model; it gives shares, which are of all conversions.

    Its own removal, `fail`, fits the chain anew, and is the same for every order.
    """

    def give(tool: Any, table: pd.DataFrame) -> pd.Series[float]:
        told = table[(table["conversions"] > 0) | (table["nulls"] > 0)]
        won = (told["conversions"] > 0).astype(int)
        found = tool.MarkovAttribution(removal_strategy=removal).fit(
            told["path"].tolist(), won.tolist()
        )
        return pd.Series(found["attribution"], dtype=float) * float(told["conversions"].sum())

    return give


def mam(run: str) -> Giver:
    """A model of marketing-attribution-models, whose journeys are sessions of one visitor each."""

    def give(tool: Any, table: pd.DataFrame) -> pd.Series[float]:
        found = getattr(tool.MAM(_sessions(table), **MAM_COLUMNS), run)().to_pandas()
        return found.set_index(found.columns[0]).iloc[:, 0]

    return give


MAM_COLUMNS = {
    "format_type": "session",
    "channels_colname": "channel",
    "journey_with_conv_colname": "won",
    "datetime_colname": "time",
    "user_id_colname": "visitor",
}


def _sessions(table: pd.DataFrame) -> pd.DataFrame:
    """Each journey as sessions of a visitor of its own, an hour apart."""
    rows = table.assign(
        channel=table["path"].str.split(" > "),
        visitor=[f"v{n:07}" for n in range(len(table))],
        won=table["conversions"] > 0,
    ).explode("channel", ignore_index=True)
    hour = rows.groupby("visitor").cumcount()
    return rows.assign(time=pd.Timestamp("2026-01-01") + pd.to_timedelta(hour, "h"))


LIBRARIES: dict[str, tuple[str, dict[str, Giver]]] = {
    "ChannelAttribution": (
        "ChannelAttribution",
        {f"markov {order}": channel_attribution(order) for order in (1, 2)},
    ),
    "do-attribution": (
        "do_attribution",
        {"markov": do_attribution("fail"), "markov to null": do_attribution("redirect_to_null")},
    ),
    "marketing-attribution-models": (
        "mam.core",
        {"markov": mam("run_markov"), "shapley": mam("run_shapley")},
    ),
}
"""Distribution → its module and models."""


def installed() -> Iterator[tuple[str, Adapter]]:
    """Every model of a library that is here, under the library's name and version."""
    for library, (module, models) in LIBRARIES.items():
        try:
            version = metadata.version(library)
        except metadata.PackageNotFoundError:
            print(f"{library} is not installed (dependency group oracles)", file=sys.stderr)
            continue
        for name, give in models.items():
            yield f"{library} {version}: {name}", Adapter(module, give)


def main(folder: str) -> None:
    """Write the result of all libraries that are here."""
    suite = SuiteFolder.open(Path(folder))
    results = give_results(suite, dict(installed()), workers=1)
    print(write_results(results, suite.out / "results" / "other_libraries.csv"))


if __name__ == "__main__":
    main(*sys.argv[1:])
