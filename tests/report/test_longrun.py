"""The long run in the report: a curve of each policy in each picture, and what serves."""

import numpy as np

from assortment.core.measure import Measure
from assortment.report.longrun import CURVES, FEW, long_run
from assortment.rl.people import FAMILIES
from assortment.rl.rollout import TRACES, Played
from assortment.rl.told import LearnedPolicy, Simulation, row


def simulation() -> Simulation:
    """Two policies with each family over three visits; who still come fall from all to one in fifty."""
    taken = np.array([1, 2, 3], np.float32)
    trace = np.full((len(TRACES), 3), 2.0, np.float32)
    trace[2] = 1, 0.5, 0.02
    one = Played(taken, taken, taken, trace)
    rows = [
        row(family, name, name, one, None if name == "static" else one)
        for family in FAMILIES
        for name in ("static", "constants")
    ]
    return Simulation(3, 3, 8, 1, "the ranker", (), (("tires", 0.3, 3.0),), tuple(rows))


def test_each_picture_has_a_curve_of_each_policy_and_none_of_people_who_are_gone():
    shown = long_run(simulation(), None)
    assert shown is not None
    assert len(shown.pictures) == len(FAMILIES) * len(CURVES)
    assert shown.keys == ("static", "constants")
    by_name = {picture.name: picture.plot for picture in shown.pictures[: len(CURVES)]}
    assert [value for _, value in by_name["return"].lines[0].points] == [2, 4, 6]
    assert len(by_name["leaving"].lines[0].points) == 3
    assert len(by_name["variety"].lines[0].points) == 2, f"fewer than {FEW:.0%} are left at the third visit"
    assert shown.table[1][-1] == "+0.0 % [+0.0, +0.0]"
    assert shown.constants == (("tires", "drawn from 0.3 to 3", "the log does not say"),)


def test_what_was_learned_is_shown_in_place_of_an_earlier_simulation():
    measure = Measure("tiring", 0.1, 0.05, 0.15, 100)
    learned = LearnedPolicy("constants", f"constants serve, {measure.mean:+.0%}", "mmr", "rate 1", (), (), 1.0, simulation())
    shown = long_run(None, learned)
    assert shown is not None
    assert shown.said[-1] == "constants serve, +10%."
    assert long_run(None, None) is None
