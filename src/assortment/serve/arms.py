"""What the running experiments make of a request: who answers it, under which wish, and what is recorded of that."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assortment.core.arrays import Ids, Items
from assortment.core.pipeline import Pipeline
from assortment.core.profile import Profile
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.experiment.assign import assigned, bucket, tagged
from assortment.experiment.book import Book, Running
from assortment.experiment.definition import Arm, Experiment
from assortment.experiment.interleave import draft
from assortment.experiment.interleaved import tag

FREE = ("items", "redundancy", "floor")
"""What a slate may be said to achieve, and be mixed with another all the same: no rule on how many of what."""


@dataclass(frozen=True)
class Answered:
    """A slate; arm: what is recorded of who chose it: the version, and the arm of each experiment that could change it;
    seconds: in which it was chosen, without what the other arms would have said."""

    slate: Slate
    arm: str
    seconds: float


def answered(
    book: Book | None, request: Request, pipeline: Pipeline, version: str, ticks: Callable[[], float] = time.perf_counter
) -> Answered:
    """The slate for a request. Who asks for a variety of their own gets it, and is not exposed to an experiment that is about
    nothing else. ticks: seconds of a clock that goes one way."""
    began = ticks()
    taken = [(one, arm) for one in (book.running() if book else ()) if (arm := _arm(one, request)) is not None]
    both = next((one for one, _ in taken if one.experiment.interleaved), None)
    others = [(one, arm) for one, arm in taken if one is not both]
    mixed = _interleaved(request, both, others, pipeline) if both else None
    alone = _slate(request, others, pipeline) if others or not mixed else Slate()
    seconds = ticks() - began
    counted = [(one.experiment.name, arm.name) for one, arm in others if _differs(request, one, others, pipeline, alone)]
    if both and mixed:
        counted.append((both.experiment.name, mixed[1]))
    return Answered(mixed[0] if mixed else alone, tagged(version, counted), seconds)


def _interleaved(
    request: Request, both: Running, others: Sequence[tuple[Running, Arm]], pipeline: Pipeline
) -> tuple[Slate, str] | None:
    """The slate on which both arms have picked in turn, and whose pick stands where; None where rules hold for a slate, which
    the two together might break."""
    first, second = (_slate(request, [*others, (both, arm)], pipeline) for arm in both.experiment.arms)
    if any(part not in FREE for slate in (first, second) if slate.terms for part in slate.terms.achieved):
        return None
    salt = f"{both.experiment.name} {both.experiment.began} {request.time}"
    drafted = draft(first.items, second.items, request.k, np.random.default_rng(bucket(salt, request.user)))
    where = {item: row for row, item in reversed(list(enumerate([*first.items.tolist(), *second.items.tolist()])))}
    rows = np.array([where[item] for item in drafted.items.tolist()], np.int64)
    return _together(first, second).take(rows), tag(drafted.team)


def _together(first: Slate, second: Slate) -> Slate:
    """One slate after the other, with the notes that both have; what either was drawn with holds no more."""
    names = [name for name in first.notes if name in second.notes and name != "propensity"]
    return Slate(
        np.concatenate([first.items, second.items]),
        np.concatenate([first.scores, second.scores]),
        {name: np.concatenate([first.notes[name], second.notes[name]]) for name in names},
    )


def _arm(one: Running, request: Request) -> Arm | None:
    """The arm of a person, None where they take no part or no arm could make a difference to what they ask."""
    return assigned(one.experiment, request.user) if one.pipelines or _matters(one.experiment, request) else None


def _matters(experiment: Experiment, request: Request) -> bool:
    wishes = [request.wish.over(arm.wish) for arm in experiment.arms]
    return experiment.is_aa or any(wish != wishes[0] for wish in wishes)


def _slate(request: Request, taken: Sequence[tuple[Running, Arm]], pipeline: Pipeline) -> Slate:
    """The slate that these arms choose together: at most one of them brings a pipeline, and their wishes add up."""
    wish, chooser = request.wish, pipeline
    for one, arm in taken:
        wish, chooser = wish.over(arm.wish), one.pipelines.get(arm.name, chooser)
    asked = replace(request, wish=wish)
    if chooser is pipeline or chooser.catalog.ids.names == pipeline.catalog.ids.names:
        return chooser([asked])[0]
    return _home(chooser([_abroad(asked, pipeline.catalog.ids, chooser.catalog.ids)])[0], chooser, pipeline)


def _differs(request: Request, one: Running, taken: Sequence[tuple[Running, Arm]], pipeline: Pipeline, slate: Slate) -> bool:
    """Whether an experiment made a difference to this slate, or need not be asked."""
    if not one.experiment.only_where_different:
        return True
    for other in one.experiment.arms:
        instead = _slate(request, [(run, other if run is one else arm) for run, arm in taken], pipeline)
        if not np.array_equal(instead.items[: request.k], slate.items[: request.k]):
            return True
    return False


def _abroad(request: Request, own: Ids, theirs: Ids) -> Request:
    """A request in the item numbers of a pipeline that knows other goods; what it does not know is left out."""

    def numbers(items: Items) -> Items:
        return theirs.numbers(own.names[item] for item in items.tolist())

    profile = request.profile
    recent = numbers(profile.recent)
    known = recent >= 0
    owned, refused, muted = (_sorted(numbers(items)) for items in (profile.owned, profile.refused, profile.muted))
    times = profile.times[known]
    abroad = Profile(recent[known], profile.kinds[known], times, owned, refused, profile.last, muted)
    about = numbers(np.array(request.about, np.int32))
    return replace(request, profile=abroad, about=tuple(about[about >= 0].tolist()))


def _sorted(numbers: Items) -> Items:
    """Without the unknown."""
    return np.sort(numbers[numbers >= 0])


def _home(slate: Slate, theirs: Pipeline, own: Pipeline) -> Slate:
    """A slate in our item numbers, without the goods that we do not know."""
    numbers = own.catalog.numbers(theirs.catalog.ids.names[item] for item in slate.items.tolist())
    known = np.flatnonzero(numbers >= 0)
    return replace(slate.take(known), items=numbers[known], terms=slate.terms if len(known) == len(slate) else None)
