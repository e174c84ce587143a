"""Slates that a person was shown before, as a request may carry them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items

MOST = 30
"""How many of the last slates a request carries."""


@dataclass(frozen=True, eq=False)
class Glance:
    """One slate that was shown: items [k] numbers, best first, and taken [k], whether the person went for each."""

    items: Items
    taken: NDArray[np.bool_]
