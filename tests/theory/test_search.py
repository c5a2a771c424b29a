"""The result page against the multinomial logit, and how looking begins."""

import numpy as np
import pytest
from scipy import special, stats

from tests.scenes import DIRECT, NEVER_DIRECT, PEOPLE, market, media, shopper, slot
from tests.sim.worlds import Lived, assert_near, assert_share, lived

SEARCHER = shopper(needs_per_year=4.0, looks_per_day=0.5, base_utility=-60.0)
RIVAL, PAID, ORGANIC = 0.4, 0.9, -0.3


def _page(*slots: dict[str, object], **search: float) -> Lived:
    settings = {**NEVER_DIRECT, "competitor_utility": RIVAL, **search}
    return lived(market(*slots, DIRECT, people=SEARCHER, search=settings), 3000)


PAID_SLOT = slot("ads", "paid", slot_utility=PAID)
ORGANIC_SLOT = slot("seo", "organic", slot_utility=ORGANIC)


@pytest.fixture(scope="module")
def page() -> Lived:
    """Both slots always shown, beside a competitor and nobody."""
    return _page(PAID_SLOT, ORGANIC_SLOT)


def test_choices_on_the_page_are_multinomial_logit(page: Lived) -> None:
    """P(c) = e^(u_c) / sum of e^u (McFadden 1974): the largest of utilities with Gumbel noise."""
    searches = page.people("searches")
    assert searches > 20_000
    total = np.exp([PAID, ORGANIC, RIVAL, 0.0]).sum()
    assert_share(len(page.of("click", "ads")), searches, np.exp(PAID) / total)
    assert_share(len(page.of("click", "seo")), searches, np.exp(ORGANIC) / total)


def test_one_page_has_one_click_at_most(page: Lived) -> None:
    clicks = page.of("click")
    assert not clicks.duplicated(["customer", "time"]).any()


@pytest.mark.parametrize(("left", "utility"), [("ads", PAID), ("seo", ORGANIC)])
def test_a_slot_that_is_off_gives_way_to_the_others(page: Lived, left: str, utility: float) -> None:
    """The other slot keeps all its clicks, and takes its share of those that are free now."""
    other = PAID_SLOT if left == "ads" else ORGANIC_SLOT
    alone = _page(other)
    both, kept = (set(_when(world, left)) for world in (page, alone))
    assert both < kept
    total = np.exp([utility, RIVAL, 0.0]).sum()
    assert_share(len(kept), alone.people("searches"), np.exp(utility) / total)


def _when(world: Lived, name: str) -> list[tuple[int, float]]:
    clicks = world.of("click", name)
    return list(zip(clicks["customer"], clicks["time"], strict=True))


def test_a_slot_without_money_is_not_shown() -> None:
    slots = (PAID_SLOT, ORGANIC_SLOT)
    settings = {**NEVER_DIRECT, "competitor_utility": RIVAL}
    world = lived(market(*slots, DIRECT, people=SEARCHER, search=settings, spend={"ads": 0.0}), 500)
    assert world.of("impression", "ads").empty
    assert len(world.of("click", "seo")) > 100


def test_the_organic_slot_is_shown_by_its_pressure() -> None:
    """Content stock of one `half`: on every second page, where the logit decides."""
    world = _page(slot("seo", "organic", half=1.0, slot_utility=ORGANIC))
    chosen = np.exp(ORGANIC) / np.exp([ORGANIC, RIVAL, 0.0]).sum()
    assert_share(len(world.of("click", "seo")), world.people("searches"), 0.5 * chosen)


def test_goodwill_raises_the_appeal_of_our_slots() -> None:
    """ln odds of a click on our slot against the rest rise by `brand_gain` per unit of goodwill."""
    people = {**SEARCHER, "goodwill": 1.2}
    settings = {**NEVER_DIRECT, "competitor_utility": RIVAL, "brand_gain": 0.8}
    forever = {"goodwill_half_life": 1e12}
    world = lived(
        market(PAID_SLOT, DIRECT, people=people, search=settings, behaviour=forever), 3000
    )
    shown = world.of("impression", "ads")["customer"].to_numpy()
    goodwill = world.start["goodwill"][shown]
    clicked = set(_when(world, "ads"))
    times = world.of("impression", "ads")["time"]
    hit = np.array([pair in clicked for pair in zip(shown, times, strict=True)])
    rest = np.log(np.exp(RIVAL) + 1.0)
    chance = special.expit(PAID + 0.8 * goodwill - rest)
    for fifth in np.array_split(np.argsort(goodwill, kind="stable"), 5):
        se = np.sqrt((chance[fifth] * (1 - chance[fifth])).sum())
        assert_near(hit[fifth].sum(), chance[fifth].sum(), se)


def test_coming_directly_is_logistic_in_goodwill_and_past() -> None:
    people = shopper(base_utility=-60.0, customers=0.5, goodwill=1.0)
    settings = {"direct_base": -1.0, "direct_gain": 0.6, "direct_customer": 0.9}
    world = lived(
        market(DIRECT, media(peak=0.0), people=people, search=settings,
               behaviour={"goodwill_half_life": 1e12}), 4000)  # fmt: skip
    start = world.start
    logit = -1.0 + 0.6 * start["goodwill"] + 0.9 * (start["orders"] > 0)
    chance = special.expit(logit)
    visits = world.by_person("visit")
    # Everyone looks equally often in expectation: visits are a share of looks, person by person.
    looks = world.people("looks") / 4000
    for mine in (start["orders"] > 0, start["orders"] == 0):
        counts, mean = visits[mine], looks * chance[mine]
        spread = (counts - mean).std(ddof=1) / np.sqrt(mine.sum())
        assert_near(counts.mean(), mean.mean(), spread)
    total = special.expit(logit).mean()
    assert world.count("visits") / world.people("looks") == pytest.approx(total, rel=0.05)


def test_who_does_not_know_us_never_comes_directly() -> None:
    people = shopper(aware=0.0, base_utility=0.0)
    world = lived(market(DIRECT, media(peak=0.0), people=people, search={"direct_base": 9}), 500)
    assert world.people("looks") > 1000
    assert world.of("visit").empty


def test_who_lives_apart_comes_directly_or_not_at_all() -> None:
    """Looks are split by the chance to come directly; the rest is a search for the others only."""
    people = shopper(base_utility=-60.0, unreached=0.4)
    settings = {"direct_base": 0.0, "direct_gain": 0.0, "competitor_sale": 0.0}
    world = lived(market(DIRECT, PAID_SLOT, people=people, search=settings), 4000)
    apart = world.start["unreached"] == 1
    direct = np.bincount(world.of("visit", "direct")["customer"], minlength=4000)
    assert direct[apart].sum() > 1000
    assert world.by_person("click")[apart].sum() == 0
    assert_near(
        direct[apart].mean(), direct[~apart].mean(),
        np.hypot(*(direct[who].std() / np.sqrt(who.sum()) for who in (apart, ~apart))),
    )  # fmt: skip


def test_visits_to_a_competitor_end_needs_with_their_chance() -> None:
    """Needs so long that time ends few: looks until a sale are geometric with P(rival) · sale."""
    people = shopper(needs_per_year=1.0, need_days=1e6, looks_per_day=1.0, base_utility=-60.0)
    settings = {**NEVER_DIRECT, "competitor_utility": 0.7, "competitor_sale": 0.25}
    world = lived(market(DIRECT, media(peak=0.0), people=people, search=settings), 4000)
    per_search = special.expit(0.7) * 0.25
    assert_share(world.people("elsewhere"), world.people("searches"), per_search)


def test_searches_of_a_need_are_its_own_people_when_search_is_selected() -> None:
    """Only the half of the people with needs is shown result pages."""
    kinds = [
        shopper("wants", share=0.5, needs_per_year=4.0, base_utility=-60.0),
        shopper("rests", share=0.5, needs_per_year=0.0, base_utility=-60.0),
    ]
    chosen, blind = (
        lived(
            market(PAID_SLOT, DIRECT, people=kinds,
                   search={**NEVER_DIRECT, "selection": selection}), 3000)
        for selection in (1.0, 0.0)
    )  # fmt: skip
    rests = chosen.population["persona"] == 1
    assert chosen.by_person("impression")[rests].sum() == 0
    pages = blind.by_person("impression")
    assert_share(pages[rests].sum(), pages.sum(), rests.mean())
    # As many are shown; the last day's are shown tomorrow.
    both = [len(world.of("impression")) for world in (chosen, blind)]
    assert_near(both[1], both[0], np.sqrt(2 * sum(both)))


@pytest.mark.parametrize("budget", [0.2, 0.5, 2.0])
def test_a_capped_slot_gets_the_pressure_that_its_money_affords(budget: float) -> None:
    """Shown with chance a / (k + a), a = money over what all expected clicks would cost."""
    total = np.exp([PAID, RIVAL, 0.0]).sum()
    people = 3000
    free = _page(PAID_SLOT)
    wanted = len(free.of("click", "ads")) * PEOPLE / people  # clicks of the market, always shown
    ads = slot("ads", "paid", slot_utility=PAID, half=0.6, unit_cost=2.0)
    settings = {**NEVER_DIRECT, "competitor_utility": RIVAL}
    world = lived(
        market(ads, DIRECT, people=SEARCHER, search=settings,
               spend={"ads": budget * wanted * 2.0}), people)  # fmt: skip
    late = world.rows["time"] > 60  # the pool is learnt in the first weeks
    shown = (late & (world.rows["kind"] == "impression")).sum()
    clicks = (late & (world.rows["kind"] == "click")).sum()
    searches = free.of("impression", "ads")["time"].gt(60).sum()
    share = budget / (0.6 + budget)
    assert shown / searches == pytest.approx(share, rel=0.08)
    assert_share(clicks, shown, np.exp(PAID) / total)
    assert stats.binomtest(clicks, shown, np.exp(PAID) / total).pvalue > 1e-5
