"""The greedy choices in C (`kernel/`). Each fills `chosen` and gives how many rows it chose; arrays are C-contiguous.

relevance [n] float32; vectors [goods, d] float32; items [n] int32 or None; codes [n, m] int32; left [labels] int32 and open
[n] bool, which are changed as `Room.take` would; given [g] int64; chosen [k] int64. Raises `BadInput` where a number cannot be
used.
"""

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Scores, Vectors

def hybrid(
    relevance: Scores,
    vectors: Vectors,
    items: Items | None,
    codes: Items,
    left: Items,
    open: NDArray[np.bool_],
    given: Rows,
    chosen: Rows,
    d: int,
    diversity: float,
    aspects: Items,
    wanted: Scores,
    personal: float,
    /,
) -> int: ...
def volume(
    relevance: Scores,
    vectors: Vectors,
    items: Items | None,
    codes: Items,
    left: Items,
    open: NDArray[np.bool_],
    given: Rows,
    chosen: Rows,
    d: int,
    diversity: float,
    jitter: float,
    root: bool,
    window: int,
    /,
) -> int: ...
def dispersion(
    relevance: Scores,
    vectors: Vectors,
    items: Items | None,
    codes: Items,
    left: Items,
    open: NDArray[np.bool_],
    given: Rows,
    chosen: Rows,
    d: int,
    diversity: float,
    angular: bool,
    swaps: bool,
    /,
) -> int: ...
def trade(
    relevance: Scores,
    vectors: Vectors,
    items: Items | None,
    codes: Items,
    left: Items,
    open: NDArray[np.bool_],
    given: Rows,
    chosen: Rows,
    d: int,
    diversity: float,
    /,
) -> int: ...
