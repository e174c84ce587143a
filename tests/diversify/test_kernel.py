"""The kernel against the same choices made eagerly, in double precision, from the formulas."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assortment.core.errors import BadInput, BadSetting
from assortment.diversify.caps import Room
from assortment.diversify.pool import Aspects
from assortment.diversify.select import JITTER, by_relevance, dpp, hybrid, mmr, msd, ssd

NEAR = 1e-4


def unit(rows) -> np.ndarray:
    vectors = np.asarray(rows, np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)


# Gains of each candidate after some picks, from the formulas.


def mmr_gains(relevance, vectors, picks, diversity):
    cosines = vectors.astype(float) @ vectors[picks].astype(float).T
    return (1 - diversity) * relevance - diversity * (cosines.max(1) if len(picks) else 0)


def distances(vectors, picks, distance):
    cosines = vectors.astype(float) @ vectors[picks].astype(float).T
    return 1 - cosines if distance == "cosine" else np.arccos(np.clip(cosines, -1, 1)) / np.pi


def msd_gains(relevance, vectors, picks, diversity, distance):
    return (1 - diversity) * relevance + diversity * distances(vectors, picks, distance).sum(1)


def left_over(vectors, picks, diagonal):
    """What the picks leave of each candidate, squared: its Schur complement."""
    if not len(picks):
        return np.full(len(vectors), diagonal)
    exact = vectors.astype(float)
    gram = exact[picks] @ exact[picks].T
    np.fill_diagonal(gram, diagonal)
    across = exact @ exact[picks].T
    return diagonal - np.einsum("ij,ij->i", across, across @ np.linalg.pinv(gram, rcond=1e-7, hermitian=True))


def dpp_gains(relevance, vectors, picks, diversity, window=None):
    left = left_over(vectors, picks[-window:] if window else picks, 1 + JITTER)
    return (1 - diversity) * relevance + diversity * np.log(np.maximum(left, 1e-6))


def ssd_gains(relevance, vectors, picks, diversity):
    return (1 - diversity) * relevance + diversity * np.sqrt(np.maximum(left_over(vectors, picks, 1), 1e-6))


def hybrid_gains(relevance, vectors, picks, diversity, aspects, personal):
    unmet = np.ones(len(aspects.wanted))
    for pick in picks:
        for code, share in zip(aspects.codes[pick], aspects.share[pick], strict=True):
            if code >= 0:
                unmet[code] *= 2.0**-share
    appeal = (np.append(aspects.wanted * unmet, 0)[aspects.codes] * aspects.share).sum(1)
    cosines = vectors.astype(float) @ vectors[picks].astype(float).T
    nearest = cosines.max(1) if len(picks) else 0
    return (1 - diversity) * relevance + diversity * (personal * appeal - (1 - personal) * nearest)


METHODS = {
    "mmr": (mmr, mmr_gains),
    "dpp": (dpp, dpp_gains),
    "ssd": (ssd, ssd_gains),
    "cosine": (
        lambda *task, **more: msd(*task, distance="cosine", **more),
        lambda *task: msd_gains(*task, "cosine"),
    ),
    "angular": (msd, lambda *task: msd_gains(*task, "angular")),
    "dpp in a window": (lambda *task, **more: dpp(*task, window=3, **more), lambda *task: dpp_gains(*task, 3)),
}
every_method = pytest.mark.parametrize("name", METHODS)


def follows(rows, gains, closed=()):
    """Every pick gains what the best open candidate would, up to rounding."""
    for count, row in enumerate(rows):
        worth = gains(np.array(rows[:count], int))
        open_rows = [i for i in range(len(worth)) if i not in rows[:count] and i not in closed]
        assert worth[row] >= max(worth[i] for i in open_rows) - NEAR, (count, row)


def clustered(seed, n, d, clusters, spread=0.5):
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(clusters, d)))
    vectors = unit(centres[rng.integers(0, clusters, n)] + spread * unit(rng.normal(size=(n, d))))
    return rng.beta(2, 5, n).astype(np.float32), vectors


@every_method
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("diversity", [0.1, 0.5, 0.95])
def test_every_pick_gains_the_most_on_clustered_goods(name, seed, diversity):
    method, gains = METHODS[name]
    relevance, vectors = clustered(seed, 150, (5, 16, 100, 384)[seed], 12)
    rows = method(relevance, vectors, 30, diversity).tolist()
    assert len(set(rows)) == 30
    follows(rows, lambda picks: gains(relevance, vectors, picks, diversity))


@pytest.mark.parametrize("name", ["mmr", "cosine"])
def test_every_pick_gains_the_most_where_all_goods_lean_one_way(name):
    method, gains = METHODS[name]
    relevance, vectors = clustered(7, 100, 384, 5)
    leaning = unit(vectors + 0.05)
    follows(method(relevance, leaning, 40, 0.5).tolist(), lambda picks: gains(relevance, leaning, picks, 0.5))


@pytest.mark.parametrize("name", ["mmr", "cosine"])
@pytest.mark.parametrize("seed", range(6))
def test_every_pick_gains_the_most_where_numbers_grow_down_the_list(name, seed):
    """Wordless goods, then vectors spread over all dimensions, then over fewer and fewer: of growing largest numbers."""
    method, gains = METHODS[name]
    rng = np.random.default_rng(seed)
    d, n = (40, 64, 100)[seed % 3], 130
    vectors = rng.normal(size=(n, d)) * (rng.random((n, d)) < np.linspace(1, 0.05, n)[:, None])
    vectors[:20] = 0
    vectors = unit(vectors)
    relevance = rng.random(n).astype(np.float32)
    follows(method(relevance, vectors, 60, 0.5).tolist(), lambda picks: gains(relevance, vectors, picks, 0.5))


@st.composite
def crooked(draw):
    """Candidates that are twins, opposites, wordless or equally relevant."""
    d = draw(st.sampled_from([1, 2, 4, 17]))
    kinds = unit(draw(st.lists(st.lists(st.integers(-2, 2), min_size=d, max_size=d), min_size=1, max_size=5)))
    chosen = draw(st.lists(st.integers(0, len(kinds) - 1), min_size=1, max_size=14))
    signs = draw(st.lists(st.sampled_from([-1, 1]), min_size=len(chosen), max_size=len(chosen)))
    relevance = draw(st.lists(st.sampled_from([0, 0.25, 0.5, 1]), min_size=len(chosen), max_size=len(chosen)))
    return np.array(relevance, np.float32), kinds[chosen] * np.array(signs, np.float32)[:, None]


@every_method
@given(data=crooked(), k=st.integers(1, 16), diversity=st.sampled_from([0, 0.3, 0.5, 1]))
def test_every_pick_gains_the_most_on_crooked_goods(name, data, k, diversity):
    method, gains = METHODS[name]
    relevance, vectors = data
    rows = method(relevance, vectors, k, diversity).tolist()
    assert len(set(rows)) == min(k, len(relevance))
    follows(rows, lambda picks: gains(relevance, vectors, picks, diversity))


def eager(relevance, gains, k):
    """Greedy in exact numbers: equal gains to the more relevant, then to the earlier."""
    rows: list[int] = []
    for _ in range(min(k, len(relevance))):
        worth = gains(np.array(rows, int))
        rows.append(max((i for i in range(len(worth)) if i not in rows), key=lambda i: (worth[i], relevance[i], -i)))
    return rows


@st.composite
def exact(draw):
    """Candidates whose cosines, and with relevance in eighths all gains at diversity 1/4 … 1, are exact in binary."""
    rows = st.one_of(
        st.tuples(*[st.sampled_from([-0.5, 0.5])] * 4),
        st.integers(0, 3).map(lambda place: np.eye(4)[place]),
        st.integers(0, 3).map(lambda place: -np.eye(4)[place]),
        st.just(np.zeros(4)),
    )
    vectors = draw(st.lists(rows, min_size=1, max_size=20))
    relevance = draw(st.lists(st.integers(0, 8), min_size=len(vectors), max_size=len(vectors)))
    times = draw(st.sampled_from([1, 1, 5]))  # with twins far apart: ties between the blocks that the kernel goes by
    return np.tile(np.array(relevance, np.float32) / 8, times), np.tile(np.array(vectors, np.float32), (times, 1))


@pytest.mark.parametrize("name", ["mmr", "cosine"])
@given(data=exact(), k=st.integers(1, 20), diversity=st.sampled_from([0, 0.25, 0.5, 0.75, 1]))
@settings(max_examples=300)
def test_picks_and_ties_are_those_of_eager_greedy(name, data, k, diversity):
    method, gains = METHODS[name]
    relevance, vectors = data
    chosen = method(relevance, vectors, k, diversity).tolist()
    assert chosen == eager(relevance, lambda picks: gains(relevance, vectors, picks, diversity), k)


@given(data=exact(), k=st.integers(1, 20), labels=st.integers(0, 50), personal=st.sampled_from([0, 0.25, 0.5, 1]))
@settings(max_examples=300)
def test_the_hybrid_is_that_of_eager_greedy(data, k, labels, personal):
    relevance, vectors = data
    codes = np.random.default_rng(labels).integers(-1, 4, (len(relevance), 2)).astype(np.int32)
    codes[codes[:, 0] == codes[:, 1], 1] = -1
    aspects = Aspects(codes, np.array([0.5, 0.25, 0.125, 0.125], np.float32))
    rows = hybrid(relevance, vectors, aspects, k, 0.5, personal).tolist()
    assert len(set(rows)) == min(k, len(relevance))
    follows(rows, lambda picks: hybrid_gains(relevance, vectors, picks, 0.5, aspects, personal))


@every_method
@given(data=crooked(), k=st.integers(1, 6), seed=st.integers(0, 9), diversity=st.sampled_from([0, 0.5, 1]))
def test_items_say_which_rows_the_candidates_are(name, data, k, seed, diversity):
    method, _ = METHODS[name]
    relevance, vectors = data
    items = np.random.default_rng(seed).integers(0, len(vectors), len(relevance)).astype(np.int32)
    chosen = method(relevance, vectors, k, diversity, items=items)
    assert chosen.tolist() == method(relevance, vectors[items], k, diversity).tolist()


@every_method
@given(data=crooked(), k=st.integers(1, 6), first=st.integers(1, 4), diversity=st.sampled_from([0, 0.5, 1]))
def test_a_slate_is_gone_on_with_from_what_is_given(name, data, k, first, diversity):
    method, _ = METHODS[name]
    relevance, vectors = data
    whole = method(relevance, vectors, first + k, diversity)
    rest = method(relevance, vectors, k, diversity, given=whole[:first])
    assert rest.tolist() == whole[first:].tolist()


@every_method
@pytest.mark.parametrize("seed", range(4))
def test_the_first_pick_beside_what_is_given_gains_the_most(name, seed):
    """Where candidates are many and near one another, so that what bounds a gain is not taken for the gain."""
    method, gains = METHODS[name]
    relevance, vectors = clustered(seed, 400, 64, 1, spread=0.1)
    before = np.arange(3)
    (row,) = method(relevance, vectors, 1, 1, given=before).tolist()
    worth = gains(relevance, vectors, before, 1)
    assert worth[row] >= worth[3:].max() - 1e-5


@every_method
@given(data=crooked(), k=st.integers(1, 8), seed=st.integers(0, 99), diversity=st.sampled_from([0, 0.5, 1]))
def test_a_room_is_left_as_its_own_rule_would_leave_it(name, data, k, seed, diversity):
    method, gains = METHODS[name]
    relevance, vectors = data
    n, rng = len(relevance), np.random.default_rng(seed)
    codes = {"brand": rng.integers(-1, 3, (n, 1)).astype(np.int32), "tag": rng.integers(-1, 2, (n, 2)).astype(np.int32)}
    most = {"brand": 2, "tag": int(rng.integers(0, 4))}
    room, again = Room.of(n, codes, most), Room.of(n, codes, most)
    shut = rng.random(n) < 0.2
    room.open[shut] = again.open[shut] = False
    rows = method(relevance, vectors, k, diversity, room).tolist()
    for count, row in enumerate(rows):
        assert again.open[row]
        follows_one = gains(relevance, vectors, np.array(rows[:count], int), diversity)
        assert follows_one[row] >= follows_one[again.open].max() - NEAR
        again.take(row)
    assert room.open.tolist() == again.open.tolist()
    assert room.left.tolist() == again.left.tolist()
    assert len(rows) == k or not again.open.any()


def test_the_likeness_to_an_opposite_counts_for_it():
    """A candidate's gain may rise with the first pick: one that is kept from then on must be computed again."""
    vectors = unit([[1, 0], [1, 0.2], [-1, 0.1]])
    relevance = np.array([1, 0.9, 0.05], np.float32)
    assert mmr(relevance, vectors, 2, 0.6).tolist() == [0, 2]
    # 0.4 x 0.9 - 0.6 x 0.98 = -0.23; 0.4 x 0.05 + 0.6 x 0.995 = 0.62


def test_a_tie_far_down_the_list_goes_to_the_more_relevant():
    """The third falls to 0.1875 as it is computed again, which is what the last, more relevant, gains."""
    relevance = np.array([1, 1, 0.375, *[0] * 33, 0.875], np.float32)
    vectors = np.zeros((37, 4), np.float32)
    vectors[:, 0] = 1
    vectors[[1, 2, 36]] = [[0, 1, 0, 0], [-0.5, 0, 0.5, np.sqrt(0.5)], [0.5, 0.5, 0.5, 0.5]]
    assert mmr(relevance, vectors, 3, 0.5).tolist() == [0, 1, 36]


def test_halved_wishes_by_hand():
    aspects = Aspects(np.array([[0, -1], [0, 1], [1, -1], [0, -1]], np.int32), np.array([0.6, 0.4], np.float32))
    relevance, across = np.zeros(4, np.float32), np.eye(4, dtype=np.float32)
    # at first 0.6, 0.5, 0.4, 0.6; after 0: 0.15 + 0.2 = 0.35, 0.4, 0.3; after 2: 0.15 + 0.1 = 0.25 and 0.3
    assert hybrid(relevance, across, aspects, 4, 1, 1).tolist() == [0, 2, 3, 1]


def test_half_a_pick_of_an_aspect_is_less_than_half_its_discount():
    """Beside one that is half of 0, the wish for it is 0.5 x 2^-0.5 = 0.354 and not 0.25; that for 2 is 0.35."""
    aspects = Aspects(np.array([[0, 1], [0, -1], [2, -1]], np.int32), np.array([0.5, 0.15, 0.35], np.float32))
    across = np.eye(3, dtype=np.float32)
    assert hybrid(np.zeros(3, np.float32), across, aspects, 1, 1, 1, given=np.array([0])).tolist() == [1]


def test_volume_of_the_last_picks_alone_by_hand():
    """With a window of one, the twin of the first pick is new again at the third place."""
    vectors = unit([[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]])
    relevance = np.array([1, 0.9, 0.8, 0.1], np.float32)
    assert dpp(relevance, vectors, 3, 0.5).tolist() == [0, 1, 3]
    assert dpp(relevance, vectors, 3, 0.5, window=1).tolist() == [0, 1, 2]
    assert ssd(relevance, vectors, 3, 0.5, window=1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("method", [dpp, ssd])
@given(data=crooked(), k=st.integers(1, 8), diversity=st.sampled_from([0.3, 1]))
def test_a_window_as_wide_as_the_slate_changes_nothing_but_rounding(method, data, k, diversity):
    relevance, vectors = data
    gains = dpp_gains if method is dpp else ssd_gains
    rows = method(relevance, vectors, k, diversity, window=max(1, min(k, len(relevance)) - 1)).tolist()
    follows(rows, lambda picks: gains(relevance, vectors, picks, diversity))


def total(relevance, vectors, rows, diversity):
    rows = list(rows)
    pairs = distances(vectors[rows], np.arange(len(rows)), "angular")
    return 2 * (1 - diversity) * relevance[rows].sum() + diversity * (pairs.sum() - np.trace(pairs)) / 2


@pytest.mark.parametrize("swaps", [False, True])
@given(data=crooked(), k=st.integers(2, 4), diversity=st.sampled_from([0.1, 0.5, 1]))
def test_dispersion_reaches_half_of_the_most_there_is(swaps, data, k, diversity):
    relevance, vectors = data[0][:8], data[1][:8]
    k = min(k, len(relevance))
    best = max(total(relevance, vectors, rows, diversity) for rows in combinations(range(len(relevance)), k))
    reached = total(relevance, vectors, msd(relevance, vectors, k, diversity, swaps=swaps), diversity)
    assert reached >= best / 2 - NEAR


@given(data=crooked(), k=st.integers(1, 5), diversity=st.sampled_from([0.1, 0.5, 1]), seed=st.integers(0, 20))
def test_no_exchange_is_left_that_the_caps_allow_and_that_gains(data, k, diversity, seed):
    relevance, vectors = data
    n, rng = len(relevance), np.random.default_rng(seed)
    codes = {"brand": rng.integers(-1, 3, (n, 1)).astype(np.int32)}
    room, again = Room.of(n, codes, {"brand": 2}), Room.of(n, codes, {"brand": 2})
    mended = msd(relevance, vectors, k, diversity, room, swaps=True)
    greedy = msd(relevance, vectors, k, diversity, Room.of(n, codes, {"brand": 2}))
    assert len(mended) == len(greedy)
    worth = total(relevance, vectors, mended, diversity)
    assert worth >= total(relevance, vectors, greedy, diversity) - NEAR
    for row in mended:
        assert again.open[row]
        again.take(row)
    assert (room.open.tolist(), room.left.tolist()) == (again.open.tolist(), again.left.tolist())
    brand = codes["brand"][:, 0]
    for place in range(len(mended)):
        for row in set(range(n)) - set(mended.tolist()):
            other = [*mended[:place], row, *mended[place + 1 :]]
            if (np.bincount(brand[other][brand[other] >= 0], minlength=3) <= 2).all():
                assert total(relevance, vectors, other, diversity) <= worth + NEAR


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("diversity", [0.1, 0.6])
def test_no_exchange_is_left_beside_what_is_given(seed, diversity):
    rng = np.random.default_rng(seed)
    relevance, vectors, before = rng.random(30).astype(np.float32), unit(rng.normal(size=(30, 3))), [0, 1]
    rows = msd(relevance, vectors, 8, diversity, swaps=True, given=np.array(before)).tolist()
    worth = total(relevance, vectors, [*before, *rows], diversity)
    for place in range(8):
        for row in set(range(2, 30)) - set(rows):
            other = [*before, *rows[:place], row, *rows[place + 1 :]]
            assert total(relevance, vectors, other, diversity) <= worth + NEAR


def test_dispersion_refuses_a_row_that_would_never_be_chosen():
    """Every step looks at all candidates, so a row that is not a number is seen whatever its relevance."""
    relevance, vectors = clustered(0, 60, 16, 5)
    relevance[40], vectors[40, 3] = -50, np.nan
    with pytest.raises(BadInput, match="not finite"):
        msd(relevance, vectors, 3, 0.5, distance="cosine")


def test_an_exchange_betters_greedy():
    """Greedy takes the middle first; the two ends are worth more together."""
    vectors = unit([[0, 1], [1, 0.1], [-1, 0.1]])
    relevance = np.array([0.2, 0.15, 0.15], np.float32)
    assert msd(relevance, vectors, 2, 0.5).tolist() == [0, 1]
    assert msd(relevance, vectors, 2, 0.5, swaps=True).tolist() == [1, 2]


def test_the_same_as_pyversity():
    """Where the definitions agree: MMR and MSD with no negative cosines, which it counts as 0; SSD once its rows have
    the length that its bias column gives them; DPP without jitter, for relevance on its scale."""
    from pyversity import Strategy, diversify

    rng = np.random.default_rng(5)
    for diversity in (0.1, 0.3, 0.5, 0.8):
        vectors, relevance = unit(rng.random((60, 20))), rng.random(60).astype(np.float32)

        def theirs(strategy, vectors=vectors, relevance=relevance, diversity=diversity, **settings):
            return diversify(vectors, relevance, 10, strategy=strategy, diversity=diversity, **settings).indices.tolist()

        z = ((relevance - relevance.mean()) / relevance.std()).astype(np.float32)
        assert mmr(relevance, vectors, 10, diversity).tolist() == theirs(Strategy.MMR)
        assert msd(relevance, vectors, 10, diversity, distance="cosine").tolist() == theirs(Strategy.MSD)
        biased = np.hstack([vectors, np.ones((60, 1), np.float32)]) / np.float32(np.sqrt(2))
        for window in (None, 4):
            ours = ssd(z / np.float32(np.sqrt(2)), biased, 10, diversity, window=window)
            assert ours.tolist() == theirs(Strategy.SSD, window=window)
        beta = 1 - diversity
        on_its_scale = (2 * beta * z * diversity / (1 - diversity)).astype(np.float32)
        assert dpp(on_its_scale, vectors, 10, diversity, jitter=0).tolist() == theirs(Strategy.DPP)


@every_method
def test_what_cannot_be_used_is_refused(name):
    method, _ = METHODS[name]
    relevance, vectors = np.array([1, 0.5, 0.2], np.float32), unit(np.eye(3))
    hollow = vectors.copy()
    hollow[1, 2] = np.nan
    infinite = vectors.copy()
    infinite[0, 0] = np.inf
    for broken in (hollow, infinite):
        with pytest.raises(BadInput, match="not finite"):
            method(relevance, broken, 3, 0.5)
    with pytest.raises(BadInput, match="relevance of candidate 1 is not a finite"):
        method(np.array([1, np.nan, 0], np.float32), vectors, 2, 0.5)
    with pytest.raises(BadInput, match="2 rows of vectors for the relevance of 3"):
        method(relevance, vectors[:2], 2, 0.5)
    with pytest.raises(BadInput, match="candidate 2 is item 3; there are vectors of 3"):
        method(relevance, vectors, 2, 0.5, items=np.array([0, 1, 3], np.int32))
    with pytest.raises(BadInput, match="candidate 0 is item -1"):
        method(relevance, vectors, 2, 0.5, items=np.array([-1, 1, 2], np.int32))
    with pytest.raises(BadInput, match="3 is given as chosen; there are 3 candidates"):
        method(relevance, vectors, 2, 0.5, given=np.array([3]))
    with pytest.raises(BadInput, match="1 and 2"):
        method(relevance, vectors[0], 2, 0.5)
    with pytest.raises(BadInput, match="a room of 2"):
        method(relevance, vectors, 2, 0.5, Room.of(2, {}, {}))
    with pytest.raises(BadSetting, match="k is 0"):
        method(relevance, vectors, 0, 0.5)


def test_settings_outside_their_range_are_refused():
    relevance, vectors = np.array([1, 0.5], np.float32), unit(np.eye(2))
    aspects = Aspects(np.zeros((2, 1), np.int32), np.ones(1, np.float32))
    with pytest.raises(BadSetting, match="personal"):
        hybrid(relevance, vectors, aspects, 1, 0.5, 1.5)
    with pytest.raises(BadInput, match="aspects of 2 candidates for the relevance of 1"):
        hybrid(relevance[:1], vectors[:1], aspects, 1, 0.5, 0.5)
    with pytest.raises(BadInput, match="how much it is wanted"):
        hybrid(relevance, vectors, Aspects(np.ones((2, 1), np.int32), np.ones(1, np.float32)), 1, 0.5, 0.5)
    with pytest.raises(BadSetting, match="window is 0"):
        dpp(relevance, vectors, 1, 0.5, window=0)
    with pytest.raises(BadSetting, match="jitter"):
        dpp(relevance, vectors, 1, 0.5, jitter=-0.1)


@every_method
def test_nobody_to_choose_from_is_an_empty_slate(name):
    method, _ = METHODS[name]
    assert method(np.empty(0, np.float32), np.empty((0, 4), np.float32), 3, 0.5).tolist() == []


def test_rows_are_integers_of_64_bits():
    assert by_relevance(np.array([0.5, 1], np.float32), 1).dtype == np.int64
