"""Boosted trees that learn, from what people did later, how far to trust each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Rows, Scores, best_first
from assortment.core.blend import z_scores
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Recipe, Stage
from assortment.rank.cases import cases, held_back, last_of_each
from assortment.rank.features import Features, features
from assortment.rank.lessons import Lessons, gathered

if TYPE_CHECKING:
    import lightgbm

FEWEST = 50
"""The fewest people from whom trees are grown."""


@dataclass(frozen=True)
class Trees:
    """LambdaMART (Burges, MSR-TR-2010-82) by LightGBM, over what the parts said and what is known of the goods.

    It fits the stages before it on the earlier part of the log, asks them about people who liked something later, and learns
    to put that first. split: "time" holds back the last `share` of the log; "last" holds back each person's last item, for logs
    without real times. people: at most so many are learnt from. most: how many items of a slate are ranked anew; the others
    keep their order below. trees: how many are grown, of so many leaves, each counting by `rate`. keep: what the order before
    adds to that of the trees, both as z-scores: 0 (nothing) … the more, the less the trees change.

    Each half of the people is ranked by trees that learnt from the other half. Unless that beats the order before in NDCG@10
    (the 95% interval of the mean difference by person lies above 0), that order is kept: `verdict` says which.
    """

    split: str = "time"
    share: float = 0.2
    people: int = 20_000
    most: int = 60
    trees: int = 60
    leaves: int = 15
    rate: float = 0.08
    keep: float = 0.1

    def __post_init__(self) -> None:
        if self.split not in ("time", "last"):
            raise BadSetting(f"split is '{self.split}'; it is 'time' or 'last'")
        within("share", self.share, 0.001, 0.9)
        within("people", self.people, 1, float("inf"))
        within("most", self.most, 2, 10_000)
        within("trees", self.trees, 1, 10_000)
        within("leaves", self.leaves, 2, 1000)
        within("rate", self.rate, 1e-4, 1)
        within("keep", self.keep, 0, float("inf"))

    def learn(self, upstream: Recipe[Stage], dataset: Dataset, rng: np.random.Generator) -> "Ranked":
        earlier, later = held_back(dataset, self.share) if self.split == "time" else last_of_each(dataset)
        asked = cases(earlier, later, self.people, rng)
        lessons = gathered(upstream.fit(earlier, rng), earlier, asked, self.most)
        if len(lessons) < FEWEST:
            verdict = (
                f"keeps the order of the blend: only {len(lessons)} people found later what was proposed; trees need {FEWEST}"
            )
            return Ranked("", features(dataset, lessons.features.said), self.most, self.keep, verdict)
        seed = int(rng.integers(2**31))
        gain, spread = self._judged(lessons, len(asked), seed)
        better = gain - 1.96 * spread > 0
        tell("Trees", 2, 3)
        model = self._grown(lessons, np.ones(len(lessons), bool), seed).model_to_string() if better else ""
        return Ranked(
            model, features(dataset, lessons.features.said), self.most, self.keep, _verdict(better, gain, spread, len(asked))
        )

    def _judged(self, lessons: Lessons, asked: int, seed: int) -> tuple[float, float]:
        """The mean gain in NDCG@10 over all who were asked, and its standard error."""
        half = np.arange(len(lessons)) % 2 == 0
        scores = np.empty(len(lessons.table), np.float64)
        for number, learnt in enumerate((half, ~half)):
            rest = lessons.of(~learnt)
            scores[rest] = _said(self._grown(lessons, learnt, seed), lessons.table[rest])
            tell("Trees", number, 3)
        anew = joined(scores, lessons.sums, lessons.rows, len(lessons), self.keep)
        gain = lessons.ndcg(anew) - lessons.ndcg(lessons.sums)
        every = np.append(gain, np.zeros(asked - len(gain)))
        return float(every.mean()), float(every.std() / np.sqrt(len(every)))

    def _grown(self, lessons: Lessons, learnt: NDArray[np.bool_], seed: int) -> "lightgbm.Booster":
        """Trees from the people marked."""
        import lightgbm

        settings = {
            "objective": "lambdarank",
            "lambdarank_truncation_level": 20,
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "min_data_in_leaf": 100,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 5.0,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": seed % 2**15,
            "verbosity": -1,
        }
        return lightgbm.train(settings, _data(lessons, learnt), self.trees)


def _data(lessons: Lessons, people: NDArray[np.bool_]) -> "lightgbm.Dataset":
    import lightgbm

    rows = lessons.of(people)
    sizes = np.diff(lessons.bounds)[people]
    names = [name.replace(" ", "_").replace(":", "_") for name in lessons.features.names]
    return lightgbm.Dataset(lessons.table[rows], lessons.taken[rows].astype(np.int8), group=sizes, feature_name=names)


def _said(booster: "lightgbm.Booster", table: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the trees say of each row, on one thread."""
    return np.asarray(booster.predict(table, num_threads=1), np.float64)


def _verdict(better: bool, gain: float, spread: float, people: int) -> str:
    kept = "ranks by trees" if better else "keeps the order of the blend"
    low, high = gain - 1.96 * spread, gain + 1.96 * spread
    return f"{kept}: trees change NDCG@10 by {gain:+.4f} [{low:+.4f}, {high:+.4f}] over {people} people they had not seen"


@dataclass(frozen=True, eq=False)
class Ranked:
    """model: the trees in LightGBM's text form, empty where the order before is kept; verdict: why.

    Ranks slates for a profile; those about goods or words, or for somebody unknown, pass as they are.
    """

    model: str
    features: Features
    most: int
    keep: float
    verdict: str

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        chosen = [row for row, slate in enumerate(slates) if self.model and len(slate) and _at_home(requests[row])]
        ranked = list(slates)
        if chosen:
            anew = self._anew([requests[row] for row in chosen], [slates[row] for row in chosen])
            for row, slate in zip(chosen, anew, strict=True):
                ranked[row] = slate
        return ranked

    def _anew(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        sizes = [min(len(slate), self.most) for slate in slates]
        said = _said(self.booster, self.features.table(requests, slates, self.most))
        before = np.concatenate([slate.scores[: self.most] for slate in slates])
        rows = np.repeat(np.arange(len(slates)), sizes)
        heads = np.split(joined(said, before, rows, len(slates), self.keep), np.cumsum(sizes)[:-1])
        return [_reranked(slate, head) for slate, head in zip(slates, heads, strict=True)]

    @cached_property
    def booster(self) -> "lightgbm.Booster":
        import lightgbm

        return lightgbm.Booster(model_str=self.model)


def joined(trees: NDArray[np.floating], before: Scores, rows: Rows, b: int, keep: float) -> Scores:
    """The trees' scores and those before, both as z-scores within each of b slates; rows [m] says which slate."""
    of_trees, of_before = z_scores(np.stack([trees, before]), rows, b)
    return of_trees + keep * of_before


def _reranked(slate: Slate, head: Scores) -> Slate:
    """The head of a slate by its new scores; the rest follows below it, in its order and as far apart as it was."""
    rest = slate.scores[len(head) :] - slate.scores[len(head) - 1] + head.min()
    order = np.concatenate([best_first(head, len(head)), np.arange(len(head), len(slate))])
    return Slate(slate.items, np.concatenate([head, rest]), slate.notes).take(order)


def _at_home(request: Request) -> bool:
    return not request.asked and len(request.profile.recent) > 0
