"""`tiermix invest`: buy a system, or more media, for the same money."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Budget,
    Cluster,
    Customers,
    Json,
    Out,
    Quiet,
    Replications,
    Scenario,
    Seed,
    Settings,
    UsageError,
    Workers,
    names,
    value_by_path,
)
from tiermix.cli.output import Output, going_on
from tiermix.cli.tables import View, head_of, table, tracked, value_of
from tiermix.core.hints import unknown
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from experiments import PublishedInvestments
    from scenarios import Scenario as Model

OWN = {"cost": "yearly_cost", "once": "one_off_cost", "start": "start", "source": "source"}
"""What `--candidate` says of one beside what it changes, and the field in a scenario's file."""
HALF_WIDTH = str.maketrans("：，＝", ":,=")
"""Signs as a Chinese keyboard gives them."""
EXAMPLE = "'cdp: integration.resolution=0.7, cost=900000, start=2026-01-01'"

Candidates = Annotated[
    list[str] | None,
    typer.Option(
        "--candidate",
        metavar="NAME: PATH=VALUE, cost=N",
        help="What might be bought, in place of the scenario's own candidates: values that it "
        "changes, its cost a year, once=N for money once, start=DATE. A YAML file of candidates "
        "will do as well. Repeatable.",
    ),
]
Only = Annotated[
    str | None,
    typer.Option(metavar="NAME,…", help="Only these of the candidates; all by default."),
]
Planner = Annotated[
    str, typer.Option(metavar="STRATEGY", help="Who plans media on the money that is left.")
]
Pairs = Annotated[
    int,
    typer.Option(min=0, help="Pairs of candidates whose interplay is measured, likeliest first."),
]


def invest(
    scenario: Scenario,
    candidate: Candidates = None,
    only: Only = None,
    budget: Budget = None,
    strategy: Planner = "lp",
    pairs: Pairs = 6,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say whether to buy a system or more media for the same money.

    Content, a customer data platform, automation, a loyalty programme and the like, alone and
    together, against all money in media: what to buy, what it brings, and whether that can be told.
    16 draws choose and 16 others judge unless --replications says otherwise. A study that was cut
    off goes on where it stopped when the same command is given again.
    """
    model = asked_of(inputs.scenario_of(scenario, set_, budget), candidate, only)
    asked = {"strategy": strategy, "pairs": pairs, "replications": replications}
    size = {"seed": seed, "customers": customers}
    place = {"workers": inputs.where(workers, cluster), "out": out}
    output = Output(json, quiet)
    output.remark(cost_in_words(model, pairs, replications))
    output.deliver(lambda progress: job(model, progress, **asked, **size, **place), view)


def asked_of(scenario: "Model", candidates: Sequence[str] | None, only: str | None) -> "Model":
    """The scenario with the candidates that are asked about."""
    from scenarios import build_scenario

    if not candidates and only is None:
        return scenario
    data = scenario.model_dump(mode="json")
    listed = data["candidates"]
    if candidates:
        listed = [one for text in candidates for one in candidates_of(text)]
    return build_scenario(data, {"candidates": _only(listed, only)}, scenario.name)


def candidates_of(text: str) -> list[dict[str, Any]]:
    """Candidates of a text `NAME: PATH=VALUE, cost=N`, or of a YAML file that lists them."""
    if Path(text).suffix in (".yaml", ".yml"):
        return _of_file(Path(text))
    name, colon, rest = (part.strip() for part in text.translate(HALF_WIDTH).partition(":"))
    if not colon or not name or not rest:
        raise UsageError(f"--candidate {text!r} says nothing to buy; write it as {EXAMPLE}.")
    values = value_by_path(rest, "--candidate")
    own = {field: values[key] for key, field in OWN.items() if key in values}
    changes = {path: value for path, value in values.items() if path not in OWN}
    if not changes:
        raise UsageError(f"--candidate {text!r} changes nothing; write it as {EXAMPLE}.")
    return [{"name": name, **own, "changes": changes}]


def _of_file(file: Path) -> list[dict[str, Any]]:
    from scenarios import file_text, read_yaml

    found = read_yaml(file_text(file), str(file))
    listed = found.get("candidates")
    if not isinstance(listed, list) or set(found) != {"candidates"}:
        raise UsageError(
            f"--candidate {file}: it has to hold a list under `candidates:` and nothing else, as a "
            "scenario has it."
        )
    return listed


def _only(listed: list[dict[str, Any]], only: str | None) -> list[dict[str, Any]]:
    wanted = names(only, "--only")
    if wanted is None:
        return listed
    known = [str(one.get("name")) for one in listed if isinstance(one, dict)]
    for name in wanted:
        if name not in known:
            raise UsageError(unknown("--only", "candidate", name, known))
    return [one for one in listed if isinstance(one, dict) and one.get("name") in wanted]


def cost_in_words(scenario: "Model", pairs: int, replications: int | None) -> str:
    """What a study will live, told before it does."""
    from experiments import invest_cost

    count = len(scenario.candidates)
    draws, years = invest_cost(count, pairs, replications)
    return (
        f"{count} candidate{'' if count == 1 else 's'}: {draws} draws, each with a past, and "
        f"{years} planned years at most; --replications, --pairs and --only change it"
    )


def job(scenario: "Model", progress: Progress | None, **more: Any) -> "PublishedInvestments":
    from experiments import invest_job

    with going_on():
        return invest_job(scenario, progress=progress, **more)


def view(document: "PublishedInvestments") -> View:
    """The answer, each candidate and the best package, pairs, and where the rest lies."""
    yield from document["words"]
    yield ""
    yield _gains(document)
    measured = [one for one in document["pairs"] if one["together"]]
    if measured:
        yield ""
        yield _pairs(document, measured)
    yield ""
    if document["reused"]:
        yield f"kept from before: {document['reused']} pieces"
    yield f"report: {document['report']}"
    yield from tracked(document["mlflow"])
    yield f"tables: {', '.join(document['files'])}"


def _gains(document: "PublishedInvestments") -> Any:
    """Each candidate, and the best package where it is more than one of them."""
    kpi, currency = document["objective"], document["currency"]
    shown = [*document["investments"]]
    if document["best"]["name"] not in [one["name"] for one in shown]:
        shown.append(document["best"])
    rows = []
    for one in shown:
        figures = [one["effect"]["estimate"], one["media"]["estimate"], one["gain"], one["low"]]
        told = [value_of(kpi, x) for x in (*figures, one["high"])]
        rows.append([one["name"], one["cost"], *told, one["answer"]])
    brings = f"brings {head_of(kpi, currency)}"
    head = ["buy", f"cost ({currency})", brings, "the money in media", "gain"]
    return table([*head, "2.5 %", "97.5 %", "answer"], rows, left=["answer"])


def _pairs(document: "PublishedInvestments", measured: list[dict[str, Any]]) -> Any:
    kpi = document["objective"]
    rows = [
        [" + ".join(one["names"]),
         *(value_of(kpi, one["together"][end]) for end in ("estimate", "low", "high"))]
        for one in measured
    ]  # fmt: skip
    head = f"beyond the two ({head_of(kpi, document['currency'])})"
    return table(["pair", head, "2.5 %", "97.5 %"], rows)
