"""A picture for goods that have none: a tile whose colour and drawing follow from the words of the title, always the same."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assortment.serve.shelf import Item

COLOURS = frozenset({
    "pink", "rose", "red", "strawberry", "orange", "terracotta", "gold", "golden", "yellow", "lemon", "lime", "green",
    "mint", "turquoise", "aqua", "blue", "navy", "purple", "lilac", "lavender", "amethyst", "brown", "chocolate", "wood",
    "wooden", "wicker", "natural", "ivory", "cream", "white", "silver", "grey", "black", "zinc", "metal", "slate", "glass",
    "crystal"
})  # fmt: skip
"""Words of a title that say its colour; `tiles.css` has a rule for each."""

HUES, PATTERNS = 20, 8
WORD = re.compile(r"[^\W_](?:[\w'-]*[^\W_])?")


@dataclass(frozen=True)
class Tile:
    """looks: the classes of `tiles.css` for its colour and ground; path: the drawing in lines on a field of 48 by 48, None
    where no word of the title has one; letters: what stands there then."""

    looks: str
    path: str | None
    letters: str


def tile(item: Item) -> Tile:
    """The tile of a product.

    >>> tile(Item("1", "Red tea cup", None, None, None)).looks
    'c-red p2'
    """
    words = [word.lower() for word in WORD.findall(item.title)]
    colour = next((f"c-{word}" for word in words if word in COLOURS), f"h{hue(item.category or item.title)}")
    drawn = [path for word in words if (path := _drawings().get(word))]
    letters = "".join(word[0] for word in words[:2]).upper()
    return Tile(f"{colour} p{mixed(item.item) % PATTERNS}", drawn[-1] if drawn else None, letters)


def hue(text: str) -> int:
    """Which of the twenty hues a text has.

    >>> hue("Candles") == hue("Candles") < HUES
    True
    """
    return mixed(text) % HUES


def mixed(text: str) -> int:
    """32 bits that follow from a text: FNV-1a (Fowler, Noll and Vo), and a last stir for its low bits."""
    value = 2166136261
    for letter in text:
        value = (value ^ ord(letter)) * 16777619 & 0xFFFFFFFF
    value = (value ^ value >> 15) * 2246822519 & 0xFFFFFFFF
    return value ^ value >> 13


@cache
def _drawings() -> dict[str, str]:
    """By word, what is drawn; the last word of a title that has a drawing counts, as in a cake tin."""
    read = json.loads((Path(__file__).parent / "drawings.json").read_text(encoding="utf-8"))
    return {word: drawing["path"] for name, drawing in read.items() for word in (name, *drawing["also"].split())}
