"""Boosted trees that learn, from what people did later, the chance that each item is taken to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from assortment.core.arrays import Column, Rows, Scores, best_first
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Recipe, Stage
from assortment.rank.cases import cases, held_back, hidden, last_of_each
from assortment.rank.features import Features, features, grown
from assortment.rank.forest import Forest, read
from assortment.rank.lessons import Lessons, gathered
from assortment.rank.odds import Odds, fitted

if TYPE_CHECKING:
    import lightgbm

FEWEST = 50
"""The fewest people, of those whose slates held what they took to, from whom anything is learnt."""

WORTHS = tuple(round(1 + 0.05 * step, 2) for step in range(1, 21))
"""How many times goods of new kinds may count, tried in this order."""

REFUSED = 300_000
"""Of the goods that were not taken to, about so many are learnt from; each counts for those left out."""


@dataclass(frozen=True)
class Trees:
    """The chance that a person takes to an item: boosted trees (Friedman, Annals of Statistics 2001) by LightGBM (Ke et al.,
    NeurIPS 2017), which correct the log odds that its place and score alone give it.

    It fits the stages before it on the earlier part of the log, asks them about people who liked something later, and learns
    which of the goods that was; and so once more on what is earlier still, as many `steps` back, 1 … 10, as there are people to
    ask. split: "time" holds back the last `share` of the log, in which new goods are met as they came; "last" holds back each
    person's last item, for logs without real times, and hides a share `unseen` of the goods from the rest of the log, 0 none …
    0.5, so that goods that nobody has touched are met, too; where none are met, they count as those that fewest people had.
    Goods that nobody ever touched teach nothing. people: at most so many are learnt from. most: how many items of a slate the
    trees look at; those below keep the chance of their place and score. trees: how many are grown, of so many leaves, each
    counting by `rate`. crossing: the share of NDCG@10 that may be given up for goods of kinds that a person has nothing of, 0
    none … 0.5: these count as many times as the others as that pays for, by what was learnt from the other half.

    Each half of the people is ranked by what was learnt from the other half. Unless that beats the order before in NDCG@10
    (the 95% interval of the mean difference by person lies above 0), that order is kept, but for new kinds: `verdict` says
    which.
    """

    split: str = "time"
    share: float = 0.2
    steps: int = 2
    unseen: float = 0.0
    people: int = 20_000
    most: int = 60
    trees: int = 60
    leaves: int = 31
    rate: float = 0.08
    crossing: float = 0.01

    def __post_init__(self) -> None:
        if self.split not in ("time", "last"):
            raise BadSetting(f"split is '{self.split}'; it is 'time' or 'last'")
        within("share", self.share, 0.001, 0.9)
        within("steps", self.steps, 1, 10)
        within("unseen", self.unseen, 0, 0.5)
        within("people", self.people, 1, float("inf"))
        within("most", self.most, 2, 10_000)
        within("trees", self.trees, 1, 10_000)
        within("leaves", self.leaves, 2, 1000)
        within("rate", self.rate, 1e-4, 1)
        within("crossing", self.crossing, 0, 0.5)

    def learn(self, upstream: Recipe[Stage], dataset: Dataset, rng: np.random.Generator) -> "Ranked":
        lessons = self.lessons(upstream, dataset, rng)
        newest, known = lessons[0], features(dataset, lessons[0].features.said)
        if newest.found < FEWEST:
            verdict = (
                f"keeps the order of the blend: only {newest.found} people found later what was proposed; trees need {FEWEST}"
            )
            return Ranked("", None, known, self.most, 0.0, 1.0, verdict)
        counts, seed = [thinned(each.taken, rng) for each in lessons], int(rng.integers(2**31))
        unseen = self.unseen_odds(lessons, counts, seed)
        gain, spread = _judged(newest, unseen)
        better = gain - 1.96 * spread > 0
        tell("Trees", 2, 3)
        odds, booster = self._taught(lessons, counts, seed)
        said = unseen if better else newest.signs @ odds.weights
        worth, changed = worth_of_new_kinds(newest, said, self.crossing)
        verdict = _verdict(better, gain, spread, newest.asked) + _crosses(worth, changed * len(newest) / newest.asked)
        model = booster.model_to_string() if better else ""
        return Ranked(model, odds, known, self.most, newest.usual(said), worth, verdict)

    def lessons(self, upstream: Recipe[Stage], dataset: Dataset, rng: np.random.Generator) -> list[Lessons]:
        """What is learnt from, the newest first: as many steps back into the log as `steps` says and people can be asked."""
        lessons: list[Lessons] = []
        touched = np.bincount(dataset.events.item, minlength=len(dataset.catalog)) > 0
        while len(lessons) < self.steps and (not lessons or lessons[-1].found >= FEWEST):
            dataset, later = held_back(dataset, self.share) if self.split == "time" else last_of_each(dataset)
            earlier = hidden(dataset, self.unseen, rng) if self.split == "last" else dataset
            asked = cases(earlier, later, self.people, rng)
            lessons.append(gathered(upstream.fit(earlier, rng), earlier, asked, self.most, touched))
        return [each for each in lessons if each is lessons[0] or each.found >= FEWEST]

    def unseen_odds(self, lessons: Sequence[Lessons], counts: Sequence[Scores], seed: int) -> NDArray[np.float64]:
        """The log odds of the items [m] of the newest lessons by what was learnt from the other half of the people."""
        newest, said = lessons[0], np.empty(len(lessons[0].table))
        for number, odd in enumerate((False, True)):
            half = [np.where(each.half(odd), count, 0) for each, count in zip(lessons, counts, strict=True)]
            odds, booster = self._taught(lessons, half, seed)
            rest = newest.half(not odd)
            said[rest] = newest.signs[rest] @ odds.weights + _said(booster, newest.table[rest])
            tell("Trees", number, 3)
        return said

    def _taught(self, lessons: Sequence[Lessons], counts: Sequence[Scores], seed: int) -> "tuple[Odds, lightgbm.Booster]":
        """What place and score say in the newest lessons, and trees from all, whose items count for so many each [m]: what they
        say is added to the odds, which each step back has of its own."""
        import lightgbm

        odds = [fitted(each.signs, each.taken, count, self.most) for each, count in zip(lessons, counts, strict=True)]
        settings = {
            "objective": "binary",
            "boost_from_average": False,
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "min_data_in_leaf": 150,
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 10.0,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": seed % 2**15,
            "verbosity": -1,
        }
        rows = [count > 0 for count in counts]
        data = lightgbm.Dataset(
            np.concatenate([each.table[kept] for each, kept in zip(lessons, rows, strict=True)]),
            np.concatenate([each.taken[kept] for each, kept in zip(lessons, rows, strict=True)]).astype(np.int8),
            weight=np.concatenate([count[kept] for count, kept in zip(counts, rows, strict=True)]),
            init_score=np.concatenate([e.signs[kept] @ o.weights for e, kept, o in zip(lessons, rows, odds, strict=True)]),
            feature_name=[name.replace(" ", "_").replace(":", "_") for name in lessons[0].features.names],
        )
        return odds[0], lightgbm.train(settings, data, self.trees)


def _judged(lessons: Lessons, said: NDArray[np.float64]) -> tuple[float, float]:
    """The mean gain of an order in NDCG@10 over all who were asked, and its standard error."""
    gain = lessons.ndcg(said) - lessons.ndcg(lessons.sums)
    every = np.append(gain, np.zeros(lessons.asked - len(gain)))
    return float(every.mean()), float(every.std() / np.sqrt(len(every)))


def worth_of_new_kinds(lessons: Lessons, odds: NDArray[np.float64], share: float) -> tuple[float, float]:
    """How many times the goods of new kinds may count so that less than a share of NDCG@10 is lost, and what it changes."""
    foreign, before, worth, changed = lessons.features.foreign(lessons.table), lessons.ndcg(odds).mean(), 1.0, 0.0
    for times in WORTHS if foreign.any() else ():
        change = lessons.ndcg(odds + np.log(times) * foreign).mean() - before
        if change <= -share * before:
            break
        worth, changed = times, float(change)
    return worth, changed


def thinned(taken: NDArray[np.bool_], rng: np.random.Generator) -> Scores:
    """For how many each item counts: 1 where it was taken; of the others a share is drawn, which stands for all of them."""
    share = min(1.0, REFUSED / max(1, np.count_nonzero(~taken)))
    drawn = rng.random(len(taken)) < share
    return np.where(taken, 1, drawn / share).astype(np.float32)


def _said(booster: "lightgbm.Booster", table: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the trees add to the log odds of each row, on one thread."""
    return np.asarray(booster.predict(table, raw_score=True, num_threads=1), np.float64)


def _verdict(better: bool, gain: float, spread: float, people: int) -> str:
    kept = "ranks by trees" if better else "keeps the order of the blend"
    low, high = gain - 1.96 * spread, gain + 1.96 * spread
    return f"{kept}: trees change NDCG@10 by {gain:+.4f} [{low:+.4f}, {high:+.4f}] over {people} people they had not seen"


def _crosses(worth: float, changed: float) -> str:
    return f"; goods of new kinds count {worth:g} times, which changes it by {changed:+.4f}" if worth > 1 else ""


@dataclass(frozen=True, eq=False)
class Ranked:
    """model: the trees in LightGBM's text form, empty where the order before is kept; odds: by place and score, None where
    there was too little to learn from; worth: how many times goods of new kinds count, 1 … 2; verdict: why.

    Notes the `chance` [n], 0 … 1, that each item of slates for a profile is taken to, and puts them in the order of what that
    is worth: their scores are the log odds and, in the head, log `worth` more for kinds that the person has nothing of.
    Slates about goods or words, or for somebody unknown, pass as they are, without chances: nobody was asked like that.
    """

    model: str
    odds: Odds | None
    features: Features
    most: int
    usual: float
    worth: float
    verdict: str

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        chosen = [row for row, slate in enumerate(slates) if self.odds and len(slate) and _at_home(requests[row])]
        ranked = list(slates)
        if self.odds and chosen:
            anew = self._anew(self.odds, [requests[row] for row in chosen], [slates[row] for row in chosen])
            for row, slate in zip(chosen, anew, strict=True):
                ranked[row] = slate
        return ranked

    def with_catalog(self, catalog: Catalog) -> "Ranked":
        return replace(self, features=grown(self.features, catalog))

    def _anew(self, odds: Odds, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        sizes = np.array([len(slate) for slate in slates])
        starts = np.cumsum(sizes) - sizes
        said, more = odds(requests, slates), np.zeros(sizes.sum())
        head = np.arange(len(said)) - np.repeat(starts, sizes) < self.most
        if self.model or self.worth > 1:
            table = self.features.table(requests, slates, self.most)
            said[head] += self.forest(table) if self.model else 0
            more[head] = np.log(self.worth) * self.features.foreign(table)
        spans = [slice(start, start + size) for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)]
        return self._told(slates, spans, said.astype(np.float32), more)

    def _told(self, slates: Sequence[Slate], spans: Sequence[slice], odds: Scores, more: NDArray[np.float64]) -> list[Slate]:
        """Slates in the order of their log odds and what their items count `more`; without trees each keeps its order but for
        that, along which the log odds never rise but by rounding."""
        if not self.model:
            odds = np.concatenate([np.minimum.accumulate(odds[span]) for span in spans])
        scores = (odds + more).astype(np.float32)
        told = {"chance": expit(odds), "usual": np.full(len(odds), self.usual, np.float32)}
        return [
            _placed(Slate(slate.items, scores[span], slate.notes), self._order(scores[span]), told, span.start)
            for slate, span in zip(slates, spans, strict=True)
        ]

    def _order(self, scores: Scores) -> Rows:
        return best_first(scores, len(scores)) if self.model else np.argsort(-scores, kind="stable")

    @cached_property
    def forest(self) -> Forest:
        return read(self.model)


def _placed(slate: Slate, order: Rows, told: Mapping[str, Column], start: int) -> Slate:
    """A slate in an order, with notes of a lot in which it begins at `start`."""
    return slate.take(order).noting(told, start + order)


def _at_home(request: Request) -> bool:
    return not request.asked and len(request.profile.recent) > 0
