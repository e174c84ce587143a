"""What the intervals promise, they keep: false alarms, coverage, and the variance that the past explains."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assortment.core.errors import BadInput, BadSetting
from assortment.core.measure import Measure
from assortment.experiment.cuped import adjusted
from assortment.experiment.guardrails import BROKEN, HOLDS, OPEN, guardrail
from assortment.experiment.multiple import benjamini_hochberg, holm
from assortment.experiment.novelty import FADES, GROWS, STEADY, UNKNOWN, course
from assortment.experiment.power import needed, reached
from assortment.experiment.ratio import linear
from assortment.experiment.sample import Sample, fixed, fixed_p
from assortment.experiment.sequential import LEAST, always_valid_p, evidence, ratio, sequence, stretch
from assortment.experiment.srm import srm

# Looking all the time


def peeked(rng: np.random.Generator, runs: int, pairs: int, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The z of the difference after every pair of people, [runs, pairs], and how many people there are then."""
    skewed = rng.exponential(size=(2, runs, pairs)) * (rng.random((2, runs, pairs)) < 0.2)
    skewed[1] += effect
    n = np.arange(1, pairs + 1)
    mean = skewed.cumsum(2) / n
    spread = np.maximum((np.square(skewed).cumsum(2) / n - mean**2) * n / np.maximum(n - 1, 1), 1e-12)
    return (mean[1] - mean[0]) / np.sqrt(spread.sum(0) / n), 2 * n


def test_peeking_after_every_pair_raises_few_false_alarms_with_the_sequence_and_many_with_the_fixed_interval():
    z, n = peeked(np.random.default_rng(1), 400, 2000)
    z, n = np.abs(z[:, LEAST:]), n[LEAST:]
    bound = np.array([stretch(people, 4000) for people in n])
    false = (z >= bound).any(1).mean()
    assert 0 < false <= 0.05
    assert (z >= stats.norm.ppf(0.975)).any(1).mean() > 0.25


def test_an_effect_that_is_there_is_found_by_the_planned_size_for_watching():
    """`needed(...).watched` people in each arm promise a chance of 80 %."""
    mean, variance = 0.2, 0.36
    watched = needed(mean, variance, 0.2).watched
    z, n = peeked(np.random.default_rng(2), 200, watched, 0.04)
    bound = np.array([stretch(people, 2 * watched) for people in n])
    assert 0.78 <= (z[:, LEAST:] >= bound[LEAST:]).any(1).mean() <= 0.99


def test_the_stretch_is_least_at_the_planned_size_and_the_evidence_crosses_where_the_interval_leaves_zero():
    x = ratio(0.05)
    assert x == pytest.approx(2 * math.log(20) + math.log1p(x), rel=1e-12)
    widths = [stretch(n, 1000) / math.sqrt(n) * math.sqrt(1000) for n in (1000,)]
    others = [math.sqrt((1 + r) / r * (2 * math.log(20) + math.log1p(r))) for r in (x * 0.9, x * 1.1)]
    assert all(other > widths[0] for other in others)
    error = 0.01
    edge = stretch(700, 1000) * math.sqrt(error)
    assert evidence(edge, error, 700, 1000) == pytest.approx(math.log(20), rel=1e-12)


def test_the_mixture_by_hand():
    """V = 1, τ² = 1, δ = 3: Λ = √½ exp(9/4), so log Λ = 2.25 - ½ log 2; at x = τ²/V = 1, whatever the plan."""
    planned = 100 * ratio(0.05)
    assert evidence(3.0, 1.0, 100, planned) == pytest.approx(2.25 - 0.5 * math.log(2))
    control, treated = Sample(500, 0, 250), Sample(500, 3, 250)
    assert always_valid_p(control, treated, 1000 * ratio(0.05)) == pytest.approx(math.exp(-2.25) * math.sqrt(2))


def test_before_enough_people_nothing_is_claimed():
    few = Sample(LEAST - 1, 0, 1), Sample(LEAST - 1, 9, 1)
    assert sequence("m", *few, 1000).low == -math.inf
    assert always_valid_p(*few, 1000) == 1
    assert sequence("m", Sample(LEAST, 0, 1), Sample(LEAST, 9, 1), 1000).low > 0


@given(st.integers(LEAST, 10**6), st.integers(100, 10**6), st.floats(0.001, 0.2))
def test_a_sequence_is_wider_than_one_look(n, planned, alpha):
    control, treated = Sample(n, 1.0, 2.0), Sample(n, 1.1, 2.0)
    one, any_ = fixed("m", control, treated, alpha), sequence("m", control, treated, planned, alpha)
    assert any_.low < one.low < one.high < any_.high
    assert (always_valid_p(control, treated, planned, alpha) < alpha) == (any_.low > 0)
    assert (fixed_p(control, treated) < alpha) == (one.low > 0)


# One look


def test_one_look_is_welch_as_scipy_has_it():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, 40), rng.normal(0.5, 3, 25)
    found = stats.ttest_ind(b, a, equal_var=False)
    assert fixed_p(Sample.of(a), Sample.of(b)) == pytest.approx(found.pvalue, rel=1e-9)
    one, ends = fixed("m", Sample.of(a), Sample.of(b)), found.confidence_interval()
    assert (one.low, one.high) == pytest.approx((ends.low, ends.high), rel=1e-9)


def test_the_interval_of_a_ratio_covers_its_truth_and_that_of_things_alone_does_not():
    """People differ in how much they click, and those who see more click less: each thing is not its own case."""
    rng = np.random.default_rng(4)
    runs, n = 4000, 200
    shown = rng.integers(1, 20, (runs, 2, n)).astype(float)
    rate = rng.beta(1, 4, (runs, 2, n)) / np.sqrt(shown)
    clicks = rng.binomial(shown.astype(int), rate).astype(float)
    below, top = shown.mean(2), clicks.mean(2)
    ratios = top / below
    each = ratios[..., None] + (clicks - ratios[..., None] * shown) / below[..., None]
    assert each[0, 0] == pytest.approx(linear(clicks[0, 0], shown[0, 0]))
    spread = np.sqrt((each.var(2, ddof=1) / n).sum(1))
    covered = np.abs(ratios[:, 1] - ratios[:, 0]) <= stats.norm.ppf(0.975) * spread
    assert 0.935 <= covered.mean() <= 0.965
    naive = np.sqrt((ratios * (1 - ratios) / shown.sum(2)).sum(1))
    assert (np.abs(ratios[:, 1] - ratios[:, 0]) <= stats.norm.ppf(0.975) * naive).mean() < 0.93


def test_the_variance_of_a_ratio_is_that_of_the_delta_method():
    top, below = np.array([1.0, 0, 2, 5]), np.array([2.0, 1, 4, 5])
    cov, r = np.cov(top, below), top.mean() / below.mean()
    delta = (cov[0, 0] - 2 * r * cov[0, 1] + r**2 * cov[1, 1]) / below.mean() ** 2
    assert Sample.of(linear(top, below)).variance == pytest.approx(delta)
    with pytest.raises(BadInput, match="something below"):
        linear(np.zeros(2), np.zeros(2))


# CUPED


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_variance_ratio_of_cuped_is_one_less_rho_squared(rho):
    rng = np.random.default_rng(5)
    before = rng.normal(size=40_000)
    outcome = rho * before + math.sqrt(1 - rho**2) * rng.normal(size=40_000)
    arm = rng.integers(0, 2, 40_000)
    found = adjusted(outcome, before, arm)
    assert found.values.var() / outcome.var() == pytest.approx(1 - rho**2, abs=0.01)
    assert found.explained == pytest.approx(rho**2, abs=0.01)
    assert found.values.mean() == pytest.approx(outcome.mean())


def test_cuped_leaves_the_effect_and_does_not_take_it_for_the_past():
    """By hand: within arms Y = 2 X + 3·arm exactly; pooled over arms θ would be 2.6, as the treated have the larger X."""
    before, arm = np.array([0.0, 1, 1, 2]), np.array([0, 0, 1, 1])
    found = adjusted(2 * before + 3 * arm, before, arm)
    assert found.values.tolist() == pytest.approx([2, 2, 5, 5])
    assert found.explained == pytest.approx(1)


def test_people_without_a_past_are_a_stratum_of_their_own():
    rng = np.random.default_rng(6)
    before = rng.normal(5, 1, 20_000)
    new = rng.random(20_000) < 0.3
    outcome, arm = np.where(new, 1.0, before) + rng.normal(size=20_000), rng.integers(0, 2, 20_000)
    found = adjusted(outcome, np.where(new, np.nan, before), arm)
    assert found.values.var() == pytest.approx(1, abs=0.04)
    assert adjusted(outcome, np.full(20_000, np.nan), arm).explained == pytest.approx(0, abs=1e-9)


# Sample ratio mismatch


def test_a_mismatch_by_hand():
    """Shares 3 : 1, 720 and 280 people: χ² = 30²/750 + 30²/250 = 4.8."""
    found = srm({"a": 720, "b": 280}, {"a": 3, "b": 1})
    assert found.p == pytest.approx(stats.chi2.sf(4.8, 1))
    assert not found.blocks
    assert srm({"a": 7200, "b": 2800}, {"a": 3, "b": 1}).blocks


def test_the_sequential_mismatch_holds_for_a_look_after_every_person():
    rng = np.random.default_rng(7)
    seen = (rng.random((150, 900)) < 0.5).cumsum(1)
    alarmed = 0
    for row in seen:
        looks = range(30, 900, 30)
        alarmed += any(srm({"a": int(row[n]), "b": n + 1 - int(row[n])}, {"a": 1, "b": 1}).sequential < 0.05 for n in looks)
    assert alarmed <= 150 * 0.05


# Many tests


def test_holm_and_benjamini_hochberg_by_hand():
    p = np.array([0.04, 0.001, 0.03, 0.005])
    assert holm(p).tolist() == pytest.approx([0.06, 0.004, 0.06, 0.015])
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_raised_p_are_never_less_and_keep_their_order(listed):
    p = np.array(listed)
    for raised in (holm(p), benjamini_hochberg(p)):
        assert np.all((raised >= p - 1e-15) & (raised <= 1))
        assert np.all(np.diff(raised[np.argsort(p, kind="stable")]) >= -1e-15)
    assert np.all(holm(p) >= benjamini_hochberg(p) - 1e-12)


# Guardrails


def test_a_guardrail_holds_only_where_that_is_proven():
    sure, unsure = Sample(50_000, 10, 9), Sample(300, 10, 9)
    assert guardrail("m", "b", sure, sure, 0.02, 1, 100_000).state == HOLDS
    assert guardrail("m", "b", unsure, unsure, 0.02, 1, 100_000).state == OPEN
    worse = Sample(50_000, 9.5, 9)
    assert guardrail("m", "b", sure, worse, 0.02, 1, 100_000).state == BROKEN
    assert guardrail("m", "b", sure, worse, 0.02, -1, 100_000).state == HOLDS


def test_the_loss_of_a_measure_of_which_less_is_better_is_its_rise():
    found = guardrail("latency", "b", Sample(5000, 10, 1), Sample(5000, 11, 1), 0.02, -1, 10_000)
    assert found.loss.mean == pytest.approx(0.1)
    assert found.loss.low < 0.1 < found.loss.high


# Power


def test_the_people_needed_reach_the_power_asked_for():
    found = needed(0.1, 0.09, 0.05, power=0.9)
    assert reached(0.1, 0.09, 0.05, found.people) == pytest.approx(0.9, abs=1e-3)
    assert needed(0.1, 0.09, 0.05, rho=0.6).people == pytest.approx(0.64 * needed(0.1, 0.09, 0.05).people, rel=1e-3)


def test_days_count_the_people_whom_the_change_can_reach_and_more_than_four_weeks_warn():
    found = needed(0.1, 0.09, 0.05, daily=1000, triggered=0.5)
    assert found.days == pytest.approx(2 * found.people / 500)
    assert found.days > 28
    assert "more than 28" in found.warnings[0]
    assert not needed(0.1, 0.09, 0.05, daily=10_000).warnings
    with pytest.raises(BadSetting, match="no difference"):
        needed(0.1, 0.09, 0)


# Novelty


def test_a_course_says_whether_the_effect_fades():
    def days(effects, half):
        return [Measure("m", effect, effect - half, effect + half, 100) for effect in effects]

    assert course(days([5, 4, 3, 2, 1], 0.5)).state == FADES
    assert course(days([-5, -4, -3, -2, -1], 0.5)).state == FADES
    assert course(days([1, 2, 3, 4, 5], 0.5)).state == GROWS
    assert course(days([5, 4, 3, 2, 1], 9)).state == STEADY
    assert course(days([5, 4], 0.1)).state == UNKNOWN
    assert course(days([1, 3, 5], 1)).slope.mean == pytest.approx(2)
