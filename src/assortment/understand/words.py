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

    label: phrase → label, "" for a phrase that says nothing though a word in it would; unsure: phrases to trust less. Phrases
    are as `phrase` writes them.
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
            said = self.longest(tokens[place:])
            if self.label.get(said):
                found.setdefault(self.label[said], UNSURE if said in self._unsure else SURE)
            place += said.count(" ") + 1
        return ("|".join(found), min(found.values())) if found else (None, float("nan"))

    def longest(self, tokens: Sequence[str]) -> str:
        """The longest phrase that the tokens begin with, "" where none."""
        most = min(len(tokens), self._most_words)
        return next((said for n in range(most, 0, -1) if (said := " ".join(tokens[:n])) in self.label), "")

    @cached_property
    def _unsure(self) -> frozenset[str]:
        return frozenset(self.unsure)

    @cached_property
    def _most_words(self) -> int:
        return max((phrase.count(" ") + 1 for phrase in self.label), default=1)


def tokenised(title: str) -> list[str]:
    """Words in small letters, each Chinese character by itself, and `/` for a mark between them or the end.

    >>> tokenised("Tea tin, RED"), tokenised("红色mug")
    (['tea', 'tin', '/', 'red', '/'], ['红', '色', 'mug', '/'])
    """
    return ["/" if token in ",;:.()[]-–/" else token for token in _TOKEN.findall(title.lower())] + ["/"]


_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+|[,;:.()\[\]–/-]")


def phrase(text: str) -> str:
    """A text as `Words` compares it: its tokens with a space between them.

    >>> phrase("Off  White"), phrase("PU皮")
    ('off white', 'pu 皮')
    """
    return " ".join(tokenised(text)[:-1])


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
    """The labels of an attribute, `colour` or `material`, in the words files: English, and Chinese."""
    english, chinese = _file(), _file("words_zh.toml")
    label = {said: name for name, phrases in english[attribute].items() for said in phrases}
    label |= {phrase(said): name for name, phrases in chinese[attribute].items() for said in phrases}
    traps = [*english["traps"][attribute], *map(phrase, chinese["traps"][attribute])]
    return Words(
        {**label, **dict.fromkeys(traps, "")}, (*english["unsure"][attribute], *map(phrase, chinese["unsure"][attribute]))
    )


def _file(name: str = "words.toml") -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads((files("assortment.understand") / name).read_text(encoding="utf-8"))
