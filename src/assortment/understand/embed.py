"""What goods mean, as vectors."""

from dataclasses import dataclass

import numpy as np

from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.stage import Encoder
from assortment.language.cache import cached
from assortment.language.encode import encoder_for
from assortment.language.verbalise import verbalise
from assortment.language.whiten import Whitening, fit_whitening


@dataclass(frozen=True)
class Embed:
    """The column `vector` [n, dims]: the text of each item, encoded and whitened; unit rows, zeros where there is no word.

    encoder: a spec, as `open_encoder` reads it, or `auto`, for the one that the titles ask for; dims: 1 … those of the encoder
    (where it has fewer, those are taken).
    """

    encoder: str = "auto"
    dims: int = 256

    def __post_init__(self) -> None:
        within("dims", self.dims, 1, 65_536)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Embedded":
        encoder = cached(encoder_for(self.encoder, dataset.catalog))
        vectors = encoder.encode(verbalise(dataset.catalog))
        return Embedded(encoder, fit_whitening(vectors, min(self.dims, vectors.shape[1])))


@dataclass(frozen=True, eq=False)
class Embedded:
    """The encoder and the whitening that the catalog was fitted with; another model behind the same name is refused."""

    encoder: Encoder
    whitening: Whitening

    def __call__(self, catalog: Catalog) -> Catalog:
        return catalog.with_column("vector", self.whitening(self.encoder.encode(verbalise(catalog))))
