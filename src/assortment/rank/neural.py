"""A neural scorer: what a small network says of a person and an item, for the ranker to weigh."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from scipy.special import expit

from assortment.core.arrays import Scores, Vectors
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.language.vectors import unit
from assortment.learn.histories import histories
from assortment.learn.negatives import mixed

LENGTH = 50
"""Goods of a history that are learnt from at a time."""

PAIRS = 512
"""Of a person and the next item, in a batch."""

HELD, MOST_HELD = 0.1, 500
"""The share of people, and the most, whose last item is held back to see when to stop."""


@dataclass(frozen=True)
class Neural:
    """w' sigmoid(A u + B p + D (u * p) + C) + b u' p: u the vector of the person, the mean of their goods', each newer one
    counting 1 / `decay` times as much; p that of the item, both of the column `vector`. Without D a person could only shift
    what is thought of all goods alike.

    It notes `score:Neural` for `trees` to learn from, and leaves a slate as it is. Learnt from which item came next by a
    softmax over it and `negatives` others, half of them drawn by popularity, with the correction for that. hidden: units;
    decay: 0 (only the latest counts) … 1 (all alike); rate: of learning; passages: through the log at most, fewer where people
    who are held back are no longer foretold better; minutes: of learning at most. Needs torch to be fitted, and none to serve.
    """

    hidden: int = 16
    decay: float = 0.8
    negatives: int = 64
    rate: float = 0.003
    passages: int = 10
    minutes: float = 10.0

    def __post_init__(self) -> None:
        within("hidden", self.hidden, 1, 4096)
        within("decay", self.decay, 0, 1)
        within("negatives", self.negatives, 1, 100_000)
        within("rate", self.rate, 1e-9, 1)
        within("passages", self.passages, 1, 10_000)
        within("minutes", self.minutes, 1e-3, float("inf"))

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Scored":
        if "vector" not in dataset.catalog:
            raise BadSetting("'neural' compares people and goods by vectors; add 'embed' to what is understood")
        if find_spec("torch") is None:
            raise BadSetting("'neural' needs torch to be fitted; pip install 'assortment[train]'")
        from assortment.learn.compute import drawing
        from assortment.learn.loop import Schedule, train
        from assortment.learn.scorer import Scorer, ScorerLesson

        vectors, seed = dataset.catalog.column("vector"), int(rng.integers(2**31))
        stories = histories(dataset, LENGTH)
        with drawing(seed, 0):
            scorer = Scorer(vectors.shape[1], self.hidden)
        if len(stories):
            told, held = stories.held_back(HELD, MOST_HELD, rng)
            negatives = mixed(np.bincount(told.items, minlength=len(vectors)), 0.5)
            lesson = ScorerLesson(scorer, vectors, told, held, negatives, self.negatives, PAIRS, self.decay, seed)
            steps = self.passages * lesson.steps
            schedule = Schedule(
                minutes=self.minutes, steps=steps, every=lesson.steps, patience=2, rate=self.rate, decay=0.1, seed=seed
            )
            train(scorer, lesson.loss, lesson.measure, schedule, name="Neural")
        learnt = {name: weight.detach().numpy().astype(np.float32) for name, weight in scorer.named_parameters()}
        return Scored(
            vectors,
            self.decay,
            person=learnt["person.weight"],
            item=learnt["item.weight"],
            both=learnt["both"],
            shift=learnt["person.bias"],
            weights=learnt["weights"],
            slope=float(learnt["slope"]),
        )


@dataclass(frozen=True, eq=False)
class Scored:
    """vectors [n, d] of the goods; person A, item B and both D [hidden, d]; shift C and weights w [hidden]; slope b.

    Notes 0 where it knows nothing of the asker, or where the request has words or goods: those are not a person's taste.
    """

    vectors: Vectors
    decay: float
    person: Vectors
    item: Vectors
    both: Vectors
    shift: Scores
    weights: Scores
    slope: float

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        pairs = zip(requests, slates, strict=True)
        return [slate.noted("score:Neural", self._said(request, slate)) for request, slate in pairs]

    def with_catalog(self, catalog: Catalog) -> "Scored":
        return replace(self, vectors=catalog.column("vector"))

    def _said(self, request: Request, slate: Slate) -> Scores:
        recent = request.profile.recent
        if request.asked or not len(recent):
            return np.zeros(len(slate), np.float32)
        ages = np.arange(len(recent))[::-1]
        taken = (self.decay**ages).astype(np.float32) @ self.vectors[recent]
        u, p = unit(taken[None])[0], self.vectors[slate.items]
        hidden = expit(self.person @ u + p @ self.item.T + p @ (self.both * u).T + self.shift)
        return (hidden @ self.weights + self.slope * p @ u).astype(np.float32)
