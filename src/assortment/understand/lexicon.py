"""Names, such as brands, learnt from the goods of which the shop says them, and found in the titles of the others."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Strings
from assortment.understand.words import Words, phrase, tokenised


@dataclass(frozen=True, eq=False)
class Lexicon:
    """words: what of a title means which name; trust: how sure each phrase is, in (0, 1]."""

    words: Words
    trust: Mapping[str, float]

    def __call__(self, title: str) -> tuple[str | None, float]:
        """The name that is said first in a title and how sure that is; None and NaN where there is none."""
        tokens = tokenised(title)
        place = 0
        while place < len(tokens):
            said = self.words.longest(tokens[place:])
            if said:
                return self.words.label[said], self.trust[said]
            place += 1
        return None, float("nan")


def fit_lexicon(titles: list[str], names: Strings, certain: float) -> Lexicon:
    """The lexicon of the names [n], None where the shop says none, of goods with these titles.

    A name is trusted as often as it is right: of the labelled goods whose titles say it first, the share that bear it, reckoned
    with one more that does and one more that does not (Laplace). Kept are names that some title says, with a trust of `certain`
    or more.
    """
    label = {phrase(name): name for name in dict.fromkeys(names) if isinstance(name, str) and phrase(name).strip("/ ")}
    plain = Lexicon(Words(label), dict.fromkeys(label, 1.0))
    said, right = Counter[str](), Counter[str]()
    for title, name in zip(titles, names, strict=True):
        found, _ = plain(title) if isinstance(name, str) and name else (None, 0)
        if found is not None:
            said[phrase(found)] += 1
            right[phrase(found)] += phrase(found) == phrase(str(name))
    trust = {one: (right[one] + 1) / (said[one] + 2) for one in said}
    kept = {one: float(np.float32(sure)) for one, sure in trust.items() if right[one] and sure >= certain}
    return Lexicon(Words({one: label[one] for one in kept}), kept)
