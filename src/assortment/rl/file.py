"""A learned policy in a folder of its own: what it is, for which goods it was learned, and what the gate said of it."""

from dataclasses import dataclass
from pathlib import Path

from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput
from assortment.core.save import load, save
from assortment.rl.policy import Constant, Contextual, Static

KNOWN = 0.5
"""The share of the goods that a policy was learned on that must still be there."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """goods: ids of those that it was learned on, none for weights that somebody wrote down; column: that of their kinds; said:
    which policy serves, and why; static: the best of what learns nothing, beside which it is shown."""

    policy: Constant | Contextual
    goods: tuple[str, ...]
    column: str
    said: str
    static: Static = Static()

    def check(self, catalog: Catalog) -> None:
        """Raise `BadInput` where it was learned for other goods."""
        there = sum(name in catalog.ids for name in self.goods)
        if there < KNOWN * len(self.goods):
            raise BadInput(
                f"the policy was learned on {len(self.goods):,} goods, of which this shop has {there:,}: it is of another shop "
                "or another catalogue; learn one here with: assortment learn-policy SHOP"
            )
        if self.goods and catalog.kinds != self.column:
            raise BadInput(
                f"the policy was learned on kinds of the column '{self.column}', and here they are of '{catalog.kinds}'; learn "
                "it anew with: assortment learn-policy SHOP"
            )


def write(learnt: Learnt, folder: Path) -> None:
    """Keep a policy in a new folder."""
    save(learnt, folder)


def read(folder: Path) -> Learnt:
    """What `write` wrote; raises `BadInput` where nothing is there, or something else."""
    if not folder.exists():
        raise BadInput(f"there is no policy in {folder}; learn one with: assortment learn-policy SHOP")
    found = load(folder, (Learnt, Constant, Contextual, Static))
    if not isinstance(found, Learnt):
        raise BadInput(f"{folder} holds no policy; learn one with: assortment learn-policy SHOP")
    return found
