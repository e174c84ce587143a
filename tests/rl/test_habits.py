import numpy as np
import pytest

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import Event
from assortment.rl.habits import habits, read_visits
from tests import world

KINDS = 12


def made(tires: float, people: int = 80, days: int = 20) -> Dataset:
    """People who take a kind with log odds of -1, less `tires` for each of it that they had lately (a half is left a day)."""
    rng = np.random.default_rng(2)
    catalog = Catalog(Ids([f"g{kind}" for kind in range(KINDS)]))
    lately, events = np.zeros((people, KINDS)), []
    for day in range(days):
        takes = rng.random(lately.shape) < 1 / (1 + np.exp(1 + tires * lately))
        lately = 0.5 * lately + takes
        rows = zip(*(each.tolist() for each in np.nonzero(takes)), strict=True)
        events += [
            Event(f"p{person:03}", f"g{kind}", "purchase", world.START + day * world.DAY + person) for person, kind in rows
        ]
    return world.dataset(sorted(events, key=lambda event: event.time), catalog)


KIND = np.arange(KINDS, dtype=np.int32)


def test_what_tires_and_how_fast_it_recovers_are_found():
    found = {one.name: one for one in habits(made(1.5), KIND, KINDS, np.random.default_rng(1))}
    assert found["tires"].sure
    assert found["tires"].low < found["tires"].value < found["tires"].high
    assert found["tires"].value == pytest.approx(1.5, abs=0.5)
    assert found["recovers"].value == pytest.approx(0.5, abs=0.16)


def test_people_who_tire_of_nothing_are_not_said_to():
    found = {one.name: one for one in habits(made(0.0), KIND, KINDS, np.random.default_rng(1))}
    assert not found["tires"].sure
    assert "is not taken less" in found["tires"].said


def test_a_log_of_one_day_has_no_visits():
    with pytest.raises(BadInput, match="give events their times"):
        read_visits(made(0.0, days=1).events, KIND, KINDS)


def test_few_people_are_told_and_nothing_is_fitted():
    found = habits(made(0.0, people=5), KIND, KINDS, np.random.default_rng(1))
    assert [one.sure for one in found] == [False] * 3
    assert "5 people have three visits or more" in found[0].said


def test_of_people_who_take_much_fewer_are_asked(monkeypatch):
    """80 people take some 4 kinds on each of 20 days; 3,000 takings are those of about 40 of them."""
    monkeypatch.setattr("assortment.rl.habits.TAKINGS", 3000)
    found = habits(made(0.0), KIND, KINDS, np.random.default_rng(1))
    assert 30 < found[0].people < 60
    monkeypatch.setattr("assortment.rl.habits.TAKINGS", 10)
    assert habits(made(0.0), KIND, KINDS, np.random.default_rng(1))[0].people == 30
