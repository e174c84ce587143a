from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import BadSetting
from assortment.diversify.aspects import PRIOR, calibrated, coverage, pm2, xquad
from assortment.diversify.caps import Room
from assortment.diversify.pool import Aspects

METHODS = [xquad, pm2, calibrated, coverage]
BOUND = 1 - 1 / np.e


def of(labels, wanted) -> Aspects:
    """Aspects of candidates whose labels are lists of numbers."""
    most = max([1, *(len(row) for row in labels)])
    codes = [[*row, *[-1] * (most - len(row))] for row in labels]
    return Aspects(np.array(codes, np.int32).reshape(len(labels), most), np.array(wanted, np.float32))


def shares(aspects) -> np.ndarray:
    """[n, labels] float64, written out without the arrays of codes."""
    table = np.zeros((len(aspects.codes), len(aspects.wanted)))
    for item, row in enumerate(aspects.codes):
        there = [label for label in row if label >= 0]
        for label in there:
            table[item, label] = 1 / len(there)
    return table


@st.composite
def candidates(draw, most=12):
    n, labels = draw(st.integers(1, most)), draw(st.integers(0, 4))
    some = st.lists(st.integers(0, labels - 1), max_size=3, unique=True) if labels else st.just([])
    votes = np.array(draw(st.lists(st.integers(0, 5), min_size=labels, max_size=labels)), np.float64)
    relevance = draw(st.lists(st.integers(0, 100), min_size=n, max_size=n))
    wanted = votes / max(1, votes.sum())
    return np.array(relevance, np.float32) / 100, of(draw(st.lists(some, min_size=n, max_size=n)), wanted)


def random_request(rng, n=8, labels=4):
    rows = [rng.choice(labels, rng.integers(1, 3), replace=False).tolist() for _ in range(n)]
    return rng.random(n).astype(np.float32), of(rows, rng.dirichlet(np.ones(labels)))


# What each method says it maximises, from the definition, for a list of rows.


def satisfied(relevance, aspects, rows) -> float:
    """Probabilistic coverage, to which xQuAD adds."""
    missed = np.prod(1 - relevance[rows].astype(float)[:, None] * shares(aspects)[rows], axis=0)
    return float(aspects.wanted.astype(float) @ (1 - missed))


def covered(relevance, aspects, rows) -> float:
    weight = aspects.wanted.astype(float) / max(float(aspects.wanted.max(initial=0)), 1e-12)
    return float(weight @ np.log2(1 + relevance[rows].astype(float) @ shares(aspects)[rows]))


def near(relevance, aspects, rows) -> float:
    """Less the Kullback-Leibler divergence of the slate's mix from the wish."""
    wanted = aspects.wanted.astype(float)
    prior = float(PRIOR)
    mix = (prior * wanted + shares(aspects)[rows].sum(0)) / (prior + len(rows))
    some = wanted > 0
    return -float(wanted[some] @ np.log(wanted[some] / mix[some]))


VARIETY = {xquad: satisfied, coverage: covered, calibrated: near}


def worth(method, relevance, aspects, rows, diversity) -> float:
    return (1 - diversity) * float(relevance[rows].astype(float).sum()) + diversity * VARIETY[method](relevance, aspects, rows)


def test_xquad_counts_an_aspect_as_met_only_as_far_as_the_pick_was_relevant():
    """After a pick of 0.6 the first aspect is still wanted by 0.2: 0.58 x 0.2 = 0.116 beats 0.2 x 0.5 = 0.1."""
    relevance, aspects = np.array([0.6, 0.58, 0.2], np.float32), of([[0], [0], [1]], [0.5, 0.5])
    assert xquad(relevance, aspects, 3, 1).tolist() == [0, 1, 2]


def test_xquad_gives_half_of_a_thing_to_each_of_its_two_labels():
    """The first is worth 0.5 x 0.5 + 0.5 x 0.5 = 0.5 and leaves half of both aspects: 0.25 x 0.9 to either of the others."""
    relevance, aspects = np.array([1, 0.9, 0.8], np.float32), of([[0, 1], [0], [1]], [0.5, 0.5])
    assert xquad(relevance, aspects, 2, 1).tolist() == [0, 1]
    assert xquad(relevance, of([[0], [0], [1]], [0.5, 0.5]), 2, 1).tolist() == [0, 2]


def test_pm2_seats_aspects_after_sainte_lague():
    """Quotients .7 .2 .1; .233 .2 .1; .14 .2 .1; .14 .067 .1. After d'Hondt the third place were the first aspect's too."""
    relevance = np.array([0.9, 0.8, 0.7, 0.6, 1, 0.95], np.float32)
    aspects = of([[0], [0], [0], [0], [1], [2]], [0.7, 0.2, 0.1])
    assert pm2(relevance, aspects, 4, 1).tolist() == [0, 1, 4, 2]


def test_pm2_counts_what_a_thing_is_worth_to_the_other_aspects():
    """At 0.5, after the first: q = (.2, .4). Who serves both: .45 + .5 (.5 x .45 + .5 x .5 x .45) = .619, and without the
    other aspect .45 + .5 x .5 x .45 = .5625; who serves the second: .4 + .5 x .5 x .8 = .6."""
    relevance, aspects = np.array([1, 0.9, 0.8], np.float32), of([[0], [0, 1], [1]], [0.6, 0.4])
    assert pm2(relevance, aspects, 2, 0.5).tolist() == [0, 1]


def test_pm2_gives_a_place_in_the_shares_of_the_pick():
    """The first takes half a seat of each: q = (.25, .15, .2); had it taken a whole one, q = (.17, .1, .2)."""
    relevance, aspects = np.array([1, 0.45, 0.4], np.float32), of([[0, 1], [0], [2]], [0.5, 0.3, 0.2])
    assert pm2(relevance, aspects, 3, 1).tolist() == [0, 1, 2]


def test_pm2_weighs_need_against_the_neediest_so_that_many_small_wishes_count():
    """At 0.5: a known aspect, .45 + .5 x .5 x .9 / 3 = .525; a new one, .36 + .5 x .5 x .72 = .54, though 1/20 wants it."""
    relevance, aspects = np.array([1, 0.9, 0.72], np.float32), of([[0], [0], [1]], np.full(20, 0.05))
    assert pm2(relevance, aspects, 2, 0.5).tolist() == [0, 2]


def test_pm2_gives_the_place_of_two_aspects_in_equal_need_to_the_more_relevant_item():
    """The third place: .45 / 3 and .15 / 1, of which float32 has the second greater by a hair."""
    aspects = of([[0], [0], [1], [2]], [0.45, 0.4, 0.15])
    assert pm2(np.array([1, 0.9, 0.8, 0.7], np.float32), aspects, 3, 1).tolist() == [0, 2, 1]
    assert pm2(np.array([1, 0.6, 0.8, 0.7], np.float32), aspects, 3, 1).tolist() == [0, 2, 3]


def test_pm2_passes_over_an_aspect_that_nobody_open_serves():
    """The first aspect is wanted most, but its only bearers are worthless or closed by a cap: the second is the neediest."""
    relevance, aspects = np.array([1, 0.9, 0.8, 0.6, 0.5, 0], np.float32), of([[0], [0], [2], [1], [1], [0]], [0.8, 0.15, 0.05])
    room = Room.of(6, {"brand": np.array([[0], [0], [-1], [-1], [-1], [-1]], np.int32)}, {"brand": 1})
    assert pm2(relevance, aspects, 5, 1, room=room).tolist() == [0, 3, 2, 4, 5]


def test_calibrated_shares_out_the_places_as_the_person_does():
    """Gains of the first aspect .7 ln(1.07/.07) = 1.91, then .462, .276, .197; of the second 1.06, then .204: 0 1 0 0 1."""
    relevance = np.array([1, 0.9, 0.8, 0.7, 0.6, 0.3, 0.2], np.float32)
    aspects = of([[0]] * 5 + [[1]] * 2, [0.7, 0.3])
    assert calibrated(relevance, aspects, 5, 1).tolist() == [0, 5, 1, 2, 6]


@pytest.mark.parametrize("diversity", [0.3, 0.7, 1])
def test_calibrated_takes_what_comes_nearest_by_the_divergence_itself(diversity):
    rng = np.random.default_rng(1)
    for _ in range(30):
        relevance, aspects = random_request(rng)
        rows = calibrated(relevance, aspects, 5, diversity).tolist()
        for place in range(5):
            rest = [i for i in range(8) if i not in rows[:place]]
            best = max(worth(calibrated, relevance, aspects, [*rows[:place], i], diversity) for i in rest)
            assert worth(calibrated, relevance, aspects, rows[: place + 1], diversity) >= best - 1e-5


def test_coverage_wants_more_of_an_aspect_though_it_has_one_where_xquad_is_done_with_it():
    """A second of the first aspect adds log2 3 - log2 2 = .585, the other log2 1.2 = .263; by the root, .414 and .447."""
    relevance, aspects = np.array([1, 1, 0.2], np.float32), of([[0], [0], [1]], [0.5, 0.5])
    assert coverage(relevance, aspects, 3, 1).tolist() == [0, 1, 2]
    assert xquad(relevance, aspects, 3, 1).tolist() == [0, 2, 1]


def test_coverage_weighs_aspects_by_the_most_wanted_so_that_many_small_wishes_count():
    """Of twenty aspects each is worth 1 and not 1/20: at 0.5 a new aspect of 0.7 (.35 + .38) beats a known one of 1 (.5 + .29)
    only just not, and one of 0.8 (.4 + .42) does."""
    aspects = of([[0], [0], [1]], np.full(20, 0.05))
    assert coverage(np.array([1, 1, 0.7], np.float32), aspects, 2, 0.5).tolist() == [0, 1]
    assert coverage(np.array([1, 1, 0.8], np.float32), aspects, 2, 0.5).tolist() == [0, 2]


@pytest.mark.parametrize("method", [xquad, coverage, calibrated])
@pytest.mark.parametrize("diversity", [0.2, 0.5, 0.9, 1])
def test_greedy_reaches_what_submodularity_promises(method, diversity):
    rng = np.random.default_rng(7)
    least = 1.0
    for _ in range(60):
        relevance, aspects = random_request(rng)
        empty = worth(method, relevance, aspects, [], diversity)
        best = max(worth(method, relevance, aspects, list(rows), diversity) for rows in combinations(range(8), 3))
        found = worth(method, relevance, aspects, method(relevance, aspects, 3, diversity).tolist(), diversity)
        least = min(least, (found - empty + lost(method, 3, diversity)) / (best - empty + lost(method, 3, diversity)))
    assert BOUND <= least <= 1 + 1e-6


def lost(method, picks, diversity) -> float:
    """The divergence is normalised by the number of picks; without that it is the function that only grows."""
    return diversity * float(np.log((PRIOR + picks) / PRIOR)) if method is calibrated else 0.0


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), k=st.integers(1, 15), diversity=st.sampled_from([0, 0.1, 0.5, 0.9, 1]))
def test_a_slate_has_k_different_rows_or_all(method, data, k, diversity):
    relevance, aspects = data
    rows = method(relevance, aspects, k, diversity).tolist()
    assert len(rows) == len(set(rows)) == min(k, len(relevance))


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), k=st.integers(1, 15))
def test_no_diversity_is_the_order_of_relevance(method, data, k):
    relevance, aspects = data
    assert method(relevance, aspects, k, 0).tolist() == np.argsort(-relevance, kind="stable")[:k].tolist()


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), k=st.integers(1, 15), diversity=st.sampled_from([0.3, 1]))
def test_where_nothing_is_wanted_or_known_the_slate_goes_by_relevance(method, data, k, diversity):
    relevance, aspects = data
    by_relevance = np.argsort(-relevance, kind="stable")[:k].tolist()
    unwanted = Aspects(aspects.codes, np.zeros_like(aspects.wanted))
    unlabelled = Aspects(np.full_like(aspects.codes, -1), aspects.wanted)
    assert method(relevance, unwanted, k, diversity).tolist() == by_relevance
    assert method(relevance, unlabelled, k, diversity).tolist() == by_relevance


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), k=st.integers(1, 10), diversity=st.sampled_from([0.3, 1]))
def test_a_longer_slate_begins_as_the_shorter_one(method, data, k, diversity):
    relevance, aspects = data
    assert method(relevance, aspects, k + 1, diversity)[:k].tolist() == method(relevance, aspects, k, diversity).tolist()


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), diversity=st.sampled_from([0.2, 0.6, 1]))
def test_of_two_alike_the_more_relevant_comes_first_and_of_equals_the_earlier(method, data, diversity):
    relevance, aspects = data
    rows = method(relevance, aspects, len(relevance), diversity).tolist()
    bears = [frozenset(row[row >= 0].tolist()) for row in aspects.codes]
    for first, second in combinations(rows, 2):
        if bears[first] == bears[second]:
            assert (-relevance[first], first) < (-relevance[second], second)


def test_gains_that_differ_by_rounding_alone_are_equal():
    """1/12 + 1/12 + 10/12 is less in float32 than 10/12 + 1/12 + 1/12, by a hair."""
    aspects = of([[0, 1, 2], [2, 0, 1]], np.array([1, 1, 10], np.float32) / np.float32(12))
    assert xquad(np.ones(2, np.float32), aspects, 2, 1).tolist() == [0, 1]


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), seed=st.integers(0, 99), diversity=st.sampled_from([0.2, 0.6, 1]))
def test_the_order_of_labels_and_their_numbers_do_not_matter(method, data, seed, diversity):
    """To pm2 the order does: of two labels of one item in equal need the first has the place."""
    relevance, aspects = data
    rng = np.random.default_rng(seed)
    number = rng.permutation(len(aspects.wanted)).astype(np.int32)
    renamed = np.append(number, np.int32(-1))[aspects.codes]
    columns = np.arange(renamed.shape[1]) if method is pm2 else rng.permutation(renamed.shape[1])
    other = Aspects(renamed[:, columns], aspects.wanted[np.argsort(number)])
    assert method(relevance, other, 12, diversity).tolist() == method(relevance, aspects, 12, diversity).tolist()


@pytest.mark.parametrize("method", METHODS)
@given(
    brands=st.lists(st.integers(-1, 2), min_size=1, max_size=9), most=st.integers(1, 3), diversity=st.sampled_from([0, 0.4, 1])
)
def test_a_cap_is_never_broken_and_never_costs_a_place_it_need_not(method, brands, most, diversity):
    n = len(brands)
    rng = np.random.default_rng(n)
    room = Room.of(n, {"brand": np.array(brands, np.int32)[:, None]}, {"brand": most})
    relevance, aspects = random_request(rng, n)
    taken = [brands[row] for row in method(relevance, aspects, 6, diversity, room=room)]
    assert all(taken.count(brand) <= most for brand in taken if brand >= 0)
    assert len(taken) == min(6, sum(min(most, brands.count(b)) for b in set(brands) if b >= 0) + brands.count(-1))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("diversity", [-0.01, 1.01, float("nan")])
def test_diversity_outside_its_range_is_refused(method, diversity):
    with pytest.raises(BadSetting, match="goes from 0 to 1"):
        method(np.ones(2, np.float32), of([[0], [1]], [0.5, 0.5]), 1, diversity)


@pytest.mark.parametrize("method", METHODS)
def test_no_candidates_make_an_empty_slate(method):
    assert method(np.empty(0, np.float32), of([], [0.5, 0.5]), 3, 0.5).tolist() == []


@pytest.mark.parametrize("method", VARIETY)
def test_more_diversity_gives_more_of_it_on_the_mean_of_many_requests(method):
    """One greedy slate may have less of it at a higher setting; the mean of two hundred does not."""
    rng = np.random.default_rng(11)
    requests = [random_request(rng, 40, 8) for _ in range(200)]
    steps = np.linspace(0, 1, 11)
    variety = [[VARIETY[method](*request, method(*request, 8, step)) for step in steps] for request in requests]
    means = np.mean(variety, axis=0)
    assert np.all(np.diff(means) >= -1e-6)
    assert means[-1] > means[0] + 0.02


def test_more_diversity_brings_pm2_nearer_to_the_wanted_proportions_on_the_mean():
    rng = np.random.default_rng(11)
    requests = [random_request(rng, 40, 8) for _ in range(200)]
    apart = [
        [np.abs(shares(a)[pm2(r, a, 8, step)].mean(0) - a.wanted).sum() for step in (0, 0.25, 0.5, 0.75, 1)]
        for r, a in requests
    ]
    assert np.all(np.diff(np.mean(apart, axis=0)) < 0)
