"""A plan that is tracked is found again by `tiermix studies`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call

SMALL = ("--customers", "100", "--workers", "1", "--quiet")


def test_a_tracked_plan_is_found_again(
    call: Call, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told, said = call("studies", "list")
    assert (code, told) == (2, "")
    assert "tiermix run retail" in said
    assert list(tmp_path.iterdir()) == []  # looking makes no store
    code, told, said = call("plan", shop, "--track", "--out", "plans", "--json", *SMALL)
    assert code == 0, said
    plan = json.loads(told)
    code, told, _ = call("studies", "show", "last", "--json")
    assert code == 0
    study = json.loads(told)
    assert study["id"] == plan["mlflow"]["study"]
    assert study["line"] == f"tiermix plan {shop} --customers 100 --out plans --track"
    assert study["metrics"]["kpi/profit"] == pytest.approx(plan["kpis"]["profit"])
    assert study["metrics"]["low/profit"] == pytest.approx(plan["intervals"]["profit"][0])
    spent = {k: v for k, v in study["metrics"].items() if k.startswith("spend/")}
    assert sum(spent.values()) == pytest.approx(sum(one["amount"] for one in plan["spend"]))
    assert float(study["params"]["budget"]) == plan["provenance"]["budget"]
    assert {"plan.csv", "plan.html", "plan.json", "scenario.yaml"} <= set(study["files"])
    code, told, _ = call("studies", "compare", "last", "last")
    assert code == 0
    assert "kpi/profit" in told
    code, _, said = call("studies", "compare", "last")
    assert code == 2
    assert "at least two" in said
    code, told, _ = call("studies", "list", "--command", "run", "--json")
    assert json.loads(told) == {"studies": []}
