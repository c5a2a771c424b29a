"""What people read, in their language: sentences made in English, found again in a catalogue.

Results, JSON and errors speak English. What is shown to people is turned as it is written: a
catalogue has English sentences with holes (`{name}`) and what they are in the other language, so
that rooms which make sentences know nothing of languages. A hole holds words, which are turned in
turn; `{n#}` holds figures, `{each*}` a list of things with commas, `{path!}` what stays
as it is, `{why~}` words of several sentences.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tiermix.core.figures import three_digits

LANGUAGES = ("en", "zh")
CATALOGUES = Path(__file__).parent / "languages"
HOLE = re.compile(r"\{(\w+)([#*!~]?)\}")
WORDS = r"(?:(?![.;]\s).)+?"
FIGURES = r"(?:[^a-z]|(?<=[\d.])[km]|pp)+?"
SENTENCES = re.compile(r"(?<=\.)\s+(?=[A-Z*])")
CLAUSES = re.compile(r";\s+(?![^(]*\))")
SHAPES = {"": WORDS, "*": WORDS, "#": FIGURES, "!": r".+?", "~": r".+?"}
LABELLED = re.compile(r"[a-z ]+: \{\w+~\}")
LETTERS = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class _Sentence:
    """A sentence with holes: how it is recognised, and what it is in the other language.

    `needle` is its longest part between holes, which is looked for first: that is fast.
    """

    needle: str
    pattern: re.Pattern[str]
    meaning: str
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class Catalogue:
    """What is fixed, by its English, and sentences with holes, the most telling first."""

    language: str
    fixed: Mapping[str, str]
    sentences: tuple[_Sentence, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)

    def turned(self, text: str) -> str:
        """The text in this language; as it is where the catalogue does not know it."""
        if not LETTERS.search(text):
            return figures_in_chinese(text)
        if text not in self.known:
            self.known[text] = self._turned(text)
        return self.known[text]

    def _turned(self, text: str) -> str:
        bare = text.strip()
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        found = self._whole(bare)
        if found is None and bare.endswith("."):  # a clause that was made a sentence
            clause = self._whole(bare[:-1])
            found = clause and f"{clause}。"
        for split, between in (SENTENCES, ""), (CLAUSES, "；"):
            parts = split.split(bare) if found is None else []
            if len(parts) > 1:
                found = between.join(map(self.turned, parts))
        return figures_in_chinese(text) if found is None else f"{before}{found}{after}"

    def _whole(self, text: str) -> str | None:
        for book in (self.names, self.fixed):
            for form in (text, text[:1].lower() + text[1:], _plain(text)):
                if form in book:
                    return book[form]
        for sentence in self.sentences:
            match = sentence.pattern.fullmatch(text) if sentence.needle in text else None
            if match:
                return self._filled(sentence, match.groupdict())
        return None

    def _filled(self, sentence: _Sentence, held: Mapping[str, str]) -> str:
        words = {name: self._held(sentence.kinds[name], text) for name, text in held.items()}
        return HOLE.sub(lambda hole: words[hole[1]], sentence.meaning)

    def _held(self, kind: str, text: str) -> str:
        if kind == "*":
            return "、".join(map(self._item, text.split(", ")))
        return text if kind == "!" else self.turned(text)

    def _item(self, text: str) -> str:
        """A thing of a list, which may bear a figure: `seo ¥12k`."""
        name, _, figure = text.rpartition(" ")
        if name and not LETTERS.search(figure.rstrip("kM")) and text not in self.fixed:
            return f"{self.turned(name)} {figures_in_chinese(figure)}"
        return self.turned(text)


def _plain(text: str) -> str:
    """A key such as `new_customers` with blanks; a sentence as it is."""
    return text if " " in text else text.replace("_", " ")


_speaks: ContextVar[Catalogue | None] = ContextVar("language", default=None)


@contextmanager
def speaking(language: str, names: Mapping[str, str] | None = None) -> Iterator[None]:
    """Within this, `said` turns into the language; `names` are words of the user's own."""
    if language == "en":
        token = _speaks.set(None)
    else:
        book = catalogue(language)
        token = _speaks.set(Catalogue(language, book.fixed, book.sentences, names or {}))
    try:
        yield
    finally:
        _speaks.reset(token)


def language() -> str:
    """The language that is spoken."""
    book = _speaks.get()
    return "en" if book is None else book.language


def said(text: str) -> str:
    """A text in the language that is spoken."""
    book = _speaks.get()
    return text if book is None else book.turned(text)


def named(english: str, other: str) -> str:
    """A thing's name in the language that is spoken; `other` is its name in Chinese, if any."""
    return english if _speaks.get() is None else other or said(english)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language, from its file."""
    with open(CATALOGUES / f"{language}.toml", "rb") as file:
        parts = tomllib.load(file)
    pairs = {english: other for part in parts.values() for english, other in part.items()}
    holed = sorted((e for e in pairs if HOLE.search(e)), key=_telling, reverse=True)
    sentences = tuple(_sentence(english, pairs[english]) for english in holed)
    return Catalogue(language, {e: o for e, o in pairs.items() if not HOLE.search(e)}, sentences)


def _telling(english: str) -> tuple[bool, int]:
    """A label before whatever is recognised first; else, how many letters of it are its own."""
    return LABELLED.fullmatch(english) is not None, len(HOLE.sub("", english))


def _sentence(english: str, meaning: str) -> _Sentence:
    kinds, parts, end = {}, [], 0
    for hole in HOLE.finditer(english):
        parts.append(re.escape(english[end : hole.start()]))
        kinds[hole[1]] = hole[2]
        parts.append(f"(?P<{hole[1]}>{SHAPES[hole[2]]})")
        end = hole.end()
    pattern = "".join([*parts, re.escape(english[end:])])
    whole = re.split(r"\{\w+[#*!~]?\}", english)
    if english[0].isalpha():  # what begins a sentence also stands within one
        first = english[0]
        pattern = f"[{first.upper()}{first.lower()}]{pattern[1:]}"
        whole[0] = whole[0][1:]
    needle = max(whole, key=len)
    return _Sentence(needle, re.compile(pattern, re.DOTALL), meaning, kinds)


SHORT = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(k|M|B)(?!\w)")
SIZES = {"k": 1e3, "M": 1e6, "B": 1e9}


def figures_in_chinese(text: str) -> str:
    """`¥4.72M` as ¥472万, `3 %` as 3%: thousands are no unit in Chinese, ten thousands are."""
    text = SHORT.sub(lambda m: _ten_thousands(float(m[1].replace(",", "")) * SIZES[m[2]]), text)
    return re.sub(r"[\u00a0 ]%", "%", text).replace("\u00a0pp", "个百分点")


def _ten_thousands(size: float) -> str:
    for unit, name in ((1e8, "亿"), (1e4, "万")):
        if size >= unit:
            return f"{three_digits(size / unit)}{name}"
    return f"{size:,.0f}"
