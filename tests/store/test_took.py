"""How long a slate took is kept with it."""

from dataclasses import replace

import pytest

from assortment.core.errors import BadInput
from assortment.core.events import Shown
from assortment.store.sql import Store

SLATE = Shown("s1", 5, "ann", "a", ("t0", "r1"), (0.25, 1.0))


@pytest.mark.parametrize("took", [12.625, 0.0, None])
def test_how_long_a_slate_took_comes_back(store: Store, took: float | None):
    store.show_all([replace(SLATE, took=took), replace(SLATE, slate="s2", time=6)])
    assert [one.took for one in store.shown()] == [took, None]


@pytest.mark.parametrize("took", [-1.0, float("inf"), float("nan")])
def test_what_is_no_time_is_refused(store: Store, took: float):
    with pytest.raises(BadInput, match=r"took .* milliseconds"):
        store.show(replace(SLATE, took=took))
    assert store.shown() == []
