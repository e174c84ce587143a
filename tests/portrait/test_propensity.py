from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import BadSetting
from assortment.portrait.propensity import evenness, personal_diversity, propensity, usual

LABELS = 6
NONE = np.empty((0, 1), np.int32)

unit = st.sampled_from([0, 0.2, 0.5, 0.9, 1])


def codes(*labels) -> np.ndarray:
    """Goods of one label each, -1 for none."""
    return np.array(labels, np.int32)[:, None]


@st.composite
def goods(draw, most=12, least=0):
    """[n, 2] of up to two labels each."""
    some = st.lists(st.integers(0, LABELS - 1), max_size=2, unique=True)
    rows = draw(st.lists(some, min_size=least, max_size=most))
    return np.array([[*row, *[-1] * (2 - len(row))] for row in rows], np.int32).reshape(len(rows), 2)


def test_evenness_of_a_known_history():
    """Six of two kinds, 4 and 2, of three labels: (2/3 ln 1.5 + 1/3 ln 3) / ln 3 = 0.579; over ln 6 it were 0.355."""
    assert evenness(codes(0, 0, 0, 0, 1, 1), 3) == pytest.approx(0.5794, abs=1e-4)


def test_few_takes_are_as_even_as_they_can_be():
    """Two takes of two labels are all that two can do, though the shop has six."""
    assert evenness(codes(0, 3), LABELS) == pytest.approx(1)


def test_the_same_two_labels_again_and_again_are_not_variety():
    """3/4 and 1/4 have 0.8113 bits; of these the first take has 1 by itself and so the mean take 1/2."""
    assert evenness(np.array([[0, 1], [0, 1]], np.int32), LABELS) == 0
    assert evenness(np.array([[0, 1], [0, -1]], np.int32), LABELS) == pytest.approx(0.3113, abs=1e-4)
    assert evenness(np.array([[0, 1], [2, 3]], np.int32), LABELS) == pytest.approx(1)


def test_propensity_of_a_known_person():
    """Evenness of 3 and 1 over ln 4 is 0.4056, of weight 3 / 13; the odd one, latest of four, weighs 0.3041.

    0.5 + 0.2308 (0.4056 - 0.5) = 0.4782, then up by 0.5 x 0.2308 x (0.3041 - 0.25) = 0.00624 of 0.5218: 0.4815. A foreign and
    two dominant refusals, (2 - 1) / (3 + 10), move it up by half of 0.0769 of 0.5185: 0.5014."""
    history = codes(0, 0, 0, 1)
    assert propensity(history, NONE, LABELS, shop=0.5) == pytest.approx(0.4815, abs=1e-4)
    assert propensity(history, codes(0, 0, 5), LABELS, shop=0.5) == pytest.approx(0.5014, abs=1e-4)


@given(shop=unit, refused=goods())
def test_who_took_nothing_or_nothing_known_gets_what_is_usual(shop, refused):
    assert propensity(np.empty((0, 2), np.int32), refused, LABELS, shop=shop) == shop
    assert propensity(np.full((4, 2), -1, np.int32), refused, LABELS, shop=shop) == shop


@given(label=st.integers(0, LABELS - 1), shop=unit)
def test_one_take_says_nothing(label, shop):
    assert propensity(codes(label), NONE, LABELS, shop=shop) == pytest.approx(shop)


@given(history=goods(), refused=goods(), shop=unit)
def test_it_stays_within_nothing_and_all(history, refused, shop):
    assert 0 <= propensity(history, refused, LABELS, shop=shop) <= 1


@given(history=goods(), refused=goods(), unlabelled=st.integers(0, 3), shop=unit)
def test_goods_without_labels_say_nothing(history, refused, unlabelled, shop):
    nothing = np.full((unlabelled, 2), -1, np.int32)
    without = propensity(history, refused, LABELS, shop=shop)
    said = propensity(np.concatenate([history, nothing]), np.concatenate([nothing, refused]), LABELS, shop=shop)
    assert said == pytest.approx(without)


@given(history=goods(), refused=goods(), shops=st.tuples(unit, unit))
def test_a_more_varied_shop_makes_nobody_less_so(history, refused, shops):
    low, high = (propensity(history, refused, LABELS, shop=shop) for shop in sorted(shops))
    assert low <= high + 1e-12


@given(counts=st.lists(st.integers(0, 6), min_size=2, max_size=LABELS), pair=st.permutations(range(LABELS)))
def test_one_take_less_of_the_stronger_label_and_more_of_the_weaker_is_more_even(counts, pair):
    strong, weak = (label % len(counts) for label in pair[:2])
    if counts[strong] < counts[weak] + 2:
        return
    fairer = [count - (label == strong) + (label == weak) for label, count in enumerate(counts)]
    before, after = (evenness(codes(*np.repeat(range(len(c)), c)), LABELS) for c in (counts, fairer))
    assert after > before


@given(loyal=st.integers(3, 9), odd=st.integers(1, 4), shop=unit, data=st.data())
def test_the_later_they_strayed_the_more_variety_they_want(loyal, odd, shop, data):
    history = data.draw(st.permutations([0] * loyal * odd + list(range(1, odd + 1))))
    places = [place for place, (here, there) in enumerate(pairwise(history)) if here > 0 and there == 0]
    for place in places:
        later = [*history[:place], history[place + 1], history[place], *history[place + 2 :]]
        before, after = (propensity(codes(*row), NONE, LABELS, shop=shop) for row in (history, later))
        assert after > before or before == after in (0, 1)


@given(history=goods(least=1), refused=goods(), label=st.integers(0, LABELS - 1), shop=unit)
def test_each_refusal_of_something_foreign_lowers_and_of_the_dominant_raises(history, refused, label, shop):
    mass = np.zeros(LABELS)
    for row in history:
        for one in row[row >= 0]:
            mass[one] += 1 / (row >= 0).sum()
    if not mass.any():
        return
    before = propensity(history, refused, LABELS, shop=shop)
    after = propensity(history, np.concatenate([refused, [[-1, label]]]).astype(np.int32), LABELS, shop=shop)
    if mass[label] == 0:
        assert after < before or before == after in (0, 1)
    elif mass[label] > mass.max() / 2 + 1e-9:
        assert after > before or before == after in (0, 1)


def test_an_aspect_of_half_the_strongest_is_dominant_too():
    history = codes(0, 0, 1)
    assert propensity(history, codes(1), LABELS, shop=0.5) > propensity(history, NONE, LABELS, shop=0.5)


def test_refusals_of_a_minor_aspect_only_dilute():
    history = codes(0, 0, 0, 0, 0, 1)
    assert propensity(history, codes(1), LABELS, shop=0.5) == propensity(history, NONE, LABELS, shop=0.5)
    assert propensity(history, codes(1, 0), LABELS, shop=0.5) < propensity(history, codes(0), LABELS, shop=0.5)


def test_usual_is_what_people_want_on_the_mean_before_feedback():
    """Where all aspects of a person are dominant nothing can stray, so these people show no feedback."""
    people = [codes(0, 0), codes(0, 1), codes(0, 1, 2, 0, 1, 2), codes(3, 3, 3, 3), codes(5), NONE]
    shop = usual(people, LABELS)
    assert np.mean([propensity(person, NONE, LABELS, shop=shop) for person in people]) == pytest.approx(shop)
    assert shop != pytest.approx(np.mean([evenness(person, LABELS) for person in people]))


def test_a_shop_without_people_who_took_two_is_in_the_middle():
    assert usual([], LABELS) == usual([codes(1), NONE], LABELS) == 0.5


@given(diversity=unit, wants=st.lists(unit, min_size=1, max_size=5), strength=unit)
def test_the_mean_of_all_gets_what_the_shop_set(diversity, wants, strength):
    settings = [personal_diversity(diversity, want, float(np.mean(wants)), strength) for want in wants]
    assert np.mean(settings) == pytest.approx(diversity)
    assert all(-1e-12 <= setting <= 1 + 1e-12 for setting in settings)
    assert settings == pytest.approx([diversity] * len(wants)) or 0 < diversity < 1


@given(diversity=st.sampled_from([0.1, 0.5, 0.8]), strength=st.sampled_from([0.1, 1]), wants=st.tuples(unit, unit), usual=unit)
def test_who_wants_more_gets_more(diversity, strength, wants, usual):
    low, high = (personal_diversity(diversity, want, usual, strength) for want in sorted(wants))
    assert low < high or wants[0] == wants[1]


def test_full_strength_reaches_the_nearer_end():
    assert personal_diversity(0.3, 0, usual=0.5, strength=1) == pytest.approx(0)
    assert personal_diversity(0.8, 1, usual=0.5, strength=1) == pytest.approx(1)
    assert personal_diversity(0.8, 1, usual=0.5, strength=0) == 0.8


@pytest.mark.parametrize("wrong", ["diversity", "wants", "usual", "strength"])
def test_settings_outside_their_range_are_refused(wrong):
    right = {"diversity": 0.3, "wants": 0.5, "usual": 0.5, "strength": 0.5}
    with pytest.raises(BadSetting, match=f"{wrong} is 1.5"):
        personal_diversity(**{**right, wrong: 1.5})
    with pytest.raises(BadSetting, match="shop is nan"):
        propensity(codes(0), NONE, LABELS, shop=float("nan"))
