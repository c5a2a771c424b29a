"""Limits: what the model cannot say, in one list."""

from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.html import section, tag

LIMITS = (
    "The market is simulated: sizes follow from the scenario's numbers, most of which are assumed "
    "until they are calibrated on a history of your own.",
    "Intervals cover chance and the uncertainty that the scenario writes down; they cannot cover "
    "what the scenario leaves out.",
    "Response curves hold near the plans they were measured around, and while the other channels "
    "stay near last year's plan. The further a plan moves money, the more it trusts the shape of a "
    "curve; what channels do for one another is inside the market, not inside the linear program.",
    "The program plans on the planned year and on what its money still brings afterwards; the "
    "strategies are judged on the planned year alone.",
    "Plans within the rules keep those on money; whether they keep those on what the money brings "
    "is seen when they are tried.",
    "The best strategy is the best of those that were tried, not of all that could be thought of.",
    "A chance of meeting a goal is a share of the worlds that were drawn; its interval says how "
    "few they are.",
    "Attribution truth is removal: the year with a channel less the same year without it, one "
    "channel at a time. Such effects overlap and need not add up to all conversions.",
)


def limits(comparison: Comparison, data: ReportData) -> Markup:
    """The section."""
    items = [tag("li", sentence) for sentence in LIMITS]
    return section("limits", "What this cannot say", "模型的局限", tag("ul", *items))
