"""Which encoder a shop's titles ask for: told by their letters, and by the small words of a language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assortment.core.arrays import strings
from assortment.core.catalog import Catalog
from assortment.language import me5

AUTO = "auto"
ENGLISH, MULTILINGUAL = "pkg:minilm", "pkg:me5-small"

MOST_TITLES = 5_000
"""Titles that are looked at, spread over the catalog."""

UNREAD = 0.1
"""The share of titles in letters of another script that asks for another encoder."""

FOREIGN = 0.05
"""The share of titles with the words of another language that asks for one, where fewer have those of English."""

SCRIPTS: Mapping[str, str] = {
    "CJK": "Chinese",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "HANGUL": "Korean",
    "CYRILLIC": "in Cyrillic letters",
    "ARABIC": "in Arabic letters",
    "HEBREW": "Hebrew",
    "GREEK": "Greek",
    "THAI": "Thai",
    "DEVANAGARI": "in Devanagari letters",
    "BENGALI": "Bengali",
    "TAMIL": "Tamil",
}
"""What is written in which letters, by the first word of their Unicode names."""

HEAVY = frozenset(["CJK", "HIRAGANA", "KATAKANA", "HANGUL"])
"""Letters of which each is a syllable or a word, and counts as three; those of SCRIPTS count as two, for brands are written in
Latin letters everywhere, and English titles in no others."""

SMALL_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "English": "with for and of the from by to black white red blue green women men womens mens kids size pack",
        "German": "mit für und aus zum zur der das den dem oder ohne von schwarz weiß rot blau grün damen herren kinder größe",
        "French": "avec pour et de du des la le les sans ou dans noir blanc rouge bleu vert femme homme enfant taille pièces",
        "Spanish": "con para y de del la el los las sin en negro blanco rojo azul verde mujer hombre niños talla piezas",
        "Portuguese": "com para e de do da dos das sem em preto branco vermelho azul verde mulher homem feminino masculino",
        "Italian": "con per e di del della dei delle senza da il lo nero bianco rosso blu verde donna uomo bambini taglia",
        "Dutch": "met voor en van de het een zonder uit zwart wit rood blauw groen dames heren kinderen maat stuks",
        "Polish": "z do na dla i ze bez oraz czarny biały czerwony niebieski zielony damska damskie męska męskie dzieci",
        "Swedish": "med för och av till utan från i på svart vit röd blå grön dam herr barn storlek",
        "Turkish": "ile için ve bir siyah beyaz kırmızı mavi yeşil kadın erkek çocuk beden adet",
    }.items()
}
"""Small words, colours and whom goods are for, which stand in titles of that language."""


@dataclass(frozen=True)
class Reading:
    """language: what most of the titles that say so are written in, as in `mostly Chinese`; encoder: the spec of the model to
    read them with; wanted: the one that would be better, where that is not installed."""

    language: str
    encoder: str
    wanted: str | None = None

    @property
    def said(self) -> str:
        """As the fit says it."""
        read = f"titles are {self.language}: read by {self.encoder}"
        if self.wanted is None:
            return read
        return f"{read}, which is for English; for {self.wanted}, which reads them: {me5.INSTALL}, and fit again"


def reading(catalog: Catalog) -> Reading:
    """Look at the titles of a catalog.

    >>> from assortment.core.arrays import Ids
    >>> reading(Catalog(Ids(("a", "b")), {"title": strings(["Lunch bag", None])}))
    Reading(language='English', encoder='pkg:minilm', wanted=None)
    """
    titles = [title for title in catalog.columns.get("title", strings([None] * len(catalog))) if title]
    language = written_in(titles[:: max(1, len(titles) // MOST_TITLES)])
    if language == "English":
        return Reading(language, ENGLISH)
    return Reading(language, MULTILINGUAL) if me5.installed() else Reading(language, ENGLISH, MULTILINGUAL)


def written_in(titles: Sequence[str]) -> str:
    """`English`, also where nothing says otherwise; `mostly` or `partly` another, where enough titles are written in it.

    Enough is a tenth in other letters, or a twentieth with small words of another language, if fewer have those of English. A
    title in several languages counts as that of most of its letters and words.

    >>> written_in(["红色午餐袋", "SK-II 神仙水 230ml", "Wall clock"]), written_in(["Lunch bag, red", "Crème brûlée dish"])
    ('mostly Chinese', 'English')
    >>> written_in(["Wanduhr mit Pendel", "Tasse für Tee", "Teapot"]), written_in(["Tote with bag", "袋", "Tea for two"])
    ('mostly German', 'partly Chinese')
    """
    scripts = Counter(script for title in titles if (script := _script(title)))
    foreign = Counter({script: n for script, n in scripts.items() if script in SCRIPTS})
    total = max(scripts.total(), 1)
    if foreign.total() >= UNREAD * total:
        return f"{'mostly' if foreign.total() > total / 2 else 'partly'} {_language(foreign)}"
    spoken = Counter(language for title in titles if (language := _spoken(title)))
    others = spoken.total() - spoken["English"]
    if others > spoken["English"] and others >= FOREIGN * total:
        del spoken["English"]
        return f"mostly {spoken.most_common(1)[0][0]}"
    return "English"


def _script(title: str) -> str | None:
    """The script of most of a title's letters, None where it has none."""
    letters = Counter(unicodedata.name(letter, "?").partition(" ")[0] for letter in title if letter.isalpha())
    weighed = {script: n * (3 if script in HEAVY else 2 if script in SCRIPTS else 1) for script, n in letters.items()}
    return max(weighed, key=weighed.__getitem__) if weighed else None


def _language(scripts: Counter[str]) -> str:
    """Kana beside ideographs are Japanese."""
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    return "Japanese" if kana * 5 > scripts["CJK"] > 0 else SCRIPTS[scripts.most_common(1)[0][0]]


def _spoken(title: str) -> str | None:
    """The language of most of a title's small words, None where it has none or two have as many."""
    words = re.findall(r"[^\W\d_]+", title.lower())
    known = Counter({language: sum(word in small for word in words) for language, small in SMALL_WORDS.items()})
    (first, most), (_, next_most) = known.most_common(2)
    return first if most > next_most else None
