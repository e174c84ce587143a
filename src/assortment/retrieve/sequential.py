"""What comes next after a history, by a small transformer over the texts of its goods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from assortment.core.answers import Answers, flat, slates
from assortment.core.arrays import Vectors
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.language.vectors import unit
from assortment.learn.diverse import Diverse
from assortment.learn.histories import histories
from assortment.learn.negatives import mixed
from assortment.retrieve.attention import Adaptor, Attention, Block, Layer, Norm
from assortment.retrieve.index import Index, index
from assortment.retrieve.question import ages, depths, goods

AGES = 32
"""How many visits back are told apart; those before count as that old."""

TOKENS, FEWEST, BATCHES = 2048, 64, 16
"""The most goods in the pieces of a batch, and the fewest; in between, a small log is so many batches."""

HELD, MOST_HELD = 0.1, 2000
"""The share of people, and the most, whose last item is held back to see when to stop."""


@dataclass(frozen=True)
class Sequential:
    """Self-attention over a history (SASRec, Kang and McAuley, ICDM 2018) whose goods are their texts.

    The column `vector` of each item goes through a mixture of `experts` whitening experts (UniSRec, Hou et al., KDD 2022);
    where `own`, an item that anybody took to adds a vector of its own, which is left out of a batch for the share `forget` of
    the goods, so that new ones, which have text alone, are learnt too. Position is how many visits ago, so that goods of one
    visit have one. Learnt by a softmax over the next item and `negatives` others, `popular` of them drawn by popularity (0
    evenly … 1 all), with the correction for that.

    dims: of the vectors, a multiple of `heads`; blocks of attention; length: of the history that is read; temperature: what
    cosines are divided by, near 0 … 1; dropout: 0 … 0.9; rate: of learning; passages: through the log at most, fewer where
    people who are held back are no longer foretold better; minutes: of learning at most; depth: items found per request;
    diverse: a loss of variety. Needs torch to be fitted, and none to serve.
    """

    dims: int = 128
    blocks: int = 1
    heads: int = 2
    experts: int = 4
    own: bool = True
    forget: float = 0.2
    length: int = 50
    negatives: int = 1024
    popular: float = 0.5
    temperature: float = 0.07
    dropout: float = 0.2
    rate: float = 0.002
    passages: int = 15
    minutes: float = 20.0
    depth: int = 50
    diverse: Diverse | None = None

    def __post_init__(self) -> None:
        for name, most in (("dims", 4096), ("blocks", 12), ("heads", 64), ("experts", 64), ("length", 200)):
            within(name, getattr(self, name), 1, most)
        if self.dims % self.heads:
            raise BadSetting(f"dims is {self.dims}, which {self.heads} heads cannot share; make it a multiple of heads")
        within("forget", self.forget, 0, 1)
        within("negatives", self.negatives, 1, 1_000_000)
        within("popular", self.popular, 0, 1)
        within("temperature", self.temperature, 1e-3, 1)
        within("dropout", self.dropout, 0, 0.9)
        within("rate", self.rate, 1e-9, 1)
        within("passages", self.passages, 1, 10_000)
        within("minutes", self.minutes, 1e-3, float("inf"))
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Sequels":
        if "vector" not in dataset.catalog:
            raise BadSetting("'sequential' reads goods by their vectors; add 'embed' to what is understood")
        if find_spec("torch") is None:
            raise BadSetting("'sequential' needs torch to be fitted; pip install 'assortment[train]'")
        text = dataset.catalog.column("vector")
        weights = self._learnt(dataset, text, rng)
        own = weights["own"]
        adaptor = Adaptor(weights["adaptor.experts"], weights["adaptor.centres"], weights["adaptor.gate"])
        things = index(_things(adaptor, text, own), "sequential")
        return Sequels(things, attention(weights, self.blocks), adaptor, own, self.length, self.depth)

    def _learnt(self, dataset: Dataset, text: Vectors, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
        """The weights by name; as they begin where there is nothing to learn from."""
        import torch

        from assortment.learn.compute import drawing
        from assortment.learn.foretell import Lesson
        from assortment.learn.loop import Schedule, train
        from assortment.learn.sequence import Network, Shape, arrays

        seed = int(rng.integers(2**31))
        stories = histories(dataset, self.length)
        shape = Shape(text.shape[1], self.dims, self.blocks, self.heads, self.experts, AGES, len(text) if self.own else 0)
        with drawing(seed, 0):
            network = Network(shape, self.dropout)
        if not len(stories):
            return arrays(network)
        told, held = stories.held_back(HELD, MOST_HELD, rng)
        counts = np.bincount(told.items, minlength=len(text))
        lesson = Lesson(
            network=network,
            text=torch.from_numpy(text),
            told=told,
            held=held,
            known=counts > 0,
            negatives=mixed(counts, self.popular),
            count=self.negatives,
            temperature=self.temperature,
            forget=self.forget,
            tokens=min(TOKENS, max(FEWEST, len(stories.items) // BATCHES)),
            seed=seed,
            terms=(self.diverse.bound(dataset.catalog),) if self.diverse else (),
        )
        schedule = Schedule(
            minutes=self.minutes, steps=self.passages * lesson.steps, every=lesson.steps, patience=3, rate=self.rate, seed=seed
        )
        train(network, lesson.loss, lesson.measure, schedule, name="Sequential", rule=lesson)
        return arrays(network)


@dataclass(frozen=True, eq=False)
class Sequels:
    """things: the goods [n, d], unit rows; own: what each has beside its text, [goods when it was fitted, d], no rows where
    nothing has. Silent where the request has words, or no goods. Goods of the page are read as one visit."""

    things: Index
    attention: Attention
    adaptor: Adaptor
    own: Vectors
    length: int
    depth: int

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return slates(self.ask(requests), given)

    def ask(self, requests: Sequence[Request]) -> Answers:
        return self.things.ask(self._queries(requests), depths(requests, self.depth), self.things.fingerprint)

    def with_catalog(self, catalog: Catalog) -> "Sequels":
        """The same over a catalog to which goods were appended: they are known by their texts, at once."""
        return replace(self, things=self.things.with_vectors(_things(self.adaptor, catalog.column("vector"), self.own)))

    def _queries(self, requests: Sequence[Request]) -> Vectors:
        """[b, d]: what is looked for after each history; zeros after none."""
        named = [goods(request)[-self.length :] for request in requests]
        times = [
            np.zeros(len(row), np.int64) if request.about else request.profile.times[-self.length :][: len(row)]
            for row, request in zip(named, requests, strict=True)
        ]
        _, items, bounds = flat(named)
        there = np.arange(max(1, int(np.diff(bounds).max(initial=0)))) < np.diff(bounds)[:, None]
        history = np.zeros((*there.shape, self.things.vectors.shape[1]), np.float32)
        visits = np.zeros(there.shape, np.int64)
        history[there] = self.things.vectors[items]
        visits[there] = -ages(np.concatenate([np.empty(0, np.int64), *times]), bounds)
        return self.attention(history, visits, there)


def _things(adaptor: Adaptor, text: Vectors, own: Vectors) -> Vectors:
    """The unit rows of goods: their texts, adapted, and what those of the fit have beside."""
    adapted = adaptor(text)
    adapted[: len(own)] += own
    return unit(adapted)


def attention(weights: Mapping[str, NDArray[np.float32]], blocks: int) -> Attention:
    """The weights that torch learnt, as numpy serves them."""

    def layer(name: str) -> Layer:
        return Layer(np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"])

    def norm(name: str) -> Norm:
        return Norm(weights[f"{name}.weight"], weights[f"{name}.bias"])

    def block(name: str) -> Block:
        return Block(
            norm(f"{name}.norm_in"),
            layer(f"{name}.asked"),
            weights[f"{name}.age"],
            layer(f"{name}.out"),
            norm(f"{name}.norm_mid"),
            layer(f"{name}.inner"),
            layer(f"{name}.outer"),
        )

    return Attention(tuple(block(f"blocks.{number}") for number in range(blocks)), norm("norm"))
