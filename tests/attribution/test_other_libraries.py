"""Other libraries as models of the benchmark, where they are installed (group `oracles`)."""

import numpy as np
import pytest

from attribution import Markov, Shapley
from attribution.samples import sample_log
from benchmarks.other_libraries import LIBRARIES, Adapter

MODELS = [
    pytest.param(module, give, id=f"{library} {name}")
    for library, (module, models) in LIBRARIES.items()
    for name, give in models.items()
]


@pytest.mark.parametrize(("module", "give"), MODELS)
def test_an_adapter_gives_all_orders_with_a_touch_away(module: str, give) -> None:
    pytest.importorskip(module)
    log = sample_log()
    paths = log.paths()
    credit = Adapter(module, give).fit(log).credit_["conversions"]
    assert set(credit.index) <= set(paths.channels)
    touched = paths.conversions[np.diff(paths.start) > 0].sum()
    assert credit.sum() == pytest.approx(touched, rel=1e-6)
    assert np.isfinite(credit).all()


@pytest.mark.parametrize(("name", "removal"), [("markov", "refit"), ("markov to null", "null")])
def test_do_attribution_credits_as_our_markov_chain(name: str, removal) -> None:
    module = "do_attribution"
    pytest.importorskip(module)
    log = sample_log()
    theirs = Adapter(module, LIBRARIES["do-attribution"][1][name]).fit(log).credit_
    ours = Markov(removal=removal).fit(log).credit_["conversions"]
    np.testing.assert_allclose(ours, theirs["conversions"].reindex(ours.index, fill_value=0.0))


def test_mam_credits_as_our_game_of_rates() -> None:
    pytest.importorskip("mam")
    log = sample_log()
    give = LIBRARIES["marketing-attribution-models"][1]["shapley"]
    theirs = Adapter("mam.core", give).fit(log).credit_["conversions"]
    ours = Shapley("rate").fit(log).credit_["conversions"]
    np.testing.assert_allclose(ours, theirs.reindex(ours.index, fill_value=0.0), rtol=1e-6)
