"""What each measure says, in one line, and which way is better."""

from dataclasses import dataclass

GROUPS = RIGHT, VARIED, WHOLE, OTHERS = "Is it right?", "Is a slate varied?", "Does the whole shop get its turn?", "Others"


@dataclass(frozen=True)
class Meaning:
    """better: "higher", "lower", or "" where neither is better by itself; group: what it looks at."""

    line: str
    better: str = ""
    group: str = OTHERS


MEANINGS = {
    "Recall": Meaning("the share of what people then took that stood on their slate", "higher", RIGHT),
    "NDCG": Meaning("the same, and the more the higher it stood; 1 where everything they took stood on top", "higher", RIGHT),
    "MRR": Meaning(
        "one over the place of the first thing they took; 1 the first place, 0 where it is not there", "higher", RIGHT
    ),
    "precision": Meaning("the share of the slate that they then took", "higher", RIGHT),
    "F1": Meaning("the harmonic mean of precision and recall", "higher", RIGHT),
    "Recall new": Meaning("recall among people of whom nothing was known", "higher", RIGHT),
    "NDCG new": Meaning("NDCG among people of whom nothing was known", "higher", RIGHT),
    "AUC": Meaning("how often a thing they took stands before one they did not; 0.5 is chance", "higher", RIGHT),
    "redundancy": Meaning("how alike two things on a slate are on average: 1 − ILD; 0 unrelated, 1 the same", "lower", VARIED),
    "ILD": Meaning("the mean distance, 1 − cosine, between two things on a slate", "higher", VARIED),
    "twins": Meaning("the share of the pairs on a slate that are nearly the same thing", "lower", VARIED),
    "aspects": Meaning("how many kinds of goods a slate holds", "higher", VARIED),
    "entropy": Meaning("how evenly a slate is spread over kinds; 0 one kind, 1 all different", "higher", VARIED),
    "miscalibration": Meaning(
        "how far the mix of kinds on a slate is from the mix in the person's past; 0 the same", "", VARIED
    ),
    "short": Meaning("the share of the slates that have fewer goods than were asked for", "lower", WHOLE),
    "coverage": Meaning("the share of the shop's goods that stand on somebody's slate", "higher", WHOLE),
    "Gini": Meaning("how unevenly the places are given to the goods; 0 all alike, 1 one has all", "lower", WHOLE),
    "novelty": Meaning("how surprising the goods are, in bits: 1 more is half as well known", "", WHOLE),
}


def base(name: str) -> str:
    """The measure without the length of its slates.

    >>> base("NDCG@10")
    'NDCG'
    """
    return name.split("@")[0]


def meaning(name: str) -> Meaning:
    """What a measure says; an unknown one has no line."""
    return MEANINGS.get(base(name), Meaning(""))
