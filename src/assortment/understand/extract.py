"""Sizes and models, by the patterns in which titles write them, English and Chinese."""

import re
from typing import NamedTuple

PLAIN, GUESSED = 0.9, 0.6
"""Confidence in a pattern that means but one thing (500 ml), and in one that may mean another (WH-1000, large)."""

MOST = 3
"""Sizes that are read from one title."""


class Found(NamedTuple):
    """A value and the confidence in it."""

    value: str
    confidence: float


_UNITS = {
    "ml": ("ml", "毫升", "millilitre", "millilitres", "milliliter", "milliliters"),
    "cl": ("cl",),
    "l": ("l", "升", "公升", "litre", "litres", "liter", "liters", "ltr"),
    "fl oz": ("fl oz", "fl. oz", "fl.oz", "fl. oz.", "floz", "fluid ounce", "fluid ounces"),
    "oz": ("oz", "oz.", "ounce", "ounces", "盎司"),
    "g": ("g", "gm", "gr", "gram", "grams", "克"),
    "kg": ("kg", "kgs", "千克", "公斤", "kilo", "kilos"),
    "mg": ("mg", "毫克"),
    "jin": ("斤",),
    "lb": ("lb", "lbs", "pound", "pounds"),
    "mm": ("mm", "毫米"),
    "cm": ("cm", "cms", "厘米", "公分"),
    "m": ("m", "米", "metre", "metres", "meter", "meters"),
    "inch": ("inch", "inches", "英寸", "寸", '"', "”", "''"),
    "ft": ("ft", "feet", "foot", "英尺"),
    "gb": ("gb",),
    "tb": ("tb",),
}
_SAID = {said: unit for unit, names in _UNITS.items() for said in names}
_UNIT = "|".join(re.escape(said) for said in sorted(_SAID, key=len, reverse=True))
_NUMBER = r"(?<![\w.,/-])\d{1,5}(?:[.,]\d{1,3})?|(?<=[\u3400-\u9fff])\d{1,5}(?:\.\d{1,3})?"
_BY = r"\s*[x×*]\s*"
_MEASURE = re.compile(
    rf"(?P<n>(?:{_NUMBER}|\.\d{{1,3}})(?:\s*(?:{_UNIT})?{_BY}\d{{1,5}}(?:[.,]\d{{1,3}})?){{0,2}})\s*-?(?P<unit>{_UNIT})(?![a-z0-9])",
    re.IGNORECASE,
)
_LETTER = re.compile(
    r"(?<![\w&'’.-])(?:(?P<alone>\d?XX?L|XXS|XS|XXXL)|size[:\s]+(?P<said>XXS|XS|S|M|L|\d?X{0,3}L))(?![\w&'’-])", re.IGNORECASE
)
_SHOE = re.compile(
    r"\b(?P<system>EU|UK|US)\s?(?P<n>\d{1,2}(?:\.5)?)\b(?!\s?(?:plug|pin|v\b))|(?P<code>(?:3[4-9]|4[0-8])(?:\.5)?)\s*码"
)
_PAPER = re.compile(r"(?<![\w-])A[2-6](?![\w-])")
_ROUGH = (
    ("extra large", r"\b(?:extra[ -]large|jumbo)\b|加大|特大号"),
    ("large", r"\blarge\b|大号|大码"),
    ("medium", r"\bmedium\b|中号"),
    ("small", r"\bsmall\b|小号|小码"),
    ("mini", r"\bmini\b|迷你"),
    ("one size", r"\bone size\b|均码"),
    ("king size", r"\bking[ -]size\b"),
    ("queen size", r"\bqueen[ -]size\b"),
)
_ROUGHLY = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _ROUGH]
_NETWORK = re.compile(r"\b[2-6]G\b")
_MODEL = re.compile(
    r"(?<![A-Za-z0-9-])(?=[A-Za-z0-9-]*[A-Za-z])(?=[A-Za-z0-9-]*\d[A-Za-z-]*\d)[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*(?![A-Za-z0-9-])"
)
_NO_MODEL = re.compile(r"(?:spf|pa|set|pack|lot|no|vol|size|uk|us|eu|age|year|led|x|w|h|d|l)-?\d+[a-z+]*|\d+.*", re.IGNORECASE)


def sizes(title: str) -> Found | None:
    """The measures in a title with `|` between them, in its order, at most `MOST`; None where there is none.

    Where there is no measure, a letter, a shoe's size or a sheet's; where there is none of these, a word such as large.

    >>> [sizes(title).value for title in ("Lotion 500ML", "Rug 120 x 80cm", "面霜50克", "Large mug")]
    ['500 ml', '120 x 80 cm', '50 g', 'large']
    >>> sizes("4G phone, 3 in 1") is None
    True
    """
    measured = [_measure(found) for found in _MEASURE.finditer(_NETWORK.sub(" ", title))]
    said = measured or [*_letters(title), *_shoes(title), *(found[0] for found in _PAPER.finditer(title))]
    if said:
        return Found("|".join(list(dict.fromkeys(said))[:MOST]), PLAIN)
    rough = next((name for name, pattern in _ROUGHLY if pattern.search(title)), None)
    return Found(rough, GUESSED) if rough else None


def _measure(found: re.Match[str]) -> str:
    """A measure as we write it: numbers with ` x ` between them, and the unit."""
    numbers = re.findall(r"\d*[.,]?\d+", found["n"])
    unit = _SAID[found["unit"].lower()]
    return f"{' x '.join(_plain(number) for number in numbers)} {unit}"


def _plain(number: str) -> str:
    """A number as we write it: 0.5 for .5 and 0,50.

    >>> _plain(".50"), _plain("1,5"), _plain("1,000")
    ('0.5', '1.5', '1000')
    """
    text = number.replace(",", "") if re.fullmatch(r"\d+,\d{3}", number) else number.replace(",", ".")
    return f"{float(text):g}"


def _letters(title: str) -> list[str]:
    return [(found["alone"] or found["said"]).upper() for found in _LETTER.finditer(title)]


def _shoes(title: str) -> list[str]:
    return [f"EU {found['code']}" if found["code"] else f"{found['system']} {found['n']}" for found in _SHOE.finditer(title)]


def models(title: str) -> Found | None:
    """The first code of letters and two digits or more that is no size, as models are numbered; None where there is none.

    >>> [models(title).value for title in ("Sony WH-1000XM4 headphones", "罗技G502鼠标")]
    ['WH-1000XM4', 'G502']
    >>> models("Sun cream SPF50, 200ml") is None
    True
    """
    for found in _MODEL.finditer(_MEASURE.sub(" ", title)):
        code = found[0]
        if len(code) >= 4 and not _NO_MODEL.fullmatch(code):
            return Found(code, GUESSED)
    return None
