"""A tagger of titles that learns from labelled ones: a linear-chain conditional random field (Lafferty et al., ICML 2001)."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from assortment.core.errors import BadInput
from assortment.core.progress import tell

Matrix = NDArray[np.float64]
OUTSIDE = "O"
LONGEST = 16
"""Characters of the longest entity that the dictionary of those labelled holds."""

BATCH = 512
MOST_SYMBOLS = 300
"""Symbols of a title that are tagged."""


class Entity(NamedTuple):
    """The symbols from `start` up to `end` are of this kind, with this confidence, 0 … 1."""

    kind: str
    start: int
    end: int
    confidence: float = 1.0


class Tagged(NamedTuple):
    """One labelled title: its symbols, characters of Chinese or words of English, and a tag for each, `B-`, `I-` or `O`."""

    symbols: Sequence[str]
    tags: Sequence[str]

    @property
    def entities(self) -> list[Entity]:
        return entities(self.tags)


def entities(tags: Sequence[str], sure: Sequence[float] | None = None) -> list[Entity]:
    """The runs of tags: each from a `B-`, or an `I-` that continues nothing of its kind, to the last `I-` of it.

    >>> entities(["B-brand", "I-brand", "O", "I-model"])
    [Entity(kind='brand', start=0, end=2, confidence=1.0), Entity(kind='model', start=3, end=4, confidence=1.0)]
    """
    found: list[Entity] = []
    for place, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        kind, certainty = tag[2:], 1.0 if sure is None else float(sure[place])
        last = found[-1] if found else None
        if tag.startswith("I-") and last and last.end == place and last.kind == kind:
            found[-1] = Entity(kind, last.start, place + 1, min(last.confidence, certainty))
        else:
            found.append(Entity(kind, place, place + 1, certainty))
    return found


@dataclass(frozen=True, eq=False)
class Tagger:
    """tags [t]; features, the row of each; weights [features, t], moves [t, t] from a tag to the next, starts [t].

    known: kinds of the entities that were labelled, by their text; by_character: symbols are characters, not words.
    """

    tags: Sequence[str]
    features: Sequence[str]
    weights: NDArray[np.float32]
    moves: NDArray[np.float32]
    starts: NDArray[np.float32]
    known: Mapping[str, str]
    by_character: bool

    @cached_property
    def _row(self) -> Mapping[str, int]:
        return {name: row for row, name in enumerate(self.features)}

    def __call__(self, titles: Sequence[Sequence[str]]) -> list[list[Entity]]:
        """The entities of titles given as symbols; confidence is the least marginal probability of a tag in it."""
        found: list[list[Entity]] = []
        for start in range(0, len(titles), BATCH):
            some = [title[:MOST_SYMBOLS] for title in titles[start : start + BATCH]]
            found += self._batch(some)
        return found

    def read(self, titles: Sequence[str]) -> list[list[tuple[str, str, float]]]:
        """The text, the kind and the confidence of each entity of titles, which are parted into symbols as the labelled."""
        parted = [self._parted(title) for title in titles]
        joiner = "" if self.by_character else " "
        return [
            [(joiner.join(symbols[one.start : one.end]), one.kind, one.confidence) for one in found]
            for symbols, found in zip(parted, self(parted), strict=True)
        ]

    def _parted(self, title: str) -> list[str]:
        return [mark for mark in title if not mark.isspace()] if self.by_character else title.split()

    def _batch(self, titles: Sequence[Sequence[str]]) -> list[list[Entity]]:
        lengths = np.array([len(title) for title in titles])
        if not lengths.sum():
            return [[] for _ in titles]
        table = _table(titles, self.known, self._row)
        emitted = _padded(table @ self.weights.astype(np.float64), lengths)
        moves, starts = self.moves.astype(np.float64), self.starts.astype(np.float64)
        paths = _best(emitted, lengths, moves, starts)
        marginal = _Chain(emitted, lengths, moves, starts).marginals()
        return [
            entities([self.tags[tag] for tag in path], [marginal[row, place, tag] for place, tag in enumerate(path)])
            for row, path in enumerate(paths)
        ]


def fit_tagger(titles: Sequence[Tagged], penalty: float = 1.0, rounds: int = 80) -> Tagger:
    """The field of the highest likelihood of the labelled titles, less penalty / 2 |weights|²; L-BFGS, up to `rounds`.

    Features of a symbol: itself and its neighbours two to each side, their pairs, the classes of their characters, and whether
    it stands in a phrase that was labelled somewhere, of which kind and where in it. So that the last is not learnt by heart,
    in learning a phrase counts as known only where another title was labelled with it, too.
    """
    tags = sorted({tag for title in titles for tag in title.tags})
    if len(tags) < 2:
        raise BadInput("the labelled titles have but one tag; there is nothing to learn")
    number = {tag: place for place, tag in enumerate(tags)}
    known, often = _phrases(titles)
    held = {phrase: kind for phrase, kind in known.items() if often[phrase] > 1}
    row: dict[str, int] = {}
    for title in titles:
        for names in _features(title.symbols, held):
            for name in names:
                row.setdefault(name, len(row))
    table = _table([title.symbols for title in titles], held, row)
    kept = np.flatnonzero(np.bincount(table.indices, minlength=len(row)) > 1)
    table, names = sparse.csr_matrix(table[:, kept]), np.array(list(row), object)[kept]
    lengths = np.array([len(title.symbols) for title in titles])
    gold = np.concatenate([[number[tag] for tag in title.tags] for title in titles])
    with threadpool_limits(1):
        weights, moves, starts = _learnt(table, lengths, gold, len(tags), penalty, rounds)
    by_character = max(len(symbol) for title in titles for symbol in title.symbols) == 1
    return Tagger(
        tuple(tags),
        tuple(names.tolist()),
        weights.astype(np.float32),
        moves.astype(np.float32),
        starts.astype(np.float32),
        known,
        by_character,
    )


def _phrases(titles: Sequence[Tagged]) -> tuple[dict[str, str], dict[str, int]]:
    """The kind that each labelled phrase most often has, and the number of titles that it is labelled in."""
    counts: dict[str, dict[str, int]] = {}
    for title in titles:
        for kind, phrase in {(one.kind, _joined(title.symbols[one.start : one.end])) for one in title.entities}:
            of_phrase = counts.setdefault(phrase, {})
            of_phrase[kind] = of_phrase.get(kind, 0) + 1
    kinds = {phrase: max(sorted(kinds), key=kinds.__getitem__) for phrase, kinds in counts.items()}
    return kinds, {phrase: sum(kinds.values()) for phrase, kinds in counts.items()}


def _joined(symbols: Sequence[str]) -> str:
    return "\x1f".join(symbols).casefold()


def _table(titles: Sequence[Sequence[str]], known: Mapping[str, str], row: Mapping[str, int]) -> sparse.csr_matrix:
    """[symbols of all titles, features], 1 where a symbol has a feature."""
    indices: list[int] = []
    ends = [0]
    for title in titles:
        for names in _features(title, known):
            indices += [row[name] for name in names if name in row]
            ends.append(len(indices))
    return sparse.csr_matrix((np.ones(len(indices)), np.array(indices, np.int32), np.array(ends)), (len(ends) - 1, len(row)))


def _features(symbols: Sequence[str], known: Mapping[str, str]) -> Iterator[list[str]]:
    """The names of the features of each symbol."""
    small = [unicodedata.normalize("NFKC", symbol).casefold() or " " for symbol in symbols]
    kinds = [_kind(symbol) for symbol in symbols]
    text, looks = ["<", "<", *small, ">", ">"], ["<", "<", *kinds, ">", ">"]
    spots = _spots(symbols, known)
    for place in range(len(symbols)):
        near, look = text[place : place + 5], looks[place : place + 5]
        names = ["1", *(f"{side}={one}" for side, one in zip("abcde", near, strict=True))]
        names += [f"{a}{b}={near[a]}|{near[b]}" for a, b in ((0, 1), (1, 2), (2, 3), (3, 4), (1, 3))]
        names += [
            f"{''.join(map(str, where))}={'|'.join(near[i] for i in where)}" for where in ((0, 1, 2), (1, 2, 3), (2, 3, 4))
        ]
        names += [f"k={look[2]}", f"kk={''.join(look[1:4])}", f"kkkkk={''.join(look)}"]
        yield names + spots[place]


def _kind(symbol: str) -> str:
    """A letter for what kind of character a symbol begins with: han, capital, small, digit, mark."""
    first = symbol[:1]
    if not first or not first.isalnum():
        return "m"
    if first.isdigit():
        return "d"
    return "h" if ord(first) >= 0x2E80 else "A" if first.isupper() else "a"


def _spots(symbols: Sequence[str], known: Mapping[str, str]) -> list[list[str]]:
    """For each symbol, where in known phrases it stands: the longest that begins here, ends here or holds it."""
    spots: list[dict[str, int]] = [{} for _ in symbols]
    for start in range(len(symbols)):
        for end in range(start + 1, min(start + LONGEST, len(symbols)) + 1):
            kind = known.get(_joined(symbols[start:end]))
            if kind is None:
                continue
            long = end - start
            for place in range(start, end):
                spot = f"{kind}{'S' if long == 1 else 'B' if place == start else 'E' if place == end - 1 else 'I'}"
                spots[place][spot] = max(spots[place].get(spot, 0), min(long, 5))
    return [[f"in={spot}" for spot in held] + [f"in={spot}{long}" for spot, long in held.items()] for held in spots]


def _padded(rows: Matrix, lengths: NDArray[np.int64]) -> Matrix:
    """[titles, longest, t] of the rows of all titles, one after another; zeros beyond their ends."""
    padded = np.zeros((len(lengths), int(lengths.max()), rows.shape[1]))
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = rows
    return padded


class _Chain:
    """Forward and backward over titles [b, longest, t] at once, in logarithms."""

    def __init__(self, emitted: Matrix, lengths: NDArray[np.int64], moves: Matrix, starts: Matrix) -> None:
        self.emitted, self.lengths, self.moves = emitted, lengths, moves
        self.there = np.arange(emitted.shape[1]) < lengths[:, None]
        self.forward = np.empty_like(emitted)
        self.forward[:, 0] = emitted[:, 0] + starts
        for place in range(1, emitted.shape[1]):
            step = _log_dot(self.forward[:, place - 1], moves) + emitted[:, place]
            self.forward[:, place] = np.where(self.there[:, place, None], step, self.forward[:, place - 1])
        self.total = logsumexp(self.forward[:, -1], axis=1)
        self.backward = np.zeros_like(emitted)
        for place in range(emitted.shape[1] - 2, -1, -1):
            step = _log_dot(self.backward[:, place + 1] + emitted[:, place + 1], moves.T)
            self.backward[:, place] = np.where(self.there[:, place + 1, None], step, 0)

    def marginals(self) -> Matrix:
        """[b, longest, t] the probability of each tag at each place; 0 beyond the end."""
        return np.exp(self.forward + self.backward - self.total[:, None, None]) * self.there[:, :, None]

    def moved(self) -> Matrix:
        """[t, t] how often each tag follows each, as expected."""
        expected = np.zeros_like(self.moves)
        for place in range(1, self.emitted.shape[1]):
            rows = np.flatnonzero(self.there[:, place])
            after = self.backward[rows, place] + self.emitted[rows, place]
            before = self.forward[rows, place - 1] - self.total[rows, None]
            high = before.max(1, keepdims=True), after.max(1, keepdims=True)
            scale = np.exp(high[0] + high[1])
            expected += (np.exp(before - high[0]) * scale).T @ np.exp(after - high[1])
        return expected * np.exp(self.moves)


def _log_dot(logs: Matrix, moves: Matrix) -> Matrix:
    """log(exp(logs) @ exp(moves)), [b, t], without overflow."""
    high = logs.max(1, keepdims=True)
    return np.log(np.exp(logs - high) @ np.exp(moves) + 1e-300) + high


def _learnt(
    table: sparse.csr_matrix, lengths: NDArray[np.int64], gold: NDArray[np.int64], t: int, penalty: float, rounds: int
) -> tuple[Matrix, Matrix, Matrix]:
    """Weights, moves and starts of the highest penalised likelihood."""
    shape, m = (table.shape[1], t), len(lengths)
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    follows = np.setdiff1d(np.arange(len(gold)), first)
    seen_moves = np.zeros((t, t))
    np.add.at(seen_moves, (gold[follows - 1], gold[follows]), 1)
    seen_starts = np.bincount(gold[first], minlength=t).astype(np.float64)
    target = np.eye(t)[gold]
    order = np.argsort(lengths, kind="stable")
    batches = [order[start : start + BATCH] for start in range(0, m, BATCH)]
    turned = table.T.tocsr()
    rows_of = [np.concatenate([np.arange(first[i], first[i] + lengths[i]) for i in batch]) for batch in batches]

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weights, moves, starts = np.split(flat, [shape[0] * t, shape[0] * t + t * t])
        weights, moves = weights.reshape(shape), moves.reshape(t, t)
        emitted = table @ weights
        value = -(emitted[np.arange(len(gold)), gold].sum() + (moves * seen_moves).sum() + starts @ seen_starts)
        expected, move_slope, start_slope = np.zeros_like(emitted), -seen_moves, -seen_starts
        for batch, rows in zip(batches, rows_of, strict=True):
            chain = _Chain(_padded(emitted[rows], lengths[batch]), lengths[batch], moves, starts)
            marginal = chain.marginals()
            expected[rows] = marginal[chain.there]
            move_slope, start_slope = move_slope + chain.moved(), start_slope + marginal[:, 0].sum(0)
            value += chain.total.sum()
        slope = np.concatenate([(turned @ (expected - target)).ravel(), move_slope.ravel(), start_slope])
        return float(value + penalty / 2 * flat @ flat), slope + penalty * flat

    done = iter(range(1, rounds + 1))
    start = np.zeros(shape[0] * t + t * t + t)
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": rounds, "maxcor": 6},
        callback=lambda _: tell("tagger", next(done), rounds),
    )
    weights, moves, starts = np.split(found.x, [shape[0] * t, shape[0] * t + t * t])
    return weights.reshape(shape), moves.reshape(t, t), starts


def _best(emitted: Matrix, lengths: NDArray[np.int64], moves: Matrix, starts: Matrix) -> list[list[int]]:
    """The likeliest tags of each title (Viterbi, 1967)."""
    b, longest, _ = emitted.shape
    score, came = emitted[:, 0] + starts, np.zeros(emitted.shape, np.int64)
    for place in range(1, longest):
        step = score[:, :, None] + moves
        came[:, place] = step.argmax(1)
        score = np.where((place < lengths)[:, None], step.max(1) + emitted[:, place], score)
    here = score.argmax(1)
    path = np.zeros((b, longest), np.int64)
    for place in range(longest - 1, -1, -1):
        path[:, place] = here
        back = came[np.arange(b), place, here]
        here = np.where(place < lengths, back, here)
    return [path[row, :length].tolist() for row, length in enumerate(lengths.tolist())]
