"""Whitening: text vectors of one shop crowd in a narrow cone; this spreads them over all directions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Vectors
from assortment.core.errors import BadInput, within
from assortment.language.vectors import unit

SCARCE = 4
"""Goods to a component below which its variance is not to be trusted."""


@dataclass(frozen=True, eq=False)
class Whitening:
    """mean [dims in], matrix [dims in, dims out] as fitted on a catalog; to be applied to its vectors and to queries alike."""

    mean: Vectors
    matrix: Vectors

    def __call__(self, vectors: Vectors) -> Vectors:
        """[n, dims out] unit rows; zero rows, which say nothing, stay zero."""
        if vectors.shape[1] != len(self.mean):
            raise BadInput(f"vectors of {vectors.shape[1]} dimensions for a whitening of {len(self.mean)}; fit again")
        says = vectors.any(axis=1, keepdims=True)
        return unit(np.where(says, (vectors - self.mean) @ self.matrix, 0))


def fit_whitening(vectors: Vectors, dims: int = 256, shrinkage: float = 0.0) -> Whitening:
    """Mean-centre, then principal components over the root of their variance: `(x - mean) U (S + e)^-1/2`.

    After Su et al. (2021, arXiv 2103.15316) and, for recommendation, WhitenRec (Zhang et al., 2024). vectors [n, d] unit rows;
    zero rows are left out. dims: 1 … d; where the catalog spans fewer, the rest are zeros. shrinkage: 0 full whitening … large,
    only centring and projecting; e is the mean variance of the c components kept, times shrinkage + (4 c / n)^2: with few goods
    to a component its variance is not known, and full whitening would put all goods equally far from one another.
    """
    within("dims", dims, 1, vectors.shape[1])
    within("shrinkage", shrinkage, 0, float("inf"))
    spoken = vectors[vectors.any(axis=1)].astype(np.float64)
    alike = not len(spoken) or bool(np.ptp(spoken, axis=0).max() < 1e-6)
    mean = np.zeros(vectors.shape[1]) if alike else spoken.mean(0)
    variance, directions = _components(spoken - mean, dims)
    kept = variance > 1e-9
    scale = np.zeros(dims)
    if kept.any():
        scale[kept] = (variance[kept] + variance[kept].mean() * (shrinkage + (SCARCE * kept.sum() / len(spoken)) ** 2)) ** -0.5
    return Whitening(mean.astype(np.float32), (directions * scale).astype(np.float32))


def _components(centred: NDArray[np.float64], dims: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The variances of the first principal components, largest first, and their directions [d, dims], signs settled."""
    variance, directions = np.linalg.eigh(centred.T @ centred / max(len(centred), 1))
    variance, directions = variance[::-1][:dims], directions[:, ::-1][:, :dims]
    largest = directions[np.abs(directions).argmax(0), np.arange(dims)]
    return variance, directions * np.where(largest < 0, -1, 1)
