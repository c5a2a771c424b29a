"""Provenance: what was simulated, with how much error, and how to make it again."""

from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import amount
from experiments.report.html import bilingual, facts, section, table, tag
from experiments.wording import kpi_name


def provenance(comparison: Comparison, data: ReportData) -> Markup:
    """The section."""
    made: dict[str, object] = {
        "scenario": comparison.scenario,
        "scenario hash": comparison.scenario_hash,
        "seed": comparison.seed,
        "worlds": f"{comparison.replications:,}",
        "customers in each": f"{comparison.customers:,}",
        "baseline": comparison.baseline,
        **data.provenance,
    }
    seconds = {f"seconds: {name}": f"{value:,.1f}" for name, value in comparison.seconds.items()}
    left = tag("div", tag("h3", "Sampling budget"), facts({**data.sampling, **seconds}))
    right = tag("div", tag("h3", "Provenance"), facts(made))
    again = [tag("p", tag("code", line)) for line in data.repeat[:1]]
    again += [tag("p", line, class_="note") for line in data.repeat[1:]]
    return section(
        "provenance",
        "How this was made",
        "样本与来源",
        _errors(comparison),
        tag("div", left, right, class_="two"),
        *([tag("h3", bilingual("How to repeat it", "如何复现")), *again] if again else []),
    )


def _errors(comparison: Comparison) -> Markup:
    """Where the uncertainty of the answer comes from: worlds, or too few customers."""
    kpis = comparison.kpis()
    here = (kpis["scope"] == "all") & (kpis["kpi"] == comparison.objective)
    rows = [
        [
            comparison.label(row["strategy"]),
            *(amount(comparison, row[name]) for name in ("mean", "se", "spread", "simulation_se")),
        ]
        for _, row in kpis[here].iterrows()
    ]
    head = [kpi_name(comparison.objective).capitalize(), "mean", "standard error"]
    return table([*head, "spread between worlds", "error of simulation"], rows)
