"""From the log to a decision."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assortment.core.errors import BadInput
from assortment.core.events import Event, Shown
from assortment.core.request import Wish
from assortment.experiment.assign import tagged
from assortment.experiment.definition import Arm, Experiment
from assortment.experiment.interleaved import ballot
from assortment.experiment.measures import observed, untimed
from assortment.experiment.people import DAY, NEVER, gather
from assortment.experiment.readout import Readout, read_out
from tests import world
from tests.serve import goods

BEGAN = world.START + 60 * DAY
ARMS = (Arm("as-is"), Arm("varied", wish=Wish(0.8)))


def slate(number: int, user: str, arm: str | None, time: int, items=("t0", "r0"), took: float | None = None) -> Shown:
    tag = tagged("v", [("more", arm)] if arm else [])
    return Shown(f"s{number}", time, user, tag, items, (1.0,) * len(items), took)


def people(shown, events):
    return gather(Experiment("more", ARMS, began=BEGAN), shown, world.log(events, goods.catalog()), goods.catalog())


# One person, by hand


def test_each_measure_by_hand():
    shown = [
        slate(1, "ann", None, BEGAN - DAY),
        slate(2, "ann", "varied", BEGAN + 10, ("t0", "t1", "r0", "r1")),
        slate(3, "ann", None, BEGAN + 20, ("t2", "t3")),
    ]
    at = BEGAN + 100
    events = [
        Event("ann", "t5", "purchase", BEGAN - 5, 1, None),
        Event("ann", "t0", "click", at, None, "s2"),
        Event("ann", "t0", "purchase", at + 1, 2, "s2"),
        Event("ann", "t5", "click", at + 2, None, "s2"),
        Event("ann", "t0", "return", at + 3, None, None),
        Event("ann", "r0", "purchase", at + DAY, 1, None),
        Event("bob", "r0", "purchase", at + DAY, 1, None),
    ]
    found = people(shown, events)
    assert len(found) == 1
    assert found.since.tolist() == [BEGAN + 10]

    def of(measure):
        top, below = observed(measure, found, found.since, NEVER)
        return (top.tolist(), None if below is None else below.tolist())

    assert of("ctr") == ([1.0], [6.0]), "t0 counts once, t5 was not on the slate, and what was shown after counts"
    assert of("conversion") == ([1.0], None)
    assert of("orders") == ([2.0], None), "not what was bought before"
    assert of("revenue") == ([2 * 3 + 1 * 30.0], None)
    assert of("returns") == ([1.0], [2.0])
    assert of("satisfied") == ([1.0], None), "the first session's purchase was sent back"
    assert of("categories") == ([2.0], None)
    assert of("kinds") == ([3.0], [2.0])
    assert observed("orders", found, found.since - DAY, found.since)[0].tolist() == [1.0]


def test_latency_by_hand_is_of_the_slates_that_were_measured():
    """ann's slates after her exposure took 30 and 10 milliseconds and one nobody knows; bob's nobody knows."""
    shown = [
        slate(1, "ann", None, BEGAN - DAY, took=500),
        slate(2, "ann", "varied", BEGAN, took=30),
        slate(3, "ann", None, BEGAN + 1),
        slate(4, "ann", None, BEGAN + 2, took=10),
        slate(5, "bob", "as-is", BEGAN),
    ]
    found = people(shown, [])
    top, below = observed("latency", found, found.since, NEVER)
    assert below is not None
    assert (top.tolist(), below.tolist()) == ([40, 0], [2, 0])
    assert untimed(found) == 2
    unknown = people([replace(one, took=None) for one in shown], [])
    with pytest.raises(BadInput, match="'latency' needs times of the slates"):
        observed("latency", unknown, unknown.since, NEVER)


def test_somebody_seen_in_two_arms_is_left_out_and_what_comes_after_the_end_too():
    shown = [slate(1, "ann", "as-is", BEGAN), slate(2, "ann", "varied", BEGAN + 1), slate(3, "bob", "varied", BEGAN + DAY)]
    found = people(shown, [])
    assert (len(found), found.mixed) == (1, 1)
    ended = Experiment("more", ARMS, began=BEGAN, ended=BEGAN + 10)
    assert len(gather(ended, shown, world.log([], goods.catalog()), goods.catalog())) == 0


# Many people


def log(rng: np.random.Generator, n: int, lift: float, lost: float = 0.0):
    """n people, each shown a slate a day; those of `varied` buy more often by `lift`; of them, a part is lost."""
    shown, events = [], []
    for person in range(n):
        arm = ARMS[person % 2].name
        if arm == "varied" and rng.random() < lost:
            continue
        keen, user = rng.random(), f"p{person}"
        first = BEGAN + int(rng.integers(0, 5)) * DAY
        if keen > 0.5:
            events.append(Event(user, "t1", "purchase", first - 2 * DAY, 1.0))
        shown.append(slate(person, user, arm, first))
        if rng.random() < 0.1 + 0.5 * (keen > 0.5) + (lift if arm == "varied" else 0):
            events.append(Event(user, "t0", "purchase", first + int(rng.integers(0, DAY)), 1.0, f"s{person}"))
    return shown, world.log(sorted(events, key=lambda event: event.time), goods.catalog())


def read(n: int, lift: float, lost: float = 0.0, **others: Any) -> Readout:
    shown, events = log(np.random.default_rng(8), n, lift, lost)
    said: dict[str, Any] = {"people": n, **others}
    experiment = Experiment("more", ARMS, began=BEGAN, **said)
    return read_out(experiment, shown, events, goods.catalog(), BEGAN + 10 * DAY)


def test_a_clear_win_is_shipped_with_both_intervals_and_less_variance_than_without_the_past():
    found = read(1500, 0.25, guardrails={"returns": 0.5, "orders": 0.1})
    (one,) = found.primary
    assert one.measure == "conversion"
    assert one.sequence.low < one.gap.low < 0.25 < one.gap.high < one.sequence.high
    assert one.sequence.low > 0
    assert 0.15 < one.explained < 0.5
    assert found.decision[0].startswith("Go on: varied wins") == any(rail.state == "open" for rail in found.guardrails)
    assert found.looks["varied"][-1].fixed.n == sum(found.people.values())
    assert len(found.looks["varied"]) == 10
    assert found.courses["varied"].days[0].mean > 0.1
    assert abs(found.courses["varied"].days[3].mean) < 0.05, "on the fourth day nobody bought"


def test_no_effect_is_not_shipped():
    found = read(800, 0.0)
    assert "Nothing is proven" in found.decision[0]
    assert found.primary[0].sequence.low < 0 < found.primary[0].sequence.high


def test_lost_people_block_the_read_out():
    found = read(2000, 0.25, lost=0.3)
    assert found.srm.blocks
    assert found.primary == found.secondary == found.guardrails == ()
    assert found.decision[0].startswith("Nothing is read")


def test_with_nobody_there_is_nothing_to_say_but_to_wait():
    found = read(0, 0.0, people=100)
    assert found.decision[0].startswith("Wait")


def test_a_harmful_arm_is_stopped():
    found = read(1500, -0.25)
    assert found.decision[0].startswith("Stop and keep as-is: conversion falls")


@pytest.mark.parametrize("primary", ["ctr", "satisfied", "kinds", "revenue"])
def test_any_measure_may_decide(primary):
    found = read(400, 0.3, primary=primary)
    assert found.primary[0].measure == primary
    assert all(one.measure != primary for one in found.secondary)
    assert set(found.missing) <= {"variety", "returns"}


# How long slates take


def timed(slower: float, untold: int = 0, guardrails=None) -> Readout:
    """800 people whose slates take 20 milliseconds or so, those of `varied` longer by a part; of the first nobody knows."""
    rng = np.random.default_rng(3)
    took = [float(rng.normal(20, 2)) * (1 + slower * (n % 2)) for n in range(800)]
    shown = [slate(n, f"p{n}", ARMS[n % 2].name, BEGAN + n, took=None if n < untold else took[n]) for n in range(800)]
    experiment = Experiment("more", ARMS, guardrails=guardrails or {}, people=800, began=BEGAN)
    return read_out(experiment, shown, world.log([], goods.catalog()), goods.catalog(), BEGAN + 8 * DAY)


def test_an_arm_that_takes_longer_breaks_the_guardrail_and_one_that_is_quicker_holds_it():
    for slower, state in ((0.5, "broken"), (0.0, "holds"), (-0.5, "holds")):
        (rail,) = timed(slower, guardrails={"latency": 0.1}).guardrails
        assert rail.state == state
        assert rail.loss.mean == pytest.approx(slower, abs=0.02)


def test_slates_of_before_are_left_out_of_latency_and_counted():
    found, half = timed(0.0), timed(0.0, untold=400)
    (whole,), (one,) = ([each for each in read.secondary if each.measure == "latency"] for read in (found, half))
    assert one.control == pytest.approx(20, abs=0.5), "taken as 0 it would be 10"
    assert (found.untimed, half.untimed) == (0, 400)
    assert one.gap.high - one.gap.low > whole.gap.high - whole.gap.low
    assert any(said.startswith("400 slates are left out of latency") for said in half.decision)
    assert not any("latency" in said for said in (*found.decision, *timed(0.0, untold=800).decision))


def test_what_varies_by_rounding_alone_proves_nothing():
    """Everybody's slates took as long, and people had one to three: the arms' means differ in the last digit, if at all."""
    took = 1.5410239
    shown = [slate(3 * n + m, f"p{n}", ARMS[n < 280].name, BEGAN + n, took=took) for n in range(600) for m in range(1 + n % 3)]
    experiment = Experiment("more", ARMS, people=600, began=BEGAN)
    found = read_out(experiment, shown, world.log([], goods.catalog()), goods.catalog(), BEGAN + 8 * DAY)
    (one,) = [one for one in found.secondary if one.measure == "latency"]
    assert one.control == pytest.approx(took)
    assert (one.p, one.always_p) == (1, 1)


# Interleaved


def test_people_vote_by_what_they_take_of_whose_picks_and_each_once():
    """ann took one of each and then another of the second's, bob only what both ranked first, cid of the first's, twice."""
    experiment = Experiment("more", ARMS, interleaved=True, began=BEGAN)
    shown = [
        slate(1, "ann", "~012", BEGAN + 1, ("t0", "t1", "r0")),
        slate(2, "ann", "~021", BEGAN + 2, ("t0", "t2", "r1")),
        slate(3, "bob", "~012", BEGAN + 3, ("t0", "t1", "r0")),
        slate(4, "cid", "~012", BEGAN + 4, ("t0", "t1", "r0")),
        slate(5, "dan", None, BEGAN + 5, ("t0", "t1", "r0")),
    ]
    at = BEGAN + DAY
    events = [
        Event("ann", "t1", "click", at, None, "s1"),
        Event("ann", "r0", "click", at, None, "s1"),
        Event("ann", "t2", "cart", at, None, "s2"),
        Event("bob", "t0", "purchase", at, None, "s3"),
        Event("cid", "t1", "click", at, None, "s4"),
        Event("cid", "t1", "purchase", at + 1, None, "s4"),
        Event("cid", "r0", "hide", at + 2, None, "s4"),
    ]
    found = ballot(experiment, shown, world.log(events, goods.catalog()), goods.catalog())
    assert found.vote.tolist() == [1, 0, -1]
    assert found.contested == pytest.approx(8 / 12)


def test_an_interleaved_experiment_is_decided_by_votes():
    """Of 400 people 6 in 10 take the second's pick, 2 the first's, 2 neither's."""
    experiment = Experiment("more", ARMS, interleaved=True, began=BEGAN, people=400)
    shown = [slate(n, f"p{n}", "~12", BEGAN + n, ("t0", "r0")) for n in range(400)]
    took = {0: None, 1: None, 2: "t0", 3: "t0"}
    events = [Event(f"p{n}", item, "click", BEGAN + DAY, None, f"s{n}") for n in range(400) if (item := took.get(n % 10, "r0"))]
    found = read_out(experiment, shown, world.log(events, goods.catalog()), goods.catalog(), BEGAN + 10 * DAY)
    (one,) = found.primary
    assert (one.control, one.treated, one.gap.mean) == (0.2, 0.6, pytest.approx(0.4))
    assert one.sequence.low < one.gap.low < 0.4
    assert found.decision[0].startswith("Ship varied: 60.0% of people take more of its goods, 20.0% more of the other's")
    less = read_out(experiment, shown[:60], world.log(events, goods.catalog()), goods.catalog(), BEGAN + 10 * DAY)
    assert less.decision[0].startswith("Go on")
