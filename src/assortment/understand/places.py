"""The way through a tree of categories: chances of the lowest, of all, and how far down one may go."""

import numpy as np
from scipy.special import softmax

from assortment.core.arrays import Rows, Scores
from assortment.understand.taxonomy import STEP, Taxonomy

TEMPERATURE = 0.06
"""Of the softmax over the cosines of siblings, where nothing was labelled to learn it from."""


def spoken(tree: Taxonomy) -> list[str]:
    """Each path as a text, the last step first, for it says most.

    >>> spoken(Taxonomy(("Home", "Home > Kitchen & Bar")))
    ['Home', 'Kitchen & Bar | Home']
    """
    return [" | ".join(reversed(path.split(STEP))) for path in tree.paths]


def by_likeness(tree: Taxonomy, likeness: Scores) -> Scores:
    """[n, m] the chance that a text belongs at or under each path, from its likeness to the words of each [n, m].

    From the top down, each time a softmax over siblings, of the most that the text is like any path at or under each: so a
    branch of many categories is no likelier for that.
    """
    most = likeness.T.copy()
    for row in np.arange(len(tree))[::-1]:
        parent = tree.parents[row]
        if parent >= 0:
            most[parent] = np.maximum(most[parent], most[row])
    chance = np.ones_like(most)
    for parent, children in tree.families:
        share = softmax(most[children] / TEMPERATURE, axis=0)
        chance[children] = share if parent < 0 else share * chance[parent]
    return chance.T


def summed(tree: Taxonomy, chance: Scores) -> Scores:
    """[n, m] the chance of belonging at or under each path, from that of belonging exactly there [n, m].

    >>> summed(Taxonomy(("Home", "Home > Mugs", "Home > Pans")), np.array([[0, 0.25, 0.75]])).tolist()
    [[1.0, 0.25, 0.75]]
    """
    total = chance.T.copy()
    for row in np.arange(len(tree))[::-1]:
        if tree.parents[row] >= 0:
            total[tree.parents[row]] += total[row]
    return total.T


def deepest(tree: Taxonomy, chance: Scores, certain: float) -> Rows:
    """For each text [n] the path where it is placed, -1 where it is certain of none.

    From the top down to the likeliest child, as long as that has a chance of `certain` or more (Deng et al., CVPR 2012, hedge
    their bets alike).

    >>> tree = Taxonomy(("Home", "Home > Mugs", "Home > Pans", "Toys"))
    >>> deepest(tree, np.array([[0.9, 0.5, 0.4, 0.1], [0.9, 0.7, 0.2, 0.1], [0.5, 0.5, 0.0, 0.5]]), 0.6)
    array([ 0,  1, -1])
    """
    children = dict(tree.families)
    placed = np.full(len(chance), -1, np.int64)
    for row, chances in enumerate(chance):
        under = children[-1]
        while under is not None and chances[best := int(under[chances[under].argmax()])] >= certain:
            placed[row], under = best, children.get(best)
    return placed


def first_step(tree: Taxonomy, chance: Scores) -> Rows:
    """For each text [n] the likeliest of the paths of one step."""
    top = np.flatnonzero(tree.parents < 0)
    return top[chance[:, top].argmax(1)]
