"""A model so small that it is trained in a second, and a shop whose people go from one word to another."""

import json
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Event
from tests import world

PAIRS = (
    ("anvil", "hammer"),
    ("kettle", "teapot"),
    ("saddle", "bridle"),
    ("needle", "thread"),
    ("paddle", "canoe"),
    ("easel", "brush"),
)
"""What goes with what. A model that has read nothing does not know."""

COLOURS = ("red", "blue", "green", "white")


def folder(at: Path) -> Path:
    """A sentence-transformers folder with random weights and the words of the shop."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *COLOURS, *(word for pair in PAIRS for word in pair), *"abcdefgh"]
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    model = BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=64, initializer_range=0.2, **sizes))
    model.save_pretrained(at)
    tokenizer.save(str(at / "tokenizer.json"))
    (at / "1_Pooling").mkdir()
    (at / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": "mean"}))
    return at


def catalog() -> Catalog:
    """Each word in each colour."""
    titles = [f"{colour} {word}" for pair in PAIRS for word in pair for colour in COLOURS]
    kinds = [f"{place}" for place, pair in enumerate(PAIRS) for _ in range(len(pair) * len(COLOURS))]
    return Catalog(Ids([f"g{place}" for place in range(len(titles))]), {"title": strings(titles), "category": strings(kinds)})


def dataset(people: int = 160, goods: Catalog | None = None) -> Dataset:
    """Everyone takes goods of two words that go together, in turn: whoever has a red anvil takes some hammer next."""
    goods, rng, log = goods or catalog(), np.random.default_rng(3), []
    for person in range(people):
        pair = rng.integers(len(PAIRS))
        first, second = (rng.permutation(len(COLOURS)) + len(COLOURS) * (2 * pair + side) for side in (0, 1))
        order = np.stack([first, second], 1).ravel()[: rng.integers(4, 8)]
        log += [
            Event(f"p{person:03}", f"g{item}", "purchase", world.START + day * world.DAY + person)
            for day, item in enumerate(order)
        ]
    return Dataset(goods, world.log(sorted(log, key=lambda event: event.time), goods))
