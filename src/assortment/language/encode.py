"""Which encoder: one spec string chooses."""

from assortment.core.catalog import Catalog
from assortment.core.errors import BadSetting, did_you_mean
from assortment.core.stage import Encoder
from assortment.language.choose import AUTO, reading
from assortment.language.endpoint import open_endpoint
from assortment.language.hashing import open_hashing
from assortment.language.onnx import open_onnx
from assortment.language.transformer import open_transformer

KINDS = {
    "pkg": open_onnx,
    "onnx": open_onnx,
    "hf": open_transformer,
    "openai": open_endpoint,
    "hash": open_hashing,
}


def open_encoder(spec: str) -> Encoder:
    """The encoder that a spec names.

    `pkg:minilm` comes with the package (English); `pkg:me5-small` reads about a hundred languages and needs the `models` extra,
    from which it is made when it is first opened; `onnx:<folder>` holds model.onnx and tokenizer.json; `hf:<name or folder>`
    is a sentence-transformers model and needs the `train` extra; `openai:<base url>#<model>` is an endpoint that speaks
    /embeddings; `hash:<dims>` knows no language and is for tests. Raises `BadSetting` or `UnknownName` for a spec that means
    nothing and `EncoderError` for a model that is not there.

    >>> encoder = open_encoder("hash:64")
    >>> encoder.encode(["red lunch bag", "lunch bag, red", "!"]) @ encoder.encode(["lunch bag"])[0] > 0.5
    array([ True,  True, False])
    """
    kind, colon, rest = spec.partition(":")
    if kind not in KINDS:
        raise did_you_mean("kind of encoder", kind, KINDS)
    if not colon or not rest:
        raise BadSetting(f"encoder '{spec}' does not say which; write it as in pkg:minilm, onnx:FOLDER or hf:NAME")
    return KINDS[kind](spec)


def encoder_for(spec: str, catalog: Catalog) -> Encoder:
    """The encoder that a spec names; for `auto`, the one that the titles of the catalog ask for, as in `choose.reading`."""
    return open_encoder(reading(catalog).encoder if spec == AUTO else spec)
