"""The page reader, on pages in the manner of sixteen kinds of portal, on real ones, and on hostile text."""

import csv
import json
from pathlib import Path

import pytest
from conftest import EXAMPLE
from hypothesis import given
from hypothesis import strategies as st

from stance.page import read_page

PAGES = sorted((Path(__file__).parent / "pages").glob("*.json"))
KEPT_FURNITURE = {"16_translated_voa_bbc": {21}}  # a sub-heading of ten words without an end mark looks like body text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_body_is_kept_and_furniture_dropped(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    page = read_page(path.with_suffix(".txt").read_bytes().decode("utf-8"))
    if "body" not in expected:
        pytest.skip("a page run together: see the next test")
    lines = {body.line for body in page.body}
    assert lines >= set(expected["body"]), "body text was lost"
    assert lines - set(expected["body"]) <= KEPT_FURNITURE.get(path.stem, set()), "furniture was kept"
    assert page.headline == expected["headline"]
    for tail in expected.get("inline_drop", []):
        assert all(tail not in body.text for body in page.body)


@pytest.mark.parametrize("path", [path for path in PAGES if "runtogether" in path.stem], ids=lambda path: path.stem)
def test_run_together_text_is_cut_only_between_sentences(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    body = read_page(path.with_suffix(".txt").read_text(encoding="utf-8")).body
    starts = tuple(expected["sentence_starts"])
    assert len(body) >= 3
    assert all(paragraph.text.startswith(starts) for paragraph in body)
    text = " ".join(paragraph.text for paragraph in body)
    assert all(" ".join(phrase.split()) in text for phrase in expected["must_hold"]), "body text was lost"
    kept = [phrase for phrase in expected["must_drop"] if phrase in text]
    assert kept == expected["known_kept"]


def test_real_pages_lose_no_body_and_keep_no_furniture(real: Path) -> None:
    with (real / "pages_dev.csv").open(encoding="utf-8") as file:
        gold = list(csv.DictReader(file))
    for name in {row["file"] for row in gold}:
        found = {body.line for body in read_page((real / name).read_text(encoding="utf-8")).body}
        kinds = {int(row["line"]): row["kind"] for row in gold if row["file"] == name}
        assert {line for line, kind in kinds.items() if kind == "body"} <= found
        assert not {line for line in found if kinds.get(line) == "furniture"}


def test_a_stroke_or_two_in_running_text_loses_nothing() -> None:
    sentence = (
        "Menteri Luar Negeri Rusia Sergei Lavrov tiba di Beijing pada hari Senin untuk kunjungan dua hari bersama delegasinya. "
    )
    body = read_page(sentence * 3 + "Kanal A | B | C menyiarkannya. " + sentence.replace("Beijing", "Hanoi") * 9).body
    assert "Kanal A | B | C menyiarkannya." in " ".join(paragraph.text for paragraph in body)
    assert (
        read_page("Kremlin bicara\n| Baca | Terpopuler | Xi tiba di Moskow malam tadi |\n" + sentence).body[0].text
        == sentence.strip()
    )


def test_example_page() -> None:
    page = read_page(EXAMPLE.read_text(encoding="utf-8"))
    assert page.headline == "Kremlin Sebut Kunjungan Xi Jinping Tidak Terganggu Peringatan Washington"
    assert [body.line for body in page.body] == [9, 10, 11, 13, 16, 17, 18]


def test_html_needs_its_extra_or_is_read() -> None:
    paragraph = "Juru bicara Kremlin Dmitry Peskov mengatakan jadwal kunjungan itu belum ditetapkan oleh kedua pihak. " * 3
    html = f"<html><body><nav><a href='/'>Beranda</a></nav><article><h1>Judul</h1><p>{paragraph}</p></article></body></html>"
    try:
        import trafilatura  # noqa: F401
    except ImportError:
        with pytest.raises(ValueError, match=r"\.\[html\]"):
            read_page(html)
    else:
        assert "Peskov" in read_page(html).body[0].text


@pytest.mark.parametrize("value", [None, 3, b"bytes", ["a"]])
def test_what_is_no_string_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        read_page(value)  # type: ignore[arg-type]


@given(
    st.lists(
        st.sampled_from(["Putin berbicara di Moskow kemarin malam.", "Baca juga: Xi", "", "(abc)", "Iklan", "Ia pergi. "]),
        max_size=40,
    )
)
def test_reading_the_body_again_changes_nothing(lines: list[str]) -> None:
    once = [body.text for body in read_page("\n".join(lines)).body]
    assert [body.text for body in read_page("\n".join(once)).body] == once


# Each took minutes or years before its pattern was mended: a pattern that can read the same characters in many ways tries
# them all where the line then does not fit.
@pytest.mark.parametrize(
    "page",
    [
        *("Baca juga " * 40000, "(" * 100000, "a. " * 100000, "“Kata " * 50000, "- " * 200000, "A, " * 100000, "|" * 300000),
        *("<a " * 100000, "![" * 100000, "![a](" * 60000, "." * 100000 + "x", "_" * 100000 + "a"),
        "1" * 40 + " orang yang bertahan di kota itu.",
        "Oleh " + "A" * 300 + "!",
        "“" + "Kata dia pergi. " * 20000,
        ("1" * 900 + "!x\n") * 100,
    ],
    ids=lambda page: repr(page[:10]),
)
def test_monotonous_text_is_read_within_seconds(page: str) -> None:
    read_page(page)
    read_page(page.replace(" ", "\n"))
