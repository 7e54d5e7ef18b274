"""What the program knows of written Indonesian: bytes to text, text to sentences, words and stems."""

from __future__ import annotations

import importlib.metadata
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

__all__ = ["WORD", "decode", "fold", "sentences", "stemmer", "stemmer_conflict"]

# A word is a run of letters and digits; combining accents, zero-width marks and soft hyphens inside it do not break it.
# Hyphens do: `Tiongkok-Rusia` is two words, or neither actor would be seen.
WORD = re.compile(r"[^\W_]+(?:[\u00ad\u0300-\u036f\u200b-\u200f\u2060\ufeff]+[^\W_]*)*")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

# Abbreviations whose full stop ends no sentence: titles, ranks, degrees, units and the usual short forms of portals.
_ABBREVIATIONS = frozenset(
    """
    no rp dr drs dra prof ir h hj kh st jl jln tn ny sdr kol jend letjen mayjen brigjen letkol kapt lettu serka
    irjen komjen kombes akp akbp ipda iptu pt cv tbk dll dsb dst tgl hlm hal vol ed red a.n d.a s.d u.p dkk mr mrs
    ms jr sr lt gen col sgt sen rep gov capt maj s.h s.e s.t s.ip s.sos s.pd s.ag s.kom m.h m.si m.a m.m m.sc m.hum
    m.pd ph.d b.a b.sc c.q purn u.s a.s u.n u.k e.g i.e vs al art ps
    """.split()
)
_INK = re.compile(r"\S")
_LOOK_BACK = 300  # characters; bounds the work on text without any sentence end
_STOP = re.compile(r"[.!?…]+[\"”’'»)\]]*")
_GLUED = re.compile(r"[\"“]?[A-Z][a-z]")
# Where Sastrawi cuts too much of words that reports turn on (`membantah`, denies, becomes `ban`, a tyre); found by reading
# the short stems of all words that stand three times or more in labels.csv.
_CORRECTED = {
    word: stem
    for stem, words in {
        "bantah": "membantah dibantah membantahnya dibantahnya terbantah",
        "selidik": "penyelidikan menyelidiki diselidiki penyelidik",
        "tarik": "penarikan", "kuasa": "dikuasai dikuasainya", "setuju": "menyetujui disetujui persetujuan",
        "tikai": "bertikai pertikaian", "tegak": "penegakan menegakkan", "kobar": "mengobarkan", "langkah": "melangkah",
        "bajak": "pembajakan", "nilai": "dinilainya bernilai penilaian", "pasukan": "pasukannya", "telan": "menelan",
        "penting": "berkepentingan", "kabar": "mengabarkan", "rampok": "perampokan", "kawal": "pengawalan",
        "berat": "berkeberatan", "temu": "ditemui", "belas": "belasan", "lapis": "berlapis", "petik": "petikannya",
    }.items()
    for word in words.split()
}  # fmt: skip
# How a word must begin for a rule on prefixes or infixes to change it. Sastrawi tries all 38 on every word, up to six times;
# passing over them where none can match halves the time for new words, half of which are names.
_PREFIXED = re.compile("be|di|ke|se|me|pe|te|ku|kau|[^aiueo](?:er|el|em|in)[aiueo]")
_OPENING = "\"“‘'«(["


class _Undecodable(ValueError):
    """Bytes that no supported encoding explains."""


def decode(data: bytes) -> str:
    """Text of `data`: UTF-8 (with or without BOM), UTF-16, or cp1252 where that is unmistakable.

    UTF-16 is taken with its byte-order mark, or without one when every second byte of the first two thousand is mostly
    NUL. cp1252 is taken when no control byte of it is used and high bytes are under a tenth of the text.

    Raises ValueError that names the offset of the first byte that is not UTF-8.
    """
    if data.startswith(b"%PDF"):
        raise _Undecodable("this is a PDF; take its text out first (pdftotext does) and give that")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="surrogatepass").lstrip("\ufeff")
    head = data[:2000]
    for codec, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(head) >= 8 and zeros.count(0) > 0.6 * len(zeros):
            return data.decode(codec)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        high = sum(byte >= 0x80 for byte in data)
        if high < 0.1 * len(data) and not re.search(rb"[\x00-\x08\x0e-\x1f\x81\x8d\x8f\x90\x9d]", data):
            return data.decode("cp1252")
        raise _Undecodable(
            f"byte 0x{data[error.start]:02x} at offset {error.start} is neither UTF-8 nor plainly cp1252 or UTF-16; "
            "save the page as UTF-8 and try again"
        ) from None


def fold(word: str) -> str:
    """The comparable form of a word: compatibility characters resolved, invisible marks removed, lower case."""
    if word.isascii():
        return word.lower()
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", word)).lower()


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans `(start, end)` of the sentences of `text`, in order, without the white space between them.

    A full stop ends no sentence after an abbreviation (`Kemenlu`-style short forms have none), an initial (`J. Biden`),
    inside a number (`Rp 1.000`) or a web address, or inside an open bracket. A missing space after it
    (`… kata dia.Putin …`) does not hide the end where a lower-case word meets a capital.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOP.finditer(text):
        if stop.end() < start or not _ends_sentence(text, start, stop):
            continue
        begin = _first_letter(text, start)
        if begin < stop.end():
            spans.append((begin, stop.end()))
        start = stop.end()
    if text[start:].strip():
        spans.append((_first_letter(text, start), len(text.rstrip())))
    return spans


def _first_letter(text: str, start: int) -> int:
    """The place of the first character from `start` on that is no white space."""
    found = _INK.search(text, start)
    return found.start() if found else len(text)


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    after = text[stop.end() : stop.end() + 40]
    before = text[max(start, stop.start() - _LOOK_BACK) : stop.start()]
    if before.count("(") > before.count(")"):
        return False
    if not after:
        return True
    following = after.lstrip()
    glued = following == after
    if not following:
        return True
    starts_new = following[0].isupper() or following[0].isdigit() or following[0] in _OPENING
    if not starts_new:
        return False
    last = before.split()[-1].lstrip(_OPENING) if before.split() else ""
    if glued:  # no space: only `word.Capital`, never `1.000`, `Medcom.id`, `U.S`
        mark = stop.group()
        if mark == "." and last.endswith(")"):
            return bool(_GLUED.match(after))
        if mark == ".":
            return bool(re.search(r"[a-z]{3}$", last)) and bool(_GLUED.match(after)) and "." not in last
        return len(mark) > 1 or following[0] not in _OPENING
    if stop.group() == ".":
        word = last.lower()
        if word in _ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last.isupper()):
            return False
        if word.isdigit() and len(last) <= 2 and not before[: -len(last)].strip():
            return False  # `1. Kremlin …`: the number of a list item
    return True


@lru_cache(maxsize=1)
def stemmer() -> Callable[[str], str]:
    """The Sastrawi stemmer for one folded word; it remembers the stems of the last 65,536 words.

    Words with letters outside a-z are left as they are: Sastrawi would drop those letters.
    """
    from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
    from Sastrawi.Stemmer.Stemmer import Stemmer
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

    roots = ArrayDictionary()
    roots.words = {root: root for root in StemmerFactory().get_words() if root.strip()}  # in one go, not 30,000 calls
    whole, suffixes = Stemmer(roots), Stemmer(roots)
    suffixes.visitor_provider.prefix_visitors = []

    @lru_cache(maxsize=1 << 16)
    def stem(word: str) -> str:
        if word in _CORRECTED:
            return _CORRECTED[word]
        if not (word.isascii() and word.isalpha() and len(word) <= 60):
            return word
        return str((whole if _PREFIXED.match(word) else suffixes).stem_word(word))

    return stem


def stemmer_conflict() -> str | None:
    """One line on how to mend the installation when the 2016 package `Sastrawi` stands beside PySastrawi, else None."""
    try:
        version = importlib.metadata.version("Sastrawi")
    except importlib.metadata.PackageNotFoundError:
        return None
    return (
        f"The 2016 package Sastrawi {version} is installed and writes over PySastrawi's files (the same stems, about 500 "
        "times slower). Mend it with: pip uninstall -y Sastrawi PySastrawi && pip install PySastrawi"
    )
