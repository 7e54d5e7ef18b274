"""Bytes to text, text to sentences, words and stems."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
from Sastrawi.Stemmer.Stemmer import Stemmer
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from stance.lexicon import stem_of
from stance.text import _CORRECTED, WORD, decode, fold, sentences
from training.labels import read_labels

SASTRAWI = Stemmer(ArrayDictionary(StemmerFactory().get_words()))


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Harga naik menjadi Rp 1.000 per kilogram sejak Selasa (30/12) menurut Kemenlu.",
        "Surat No. 17 ditandatangani Dr. Haryo Santosa, S.H., di Jakarta.",
        "Menurut J. Biden dan A. M. Siregar, warga di Kyiv, Lviv, dsb. sudah pulang.",
        "Laporan itu dimuat Medcom.id dan laman kremlin.ru kemarin.",
        "Presiden (ia tiba Senin. Ia pulang Selasa) tidak berkomentar.",
    ],
)
def test_abbreviations_numbers_and_brackets_end_no_sentence(text: str) -> None:
    assert cut(text) == [text]


def test_a_missing_space_after_a_full_stop_does_not_hide_the_end() -> None:
    assert cut("Itu kata dia.Putin lalu pergi.") == ["Itu kata dia.", "Putin lalu pergi."]
    assert cut('"Kami siap," kata Lavrov. "Mereka tidak."') == ['"Kami siap," kata Lavrov.', '"Mereka tidak."']


@given(st.text())
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    spans = sentences(text)
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_pages_in_the_usual_encodings_are_read(codec: str) -> None:
    text = "Juru bicara itu mengatakan “tidak” kepada wartawan di Moskow – dan pergi tanpa menjawab pertanyaan lain."
    assert decode(text.encode(codec)) == text


def test_bytes_of_no_known_encoding_name_their_offset() -> None:
    with pytest.raises(ValueError, match="offset 7"):
        decode(b"Moskow \x81\x8d\x90 \x00\x01")


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("tidak", "tidak"),
        ("bukan", "bukan"),
        ("belum", "belum"),
        ("menolak", "tolak"),
        ("membantah", "bantah"),
        ("AS", "as"),
    ],
)
def test_negation_and_short_words_survive_the_stemmer(word: str, stem: str) -> None:
    assert stem_of(fold(word)) == stem


def test_hyphens_split_words_and_invisible_marks_do_not() -> None:
    assert WORD.findall("Tiongkok-Rusia") == ["Tiongkok", "Rusia"]
    assert [fold(word) for word in WORD.findall("Pu\u00adtin dan Mos\u200bkow")] == ["putin", "dan", "moskow"]


@given(st.text())
def test_folding_is_stable(text: str) -> None:
    for word in WORD.findall(text):
        assert stem_of(fold(word)) == stem_of(fold(fold(word)))


AFFIXED = st.lists(
    st.sampled_from(
        "be ber bel di ke se me mem men meng menge meny memper pe pem pen peng penge peny per pel te ter ku kau "
        "er el em in kan an i is isme isasi lah kah tah pun ku mu nya bantah tuduh satu ajar gigi z a u rng".split()
    ),
    min_size=1,
    max_size=6,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(AFFIXED | st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14))
def test_stems_are_those_of_sastrawi(word: str) -> None:
    plain = SASTRAWI.stem_word(word) if word not in _CORRECTED else _CORRECTED[word]
    assert stem_of(word) == plain


def test_stems_of_the_labels_are_those_of_sastrawi() -> None:
    words = sorted({fold(word) for row in read_labels()[0] for word in WORD.findall(row.text)})[::7]
    words = [word for word in words if word.isascii() and word.isalpha() and word not in _CORRECTED]
    assert [stem_of(word) for word in words] == [SASTRAWI.stem_word(word) for word in words]
