import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from assortment.evaluate import calibration
from assortment.evaluate.lists import members

LABELS = sparse.csr_matrix([[1.0, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]])
"""Items 0: a; 1: a and b; 2: c; 3: none."""

MEASURES = (calibration.miscalibration, calibration.jensen_shannon, calibration.hellinger)


def test_an_item_of_two_labels_gives_half_to_each():
    np.testing.assert_allclose(calibration.mix(members(np.array([[0, 1, 3]]), 4), LABELS).toarray(), [[0.75, 0.25, 0]])


def test_miscalibration_by_hand():
    """Liked ½ a, ½ b; shown a only: q' = (0.995, 0.005)."""
    wanted, mixed = sparse.csr_matrix([[0.5, 0.5]]), sparse.csr_matrix([[1.0, 0]])
    expected = 0.5 * np.log(0.5 / 0.995) + 0.5 * np.log(0.5 / 0.005)
    assert calibration.miscalibration(wanted, mixed) == pytest.approx(expected)


def test_miscalibration_minds_what_is_missing_and_not_what_is_added():
    wanted, mixed = sparse.csr_matrix([[1.0, 0]]), sparse.csr_matrix([[0.5, 0.5]])
    assert calibration.miscalibration(wanted, mixed) == pytest.approx(-np.log(0.505))


def test_jensen_shannon_by_hand():
    """Liked ½ a, ½ b; shown a only: in between ¾ a, ¼ b. The same the other way round, unlike KL."""
    wanted, mixed = sparse.csr_matrix([[0.5, 0.5]]), sparse.csr_matrix([[1.0, 0]])
    expected = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)) - 0.5
    assert calibration.jensen_shannon(wanted, mixed) == pytest.approx(expected)
    assert calibration.jensen_shannon(mixed, wanted) == pytest.approx(expected)


def test_hellinger_by_hand():
    """Σ √(p q) = √(½ · 1)."""
    wanted, mixed = sparse.csr_matrix([[0.5, 0.5]]), sparse.csr_matrix([[1.0, 0]])
    assert calibration.hellinger(wanted, mixed) == pytest.approx(np.sqrt(1 - np.sqrt(0.5)))


def test_without_a_history_there_is_nothing_to_be_calibrated_to():
    nothing, something = sparse.csr_matrix([[0.0, 0]]), sparse.csr_matrix([[1.0, 0]])
    for measure in MEASURES:
        assert np.isnan(measure(nothing, something)).all()
        assert np.isnan(measure(something, nothing)).all()


mass = arrays.arrays(np.float64, (3, 4), elements=st.sampled_from([0.0, 1, 2, 5])).filter(lambda x: (x.sum(1) > 0).all())


@given(mass, mass)
def test_calibration_keeps_to_its_ends(p, q):
    wanted, mixed = (sparse.csr_matrix(x / x.sum(1, keepdims=True)) for x in (p, q))
    apart = ~np.any((p > 0) & (q > 0), axis=1)
    for measure, most in zip(MEASURES, (-np.log(0.01), 1, 1), strict=True):
        values = measure(wanted, mixed)
        assert np.all((values >= -1e-12) & (values <= most + 1e-12))
        np.testing.assert_allclose(values[apart], most)
        np.testing.assert_allclose(measure(wanted, wanted), 0, atol=1e-6)


@given(mass, mass)
def test_jensen_shannon_lies_between_the_bounds_that_hellinger_sets(p, q):
    """H² ≤ JS ≤ √2 H (Lin, 1991; in bits)."""
    wanted, mixed = (sparse.csr_matrix(x / x.sum(1, keepdims=True)) for x in (p, q))
    js, distance = calibration.jensen_shannon(wanted, mixed), calibration.hellinger(wanted, mixed)
    assert np.all(distance**2 <= js + 1e-9)
    assert np.all(js <= np.sqrt(2) * distance + 1e-9)


# as a list is read


def test_rank_miscalibration_by_hand():
    """Liked ½ a, ½ c. After the first good (a) half is missing; after the second nothing is, or the same half still."""
    wanted, half = sparse.csr_matrix([[0.5, 0, 0.5]]), 0.5 * np.log(0.5 / 0.995) + 0.5 * np.log(0.5 / 0.005)
    soon = calibration.rank_miscalibration(wanted, np.array([[0, 2]]), LABELS)
    assert soon == pytest.approx((half + 0) / 2 / -np.log(0.01))


def test_who_waits_longer_for_the_second_taste_is_less_well_served():
    wanted, goods = sparse.csr_matrix([[0.5, 0.5]] * 2), sparse.csr_matrix([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    soon, late = calibration.rank_miscalibration(wanted, np.array([[0, 2, 1, 3], [0, 1, 2, 3]]), goods)
    assert soon < late
    whole = calibration.miscalibration(wanted, calibration.mix(members(np.array([[0, 2, 1, 3], [0, 1, 2, 3]]), 4), goods))
    assert whole[0] == whole[1] == pytest.approx(0), "at the end both fit"


def test_rank_miscalibration_reads_as_far_as_there_are_goods():
    wanted = sparse.csr_matrix([[1.0, 0, 0]] * 3)
    values = calibration.rank_miscalibration(wanted, np.array([[2, -1, -1], [3, 3, -1], [3, 2, -1]]), LABELS)
    np.testing.assert_allclose(values, [1, np.nan, 1])
    short, full = (calibration.rank_miscalibration(wanted[:1], np.array([row]), LABELS) for row in ([2, 0, -1], [2, 0]))
    assert short == full == pytest.approx((-np.log(0.01) - np.log(0.99 * 0.5 + 0.01)) / 2 / -np.log(0.01))


def test_calibration_error_by_hand():
    """Liked ½ a, ½ c of three labels: a, then c, is off by 1, 0 and, with a good of a and b, by ½ - ½, ⅙ and ½ - ⅓."""
    wanted = sparse.csr_matrix([[0.5, 0, 0.5]])
    soon, late = (calibration.calibration_error(wanted, np.array([row]), LABELS)[0] for row in ([0, 2, 1], [0, 1, 2]))
    assert soon == pytest.approx((1 + 0 + (0 + 1 / 6 + 1 / 6)) / 9)
    assert late == pytest.approx((1 + (0.25 + 0.25 + 0.5) + (1 / 6 + 1 / 6)) / 9)


def test_calibration_error_leaves_aside_what_bears_no_label():
    wanted = sparse.csr_matrix([[0.0, 0, 1], [0, 0, 1], [0, 0, 0]])
    values = calibration.calibration_error(wanted, np.array([[3, 2, -1], [3, 3, -1], [2, 0, 1]]), LABELS)
    assert values[0] == 0
    assert np.isnan(values[1:]).all()
