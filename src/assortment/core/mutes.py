"""What a person does not want to be shown, kind by kind. Like an event it is a fact of the log; what stands is its fold."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Muting:
    """One person mutes a kind of goods or, where `muted` is false, takes that back.

    column, value: the kind, a label in a column of the catalog, as in `brand`, `Acme`; time: milliseconds since 1970 UTC;
    goods: ids of some that bore it then, by which it is found again when a later fit names its kinds otherwise.
    """

    user: str
    column: str
    value: str
    muted: bool
    time: int
    goods: tuple[str, ...] = ()


def standing(mutings: Iterable[Muting]) -> tuple[Muting, ...]:
    """Those that hold: of each kind the last word counts, and what was taken back is gone. The oldest first.

    >>> said = [Muting("ann", "brand", "Acme", True, 1), Muting("ann", "brand", "Leaf", True, 2)]
    >>> [muting.value for muting in standing([*said, Muting("ann", "brand", "Acme", False, 3)])]
    ['Leaf']
    """
    last: dict[tuple[str, str], Muting] = {}
    for muting in mutings:
        last.pop((muting.column, muting.value), None)
        last[muting.column, muting.value] = muting
    return tuple(muting for muting in last.values() if muting.muted)
