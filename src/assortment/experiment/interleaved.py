"""An experiment in which everybody is shown both arms at once, on one slate, and votes by what they take from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.catalog import Catalog
from assortment.core.events import KINDS, Events, Shown
from assortment.experiment.assign import exposed
from assortment.experiment.definition import Experiment
from assortment.experiment.interleave import FIRST, NEITHER, SECOND
from assortment.experiment.measures import TAKEN

PREFERENCE = "preference"
"""What an interleaved experiment is decided by: how many more people take to the second arm's goods than to the first's."""

LITTLE = 0.3
"""The share of places that belong to an arm below which there is little to be learnt."""


def tag(team: NDArray[np.int8]) -> str:
    """Whose pick stands at each place, as it is recorded in the place of an arm.

    >>> tag(np.array([0, 2, 1], np.int8))
    '~021'
    """
    return "~" + "".join(str(one) for one in team.tolist())


def teams(tagged: str) -> NDArray[np.int8]:
    """What `tag` wrote.

    >>> teams("~021").tolist()
    [0, 2, 1]
    """
    return np.array([int(one) for one in tagged.removeprefix("~")], np.int8)


@dataclass(frozen=True, eq=False)
class Ballot:
    """n people who were shown slates of both arms. vote [n]: 1 for those who took more of the second arm's picks, -1 for those
    who took more of the first's, 0 for the others; since [n]: when they were first shown one; contested: the share of places
    that belonged to an arm, 0 the arms are the same … 1 they differ from the top."""

    vote: NDArray[np.float64]
    since: NDArray[np.int64]
    contested: float


def ballot(experiment: Experiment, shown: Sequence[Shown], events: Events, catalog: Catalog) -> Ballot:
    """The votes that the log holds, until the end of the experiment. Each good of a slate counts once, however often it is
    taken, and each person has one vote, however much they take."""
    until = np.iinfo(np.int64).max if experiment.ended is None else experiment.ended
    tags = {one.slate: exposed(one.arm, experiment.name) for one in shown}
    theirs = [one for one in shown if one.user and tags[one.slate] and experiment.began <= one.time <= until]
    taken = _taken(events, catalog, until)
    lead: dict[str, int] = {}
    since: dict[str, int] = {}
    places, owned = 0, 0
    for one in theirs:
        team = teams(tags[one.slate] or "")
        picks = [side for item, side in zip(one.items, team.tolist(), strict=True) if (one.slate, item) in taken]
        lead[one.user] = lead.get(one.user, 0) + picks.count(SECOND) - picks.count(FIRST)
        since[one.user] = min(since.get(one.user, one.time), one.time)
        places, owned = places + len(team), owned + int((team != NEITHER).sum())
    people = list(lead)
    return Ballot(
        np.sign(np.array([lead[user] for user in people], np.float64)),
        np.array([since[user] for user in people], np.int64),
        owned / places if places else 0.0,
    )


def _taken(events: Events, catalog: Catalog, until: int) -> set[tuple[str, str]]:
    """The slates that were answered, and with which of the goods."""
    rows = np.flatnonzero(np.isin(events.kind, [KINDS.index(kind) for kind in TAKEN]) & (events.time <= until))
    names = catalog.ids.names
    return {(slate, names[item]) for slate, item in zip(events.slate[rows], events.item[rows].tolist(), strict=True) if slate}
