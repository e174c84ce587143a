"""The words of titles that tell some goods from the rest."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assortment.core.arrays import Strings

SAYING_NOTHING = frozenset(
    """a an and as at by de for from in is it le of on or our per set the to with without your pack pcs new pc oz ml cm
    size""".split()  # noqa: SIM905
)
"""Words that tell nothing apart."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def terms(title: str) -> list[str]:
    """The words of a title that say something, in small letters, each once; of Chinese and Japanese, which put no spaces, the
    pairs of neighbouring signs.

    >>> terms("SET OF 3 Tea-Cups, red"), terms("红色茶壶")
    (['tea', 'cups', 'red'], ['红色', '色茶', '茶壶'])
    """
    words = (word for run in _WORD.findall(title.lower()) for word in (_pairs(run) if _HAN.search(run) else [run]))
    return [word for word in dict.fromkeys(words) if word not in SAYING_NOTHING]


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(max(1, len(run) - 1))]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words of the titles of n goods, and how many titles hold each."""

    goods: int
    titles: Counter[str]

    @staticmethod
    def of(titles: Strings) -> "Vocabulary":
        return Vocabulary(len(titles), Counter(term for title in titles for term in terms(title or "")))

    def telling(self, titles: Iterable[str | None], weights: Sequence[float], most: int) -> tuple[str, ...]:
        """At most so many words that tell these titles from all: the weight of the titles that hold a word times
        log(n / all that hold it), the heaviest first; of words that begin alike (candle, candles) the heavier one."""
        weight: defaultdict[str, float] = defaultdict(float)
        for title, heavy in zip(titles, weights, strict=True):
            for term in terms(title or ""):
                weight[term] += heavy * math.log(self.goods / self.titles.get(term, 1) + 1)
        chosen: list[str] = []
        for term in sorted(weight, key=lambda term: (-weight[term], term)):
            if len(chosen) < most and not any(_akin(term, other) for other in chosen):
                chosen.append(term)
        return tuple(chosen)


def _akin(one: str, other: str) -> bool:
    """Whether one word is the other with an ending."""
    short, long = sorted((one, other), key=len)
    return len(short) > 2 and long.startswith(short[: max(3, len(short) - 1)]) and len(long) - len(short) < 3
