"""The words file: what titles say of category, colour and material."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

SURE, UNSURE = 0.95, 0.6
"""Confidence in a plain word (red), and in one that is not always what it seems (cream)."""


@dataclass(frozen=True)
class Words:
    """The labels of one attribute, and the words that say them.

    label: phrase → label, "" for a phrase that says nothing though a word in it would; unsure: phrases to trust less.
    """

    label: Mapping[str, str]
    unsure: Sequence[str] = ()

    def __call__(self, title: str) -> tuple[str | None, float]:
        """The labels in a title with `|` between them, in its order, and the confidence in the least certain of them; None and
        NaN where there is none. The longest phrase that fits is taken, words as wholes.

        >>> colours = Words({"red": "red", "red wine": "", "navy blue": "blue"}, unsure=("red",))
        >>> colours("Red wine glass, navy blue"), colours("REDUCED")
        (('blue', 0.95), (None, nan))
        """
        found: dict[str, float] = {}
        tokens = tokenised(title)
        place = 0
        while place < len(tokens):
            phrase = self._longest(tokens[place : place + self._most_words])
            said = " ".join(phrase)
            if self.label.get(said):
                found.setdefault(self.label[said], UNSURE if said in self.unsure else SURE)
            place += max(len(phrase), 1)
        return ("|".join(found), min(found.values())) if found else (None, float("nan"))

    def _longest(self, tokens: Sequence[str]) -> Sequence[str]:
        return next((tokens[:n] for n in range(len(tokens), 0, -1) if " ".join(tokens[:n]) in self.label), ())

    @cached_property
    def _most_words(self) -> int:
        return max((phrase.count(" ") + 1 for phrase in self.label), default=1)


def tokenised(title: str) -> list[str]:
    """Words in small letters, and `/` for a mark between them or the end.

    >>> tokenised("Tea tin, RED")
    ['tea', 'tin', '/', 'red', '/']
    """
    return ["/" if token in ",;:.()[]-–/" else token for token in re.findall(r"\w+|[,;:.()\[\]–/-]", title.lower())] + ["/"]


@dataclass(frozen=True)
class Things:
    """Categories, and things that are of them: names [m] and, for each, the category it belongs to."""

    names: Sequence[str]
    categories: Sequence[str]


def read_things() -> Things:
    """The categories of the words file."""
    pairs = [(name, category) for category, names in _file()["category"].items() for name in names]
    return Things(tuple(name for name, _ in pairs), tuple(category for _, category in pairs))


def read_words(attribute: str) -> Words:
    """The labels of an attribute, `colour` or `material`, in the words file."""
    file = _file()
    label = {phrase: name for name, phrases in file[attribute].items() for phrase in phrases}
    return Words({**label, **dict.fromkeys(file["traps"][attribute], "")}, tuple(file["unsure"][attribute]))


def _file() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads((files("assortment.understand") / "words.toml").read_text(encoding="utf-8"))
