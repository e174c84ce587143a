"""A profile as text, to be kept beside the store, and back."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from assortment.core.arrays import Ids
from assortment.core.mutes import Muting
from assortment.core.profile import Profile
from assortment.store.marks import Mark

ARRAYS = {"recent": np.int32, "kinds": np.int8, "times": np.int64, "owned": np.int32, "refused": np.int32, "muted": np.int32}


def digest(ids: Ids) -> str:
    """What tells goods in their order from others: the numbers in a profile are theirs."""
    told = hashlib.blake2b(digest_size=16)
    for name in ids.names:
        told.update(name.encode() + b"\0")
    return told.hexdigest()


def written(profile: Profile, mutings: Sequence[Muting], mark: Mark, goods: str) -> str:
    """A profile, the mutes that stand, and what it is true of."""
    arrays = {name: getattr(profile, name).tolist() for name in ARRAYS}
    mutes = [[one.column, one.value, one.time, one.goods] for one in mutings]
    return json.dumps({"goods": goods, "log": mark.log, "person": mark.person, "last": profile.last, "mutes": mutes, **arrays})


def read(text: bytes, user: str, mark: Mark, goods: str) -> tuple[Profile, tuple[Muting, ...]] | None:
    """The same back; None where it is of other goods or of another moment."""
    held = json.loads(text)
    if (held["goods"], held["log"], held["person"]) != (goods, mark.log, mark.person):
        return None
    mutings = tuple(Muting(user, column, value, True, at, tuple(some)) for column, value, at, some in held["mutes"])
    arrays: dict[str, Any] = {name: np.array(held[name], kind) for name, kind in ARRAYS.items()}
    return Profile(last=held["last"], **arrays), mutings
