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
    "MAP": Meaning(
        "at each thing they took, the share of the slate down to it that they took; the mean, 1 all on top", "higher", RIGHT
    ),
    "hit rate": Meaning("the share of the slates that held anything they took", "higher", RIGHT),
    "precision": Meaning("the share of the slate that they then took", "higher", RIGHT),
    "F1": Meaning("the harmonic mean of precision and recall", "higher", RIGHT),
    "Recall new": Meaning("recall among people of whom nothing was known", "higher", RIGHT),
    "NDCG new": Meaning("NDCG among people of whom nothing was known", "higher", RIGHT),
    **{
        f"Recall seen {seen}": Meaning(f"recall of goods that {people} had liked before", "higher", RIGHT)
        for seen, people in (
            ("0", "nobody"),
            ("1-2", "one or two people"),
            ("3-5", "three to five people"),
            ("6-20", "6 to 20 people"),
            ("over 20", "more than 20 people"),
        )
    },
    "Recall crossing": Meaning("recall of goods of kinds of which the person had nothing", "higher", RIGHT),
    "NDCG crossing": Meaning("NDCG of goods of kinds of which the person had nothing", "higher", RIGHT),
    "AUC": Meaning("how often a thing they took stands before one they did not; 0.5 is chance", "higher", RIGHT),
    "redundancy": Meaning("how alike two things on a slate are on average: 1 − ILD; 0 unrelated, 1 the same", "lower", VARIED),
    "redundancy labels": Meaning("the same by the shop's labels: how many of them two things share", "lower", VARIED),
    "redundancy bought": Meaning(
        "the same by who bought what: the audit, since nothing is chosen by it; 1 bought by the same people", "lower", VARIED
    ),
    "ILD": Meaning("the mean distance, 1 − cosine, between two things on a slate", "higher", VARIED),
    "EILD": Meaning("the same as it is read: from the top, near neighbours first", "higher", VARIED),
    "twins": Meaning("the share of the pairs on a slate that are nearly the same thing", "lower", VARIED),
    "aspects": Meaning("how many kinds of goods a slate holds", "higher", VARIED),
    "entropy": Meaning("how evenly a slate is spread over kinds; 0 one kind, 1 all different", "higher", VARIED),
    "S-recall": Meaning("the share of the kinds that the person is known to like that are on their slate", "higher", VARIED),
    "α-nDCG": Meaning("NDCG over the kinds of what they took, each worth half when it is met again", "higher", VARIED),
    "ERR-IA": Meaning("how soon who cares for one of these kinds has what they want; 1 at once", "higher", VARIED),
    "miscalibration": Meaning(
        "how far the mix of kinds on a slate is from the mix in the person's past; 0 the same", "", VARIED
    ),
    "JS": Meaning("the same by Jensen and Shannon: what is added counts, too; 0 the same, 1 nothing in common", "", VARIED),
    "Hellinger": Meaning("the same by Hellinger; 0 the same, 1 nothing in common", "", VARIED),
    "unexpectedness": Meaning("how far a slate is from what the person had; 0 the same, 1 unrelated", "", VARIED),
    "serendipity": Meaning("the same of what they then took, as a part of the slate", "higher", VARIED),
    "short": Meaning("the share of the slates that have fewer goods than were asked for", "lower", WHOLE),
    "coverage": Meaning("the share of the shop's goods that stand on somebody's slate", "higher", WHOLE),
    "Gini": Meaning("how unevenly the places are given to the goods; 0 all alike, 1 one has all", "lower", WHOLE),
    "effective catalog": Meaning("as many goods, all shown alike, would be as evenly spread", "higher", WHOLE),
    "personalisation": Meaning("how little two people's slates share; 0 all see the same, 1 nothing shared", "higher", WHOLE),
    "inequity": Meaning(
        "how far the attention that sellers get is from the liking they had; 0 as deserved, 2 the opposite", "lower", WHOLE
    ),
    "EPC": Meaning("how likely a thing is one that the person does not know; 0 everybody's, 1 nobody's", "", WHOLE),
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
