"""A slate as a page shows it: its cards, its kinds, what it achieved of the wish, what that costs and what gave way."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from assortment.core.terms import GaveWay, Terms
from assortment.serve.answers import Answer, Card
from assortment.serve.storefront.tiles import hue

NBSP = "\u00a0"
CAP = re.compile(r"at_most (.+?)=(\d+)")
OTHER = "other"
"""The kind of what has none."""


@dataclass(frozen=True)
class Stripe:
    """A kind of goods on a slate, and how many are of it."""

    kind: str
    count: int
    hue: int


@dataclass(frozen=True)
class Given:
    """A part of the wish that gave way: what was asked, and what came of it, in words."""

    asked: str
    said: str


@dataclass(frozen=True)
class Show:
    """A slate and what is said of it. varied: 0 all alike … 1 nothing alike, cost: 0 none … 1 all of the expected relevance,
    both None where nothing diversifies."""

    answer: Answer
    stripes: tuple[Stripe, ...]
    said: str
    gave_way: tuple[Given, ...]
    varied: float | None
    cost: float | None

    @property
    def cards(self) -> tuple[Card, ...]:
        return self.answer.cards

    @property
    def kinds(self) -> int:
        """How many kinds have a name."""
        return sum(stripe.kind != OTHER for stripe in self.stripes)


def show(answer: Answer, wished: bool = False) -> Show:
    """wished: whether the person asked for anything; a slate that is shorter than usual is told to no other."""
    counts = Counter(card.item.category or OTHER for card in answer.cards)
    stripes = tuple(Stripe(kind, count, hue(kind)) for kind, count in counts.most_common())
    terms = answer.terms if answer.cards else None
    kinds = sum(stripe.kind != OTHER for stripe in stripes)
    gave_way = [one for one in (terms.gave_way if terms else ()) if wished or one.part != "items"]
    return Show(
        answer,
        stripes if kinds else (),
        in_words(terms, len(answer.cards), kinds) if answer.cards else "",
        tuple(map(given, gave_way)),
        None if terms is None or "redundancy" not in terms.achieved else min(1.0, max(0.0, 1 - terms.achieved["redundancy"])),
        terms.cost if terms else None,
    )


def in_words(terms: Terms | None, shown: int, kinds: int) -> str:
    """What a slate of so many goods, of so many kinds, achieved, and what it costs.

    >>> in_words(Terms(0.3, {"items": 3.0, "at_most brand": 1.0}, 0.004), 3, 2)
    '3 products of 2 kinds, at most 1 of one brand; costs less than 1\\xa0% of expected relevance.'
    """
    goods = count(shown, "product")
    of_kinds = f"{goods} of {count(kinds, 'kind')}" if kinds else goods
    if terms is None:
        return f"{of_kinds}."
    parts = [_achieved(name, got, shown) for name, got in terms.achieved.items()]
    if "redundancy" in terms.achieved:
        parts.append(f"likeness {max(0.0, terms.achieved['redundancy']):.2f}")
    told = [goods if "at_least category" in terms.achieved else of_kinds, *parts]
    return f"{', '.join(part for part in dict.fromkeys(told) if part)}; {_costs(terms.cost)}."


def _achieved(name: str, got: float, shown: int) -> str:
    part, _, column = name.partition(" ")
    word = plainly(column)
    if part == "at_most":
        return f"at most {got:.0f} of one {word}"
    if part == "at_least":
        return f"prices in {count(int(got), 'band')}" if column == "price" else count(int(got), word)
    if part == "apart" and got >= shown:
        return f"no two of one {word}"
    if part == "apart":
        return f"two of one {word} side by side" if got < 2 else f"no two of one {word} within {got:.0f} places"
    return f"nothing below {percent(got)} relevance" if part == "floor" and got > 0 else ""


def _costs(cost: float) -> str:
    if cost < 0.0005:
        return "costs no expected relevance"
    return f"costs {f'less than 1{NBSP}%' if cost < 0.01 else percent(cost)} of expected relevance"


def given(one: GaveWay) -> Given:
    """A part that gave way, in words.

    >>> given(GaveWay("at_least category", 12, 3, "the 8 candidates have only 3"))
    Given(asked='At least 12 different categories', said='the slate has 3. The 8 candidates have only 3.')
    """
    part, _, column = one.part.partition(" ")
    asked = WANTED[part](column, one.wanted)
    return Given(capital(asked), f"{GOT[part](one.got)}. {capital(_reason(one.why))}.")


def _reason(why: str) -> str:
    """Why, where a cap is named as one says it."""
    return CAP.sub(lambda found: f"at most {found[2]} of one {plainly(found[1])}", why)


WANTED: Mapping[str, Callable[[str, float], str]] = {
    "items": lambda _, wanted: count(int(wanted), "product"),
    "at_least": lambda column, wanted: (
        f"prices in {wanted:.0f} bands" if column == "price" else f"at least {wanted:.0f} different {many(plainly(column))}"
    ),
    "apart": lambda column, wanted: f"no two of one {plainly(column)} within {wanted:.0f} places",
    "floor": lambda _, wanted: f"relevance of at least {percent(wanted)}",
}

GOT: Mapping[str, Callable[[float], str]] = {
    "items": lambda got: f"the slate has {got:.0f}",
    "at_least": lambda got: f"the slate has {got:.0f}",
    "apart": lambda got: "two stand side by side" if got < 2 else f"the nearest two are {got:.0f} places apart",
    "floor": lambda got: f"the least has {percent(got)}",
}


def percent(share: float) -> str:
    """A share of 1 in whole per cent, the sign beside it."""
    return f"{int(100 * share + 0.5)}{NBSP}%"


def plainly(column: str) -> str:
    """A column as one says it: `derived_price_band` is a price band."""
    return column.removeprefix("derived_").replace("_", " ")


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def many(word: str) -> str:
    """Several of a thing.

    >>> many("category"), many("brand"), many("box"), many("day")
    ('categories', 'brands', 'boxes', 'days')
    """
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"


def count(number: int, one: str) -> str:
    """A number of things.

    >>> count(1, "kind"), count(2, "category")
    ('1 kind', '2 categories')
    """
    return f"{number:,} {one if number == 1 else many(one)}"


def loud(title: str) -> bool:
    """Whether a title is written in capitals alone, which a page shows as a sentence."""
    return title == title.upper()


def in_path(text: str) -> str:
    """An id within an address, whose slashes stay."""
    return quote(text, safe="/")
