"""What every part must hold, ours and a plug-in's alike: call these from a test.

The four guarantees: a batch is what its requests are alone; what is saved comes back; the future is never read; and a slate is
well formed. (That the service answers as the offline call does is a test of the service.)
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Events
from assortment.core.request import Request
from assortment.core.save import load, save
from assortment.core.slate import Slate
from assortment.core.stage import Stage, grown


def check_slates(stage: Stage, requests: Sequence[Request], slates: Sequence[Slate], catalog_size: int) -> list[Slate]:
    """One slate per request, of known items, none twice, finite scores; returns them."""
    answered = stage(requests, slates)
    assert len(answered) == len(requests), f"{len(answered)} slates for {len(requests)} requests"
    for slate in answered:
        assert len(set(slate.items.tolist())) == len(slate), "an item stands twice on a slate"
        assert np.all((slate.items >= 0) & (slate.items < catalog_size)), "a slate holds an item that the catalog has not"
        assert np.all(np.isfinite(slate.scores)), "a score is not a number"
    return answered


def check_batch(stage: Stage, requests: Sequence[Request], slates: Sequence[Slate]) -> None:
    """A batch is what its requests are alone, whatever their order."""
    together = stage(requests, slates)
    backwards = stage(requests[::-1], slates[::-1])[::-1]
    for place, (request, slate) in enumerate(zip(requests, slates, strict=True)):
        (alone,) = stage([request], [slate])
        check_equal(alone, together[place])
        check_equal(alone, backwards[place])


def check_saved(stage: Stage, requests: Sequence[Request], slates: Sequence[Slate], known: Iterable[type]) -> None:
    """What is saved comes back and answers the same."""
    with tempfile.TemporaryDirectory() as folder:
        save(stage, Path(folder) / "saved")
        again = load(Path(folder) / "saved", known)
    for before, after in zip(stage(requests, slates), again(requests, slates), strict=True):
        check_equal(before, after)


def check_future(
    fit: Callable[[Dataset], Stage], dataset: Dataset, time: int, requests: Sequence[Request], slates: Sequence[Slate]
) -> None:
    """Fitted on `dataset.before(time)`, a part answers as if what came later had never been: nobody new, nothing new.

    fit: a function of a dataset that gives a stage, with every draw fixed.
    """
    past = dataset.before(time)
    assert len(past.events) < len(dataset.events), "nothing happened since; choose an earlier time"
    never = Dataset(past.catalog, _of_its_own(past.events))
    for expected, got in zip(fit(never)(requests, slates), fit(past)(requests, slates), strict=True):
        check_equal(expected, got)


def _of_its_own(events: Events) -> Events:
    """The same events with no other people than those who did something."""
    known, user = np.unique(events.user, return_inverse=True)
    people = Ids(tuple(events.people.names[person] for person in known))
    return replace(events, people=people, user=user.astype(np.int32))


def check_grown(stage: Stage, catalog: Catalog, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
    """A stage takes in the new goods at the end of `catalog`, which requests and slates may name, and answers as any stage
    does; it stays itself as it was. Returns what it answers."""
    nobody = [Request()]
    before = stage(nobody, [Slate()])
    bigger = grown(stage, catalog)
    check_equal(before[0], stage(nobody, [Slate()])[0])
    check_batch(bigger, requests, slates)
    return check_slates(bigger, requests, slates, len(catalog))


def check_equal(one: Slate, other: Slate) -> None:
    """The same items in the same order, scores equal to 1e-4, and the same notes."""
    assert one.items.tolist() == other.items.tolist(), f"{one.items.tolist()} is not {other.items.tolist()}"
    np.testing.assert_allclose(one.scores, other.scores, atol=1e-4, rtol=1e-4)
    assert set(one.notes) == set(other.notes)
    for name, column in one.notes.items():
        if column.dtype == object:
            assert column.tolist() == other.notes[name].tolist()
        else:
            np.testing.assert_allclose(column, other.notes[name], atol=1e-4, rtol=1e-4)
