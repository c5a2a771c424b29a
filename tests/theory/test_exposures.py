"""From money to exposures: Poisson streams, Hill pressure, content that lasts, reach."""

import numpy as np
import pytest
from scipy import stats

from tests.scenes import DAYS, MONTH_DAYS, PEOPLE, flat, market, media, persona, shopper
from tests.sim.worlds import Lived, assert_near, assert_poisson, assert_share, lived, pressure

N = 2000


@pytest.fixture(scope="module")
def plain() -> Lived:
    """One channel at pressure 1/2, a fifth of an exposure a day and person."""
    return lived(market(media(peak=0.4)), N)


def test_exposures_of_a_year_are_a_poisson_count(plain: Lived) -> None:
    assert_poisson(len(plain.of("impression")), N * DAYS * 0.4 * pressure(PEOPLE))


def test_exposures_per_person_are_poisson_counts(plain: Lived) -> None:
    """Variance equals mean (dispersion test: (n - 1) s²/m is chi-square with n - 1)."""
    counts = plain.by_person("impression")
    dispersion = counts.var(ddof=1) / counts.mean()
    assert_near(dispersion, 1.0, np.sqrt(2 / (N - 1)))
    mean = DAYS * 0.4 * pressure(PEOPLE)
    edges = stats.poisson.ppf(np.linspace(0.1, 0.9, 9), mean)
    seen = np.bincount(np.searchsorted(edges, counts), minlength=10)
    expected = N * np.diff([0, *stats.poisson.cdf(edges, mean), 1])
    assert stats.chisquare(seen, expected).pvalue > 1e-4


def test_gaps_between_exposures_are_exponential(plain: Lived) -> None:
    """The k-th gap of each person, for small k, so that the year's end cuts nothing off."""
    times = plain.of("impression").groupby("customer")["time"]
    rate = 0.4 * pressure(PEOPLE)
    first = times.min().to_numpy()
    second = times.apply(lambda rows: rows.iloc[1]).to_numpy() - first
    assert len(first) == len(second) == N
    for gaps in (first, second):
        assert stats.kstest(gaps, "expon", (0, 1 / rate)).pvalue > 1e-4
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(N)


def test_exposures_fall_on_any_hour_alike(plain: Lived) -> None:
    times = plain.of("impression")["time"].to_numpy()
    assert stats.kstest(times % 1.0, "uniform").pvalue > 1e-4
    assert stats.kstest(times / DAYS, "uniform").pvalue > 1e-4


def test_people_are_exposed_independently_of_one_another(plain: Lived) -> None:
    """Weekly counts of neighbours are uncorrelated."""
    rows = plain.of("impression")
    week = (rows["time"] // 7).astype(int)
    counts = np.zeros((N, 53))
    np.add.at(counts, (rows["customer"], week), 1)
    ours, theirs = counts[:-1, :52].ravel(), counts[1:, :52].ravel()
    assert abs(np.corrcoef(ours, theirs)[0, 1]) < 4 / np.sqrt(len(ours) / 2)


@pytest.mark.parametrize("slope", [0.6, 1.0, 2.5])
@pytest.mark.parametrize("spend", [0.1, 0.5, 1.0, 3.0, 30.0])
def test_pressure_is_hills_law_of_money(spend: float, slope: float) -> None:
    scenario = market(media(peak=0.3, half=0.8, slope=slope), spend={"media": spend * PEOPLE})
    count = len(lived(scenario, 800).of("impression"))
    assert_poisson(count, 800 * DAYS * 0.3 * pressure(spend * PEOPLE, 0.8, slope))


@pytest.mark.parametrize(("spend", "slope"), [(0.3, 1.0), (1.5, 1.0), (0.3, 2.0), (2.0, 0.7)])
def test_the_elasticity_of_exposures_is_slope_times_what_pressure_leaves(
    spend: float, slope: float
) -> None:
    """d ln p / d ln x = α (1 - p) for p = x^α / (1 + x^α); two runs with the same luck."""
    low, high = 0.9 * spend, 1.1 * spend
    worlds = [
        lived(market(media(peak=1.0, slope=slope), spend={"media": x * PEOPLE}), 1000)
        for x in (low, high)
    ]
    few, many = (len(w.of("impression")) for w in worlds)
    elasticity = np.log(many / few) / np.log(high / low)
    expected = np.log(pressure(high * PEOPLE, 1.0, slope) / pressure(low * PEOPLE, 1.0, slope))
    expected /= np.log(high / low)
    # Nested Poisson counts: of `many`, each is among the `few` with chance few/many.
    kept = few / many
    se = np.sqrt((1 - kept) / kept / many) / np.log(high / low)
    assert_near(elasticity, expected, se)
    middle = slope * (1 - pressure(spend * PEOPLE, 1.0, slope))
    assert elasticity == pytest.approx(middle, abs=0.01 + 4 * se)


@pytest.mark.parametrize("slope", [1.0, 2.0])
def test_content_lasts_geometrically(slope: float) -> None:
    """s(d) = ρ s(d-1) + (1 - ρ) x(d): after January's money each day keeps ρ of the stock."""
    kept, months = 0.97, [1e6, *[0.0] * 11]
    world = lived(
        market(media(retention=kept, slope=slope, half=0.5), spend={"media": months}), 4000
    )
    stock, mean = 0.0, []
    for day in range(DAYS):
        money = 1e6 / 31 / PEOPLE if day < 31 else 0.0
        stock = kept * stock + (1 - kept) * money
        level = (DAYS * stock / 0.5) ** slope
        mean.append(4000 * level / (1 + level))
    counts = np.histogram(world.of("impression")["time"], bins=np.arange(DAYS + 1))[0]
    expected = np.array(mean)
    for days in (slice(0, 10), slice(10, 31), slice(31, 60), slice(60, 90), slice(90, 150)):
        assert_poisson(counts[days].sum(), expected[days].sum())
    full = expected > 20
    chi2 = ((counts - expected)[full] ** 2 / expected[full]).sum()
    assert_near(chi2, full.sum(), np.sqrt(2 * full.sum()))


def test_pure_media_stops_with_its_money() -> None:
    months = [0.0, 1e6, *[0.0] * 10]
    times = lived(market(media(), spend={"media": months}), 500).of("impression")["time"]
    assert times.between(31, 59).all()
    assert_poisson(len(times), 500 * 28 * pressure(1e6 * 365 / 28))


@pytest.mark.parametrize("viewability", [1.0, 0.4])
def test_reach_is_one_less_the_chance_of_no_noticed_exposure(viewability: float) -> None:
    """Homogeneous people: reach = 1 - e^(-mean)."""
    world = lived(market(media(peak=0.01, viewability=viewability)), 8000)
    mean = DAYS * 0.01 * pressure(PEOPLE) * viewability
    assert_share(world.end_states("reached"), 8000, 1 - np.exp(-mean))


def test_no_money_reaches_those_who_live_apart() -> None:
    """A share 1 - u of people is as it was, whatever is spent; the others meet nothing."""
    people = shopper(unreached=0.3)
    world = lived(market(media(peak=0.01), people=people), 8000)
    mean = DAYS * 0.01 * pressure(PEOPLE)
    assert_share(world.end_states("reached"), 8000, 0.7 * (1 - np.exp(-mean)))
    loud = lived(market(media(peak=0.5), people=people), 8000)
    apart = loud.start["unreached"] == 1
    assert_share(apart.sum(), 8000, 0.3)
    assert loud.end_states("reached") == 8000 - apart.sum()


def test_viewability_is_the_share_of_served_impressions_that_is_noticed() -> None:
    world = lived(market(media(viewability=0.35)), 500)
    assert_share(world.count("noticed"), world.count("impressions"), 0.35)
    assert world.count("impressions") == len(world.of("impression"))


def test_seasons_of_attention_scale_opportunities() -> None:
    high = {"name": "high", "start": "2025-03-01", "end": "2025-03-31", "attention": 2.5}
    low = {"name": "low", "start": "2025-07-01", "end": "2025-07-31", "attention": 0.2}
    world = lived(market(media(peak=0.2), seasons=[high, low]), N)
    month = np.searchsorted(np.cumsum(MONTH_DAYS), world.of("impression")["time"], "right")
    counts = np.bincount(month, minlength=12)
    factor = np.ones(12)
    factor[[2, 6]] = 2.5, 0.2
    for seen, expected in zip(
        counts, N * MONTH_DAYS * factor * 0.2 * pressure(PEOPLE), strict=True
    ):
        assert_poisson(seen, expected)


def test_seasons_of_prices_and_inflation_cheapen_money() -> None:
    """pressure is that of money over the price index; the index is 1 as the planned year begins."""
    dear = {"name": "dear", "start": "2025-05-01", "end": "2025-05-31", "prices": 3.0}
    world = lived(market(media(peak=1.0), seasons=[dear], price_inflation=0.3), 1000)
    times = world.of("impression")["time"]
    index = 1.3 ** ((np.arange(DAYS) - DAYS) / 365)
    index[120:151] *= 3
    expected = 1000 / (1 + index)
    counts = np.histogram(times, bins=np.arange(DAYS + 1))[0]
    for days in (slice(0, 60), slice(120, 151), slice(300, 365)):
        assert_poisson(counts[days].sum(), expected[days].sum())


def test_affinity_divides_opportunities_between_personas() -> None:
    kinds = [persona("keen", share=0.5), persona("cool", share=0.3), persona("deaf", share=0.2)]
    channel = media(peak=0.2, affinity={"keen": 1.8, "cool": 0.5, "deaf": 0.0})
    world = lived(market(channel, people=kinds), N)
    counts = world.by_person("impression")
    kind = world.population["persona"]
    for number, affinity in enumerate((1.8, 0.5)):
        mine = kind == number
        assert_poisson(counts[mine].sum(), mine.sum() * DAYS * 0.2 * affinity * pressure(PEOPLE))
    assert counts[kind == 2].sum() == 0


def test_personas_have_their_shares() -> None:
    kinds = [persona(name, share=x) for name, x in (("a", 0.55), ("b", 0.35), ("c", 0.1))]
    population = lived(market(people=kinds), 8000).population
    for number, share in enumerate((0.55, 0.35, 0.1)):
        assert_share((population["persona"] == number).sum(), 8000, share)


def test_awareness_comes_with_noticed_exposures() -> None:
    """Each noticed exposure makes an unaware person aware with chance a: 1 - e^(-mean a)."""
    world = lived(market(media(peak=0.1, viewability=0.5, awareness=0.06)), 8000)
    mean = DAYS * 0.1 * pressure(PEOPLE) * 0.5 * 0.06
    assert_share(world.end_states("aware"), 8000, 1 - np.exp(-mean))


def test_pressure_never_runs_over() -> None:
    world = lived(market(media(peak=0.5, slope=4.0), spend={"media": flat(1e12)}), 500)
    assert_poisson(len(world.of("impression")), 500 * DAYS * 0.5)


# ---- retargeting


def _retargeting(**fields: object) -> Lived:
    """Engagements come once in a hundred days; retargeting follows for ten."""
    channels = (
        media("seed", peak=0.02, engagement=0.99),
        {
            "name": "again", "tier": 1, "delivery": "retargeted", "peak": 2.0, "unit_cost": 1e-6,
            "half": 1e-6, "window": 10.0, **fields,
        },
    )  # fmt: skip
    return lived(market(*channels, integration={"resolution": 0.5}), N)


def test_retargeting_reaches_only_who_is_recognised_and_engaged_lately() -> None:
    world = _retargeting()
    clicks = world.of("click", "seed").groupby("customer")["time"].apply(np.array)
    shown = world.of("impression", "again")
    assert len(shown) > 10_000
    for customer, group in shown.groupby("customer"):
        assert world.population["linked"][customer] == 1
        days = np.floor(group["time"].to_numpy())
        past = np.searchsorted(clicks[customer], days) - 1
        assert (past >= 0).all()
        assert (days - clicks[customer][past] <= 10).all()


def test_retargeting_reaches_everyone_in_its_window_alike() -> None:
    """Its exposures are Poisson with the peak's rate on the days that open within the window."""
    world = _retargeting()
    clicks = world.of("click", "seed").groupby("customer")["time"].apply(np.array)
    exposed_days = 0
    for customer, times in clicks.items():
        if world.population["linked"][customer]:
            days = np.arange(DAYS)
            past = np.searchsorted(times, days) - 1
            exposed_days += ((past >= 0) & (days - times[np.maximum(past, 0)] <= 10)).sum()
    assert_poisson(len(world.of("impression", "again")), 2.0 * exposed_days)


def test_unselected_retargeting_shows_as_much_to_anyone() -> None:
    """The dial moves who sees it, not how much is seen."""
    chosen, blind = _retargeting(), _retargeting(selection=0.0)
    many, blindly = (len(w.of("impression", "again")) for w in (chosen, blind))
    assert_near(blindly, many, np.sqrt(many + blindly))
    counts = blind.by_person("impression", "again")
    linked = blind.population["linked"] == 1
    assert_near(counts[linked].mean() - counts[~linked].mean(), 0, 2 * np.sqrt(counts.mean() / N))
