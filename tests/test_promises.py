"""The promises of promises.py, on text and tables that hypothesis makes and on what fuzzing found; and from many threads."""

import multiprocessing
import random
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promises import page_holds, prediction_holds, table_holds

import stance.lexicon
from stance import predict
from stance.model import Model, shipped_model
from stance.tables import open_table

NEWS = (
    *(
        "Kremlin membantah tuduhan itu.",
        '"Kami siap," katanya.',
        "Xi tiba di Moskow, kata Peskov",
        "miliar dolar AS",
        "ia",
        "NATO",
    ),
    *(
        "Baca juga: Xi",
        "Penulis: Rendi",
        "JAKARTA, WARTASELAT.ID - ",
        "(afp/reuters)",
        "12 Mei 2024",
        "| a | b |",
        "<p>",
        "</p>",
        "“",
    ),
    *("\n", "\r\n", "\x85", "\u2028", "\x00", "\u200b", "\u00ad", "\ud83d", "İ", "ﬁ", "١٢٣", "9" * 30, " "),
)
texts = st.lists(st.sampled_from(NEWS) | st.text(max_size=20), max_size=30).map("".join)
cells = (
    b"",
    b"a",
    b'"',
    b'""',
    b'"a,b"',
    b'"a\nb"',
    b"\xff",
    "é".encode(),
    b"NaN",
    b"12",
    b"Xi tiba di Moskow",
    b"\x00",
    b"\xef\xbb\xbf",
)
marks = (b",", b";", b"\t", b"\n", b"\r", b"\r\n", b'{"text": "a", "n": 1}\n', b'{"text": "\\ud800"}\n', b"[1]\n", b"{}\n")
tables = st.lists(st.sampled_from(cells + marks) | st.binary(max_size=8), max_size=40).map(b"".join)
HEADERS = {"t.csv": b"text,n\n", "t.tsv": b"n\ttext\r\n", "t.jsonl": b'{"text": "Xi", "n": [1, null]}\n'}


@settings(max_examples=150, deadline=None)
@given(text=texts, previous=st.none() | texts)
def test_any_text_is_scored(text: str, previous: str | None) -> None:
    prediction_holds(text, previous)


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_any_page_is_read(text: str) -> None:
    page_holds(text)


@settings(max_examples=250, deadline=None)
@given(data=tables, name=st.sampled_from([*HEADERS]), header=st.booleans())
def test_any_table_is_scored_row_by_row_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str, header: bool
) -> None:
    table_holds(HEADERS[name] + data if header else data, name, tmp_path_factory.mktemp("table"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", b"\x04\x91e\x8d\xf6"),  # a header with bytes that no encoding explains
        ("t.csv", b'text,"n\na,1\nb,2\n'),  # a header that does not end
        ("t.csv", b'"' + b"a" * 1_200_000 + b'"\nb\n'),
        ("t.csv", b"sep=;\n\ntext;n\na;b\n"),
        ("t.jsonl", b'{"text": "Xi"}\n\xef\xbb\xbf{"text": "Moskow"}\n'),  # a byte-order mark where files were joined
        ("t.jsonl", b'{"text": "Xi", "\\ud800": 1}\n{"text": "a"}\n'),
        ("t.jsonl", b'{"text": "Xi", "n": ' + b"[" * 900 + b"]" * 900 + b"}\n"),
    ],
)
def test_tables_that_were_found_by_fuzzing(tmp_path: Path, name: str, data: bytes) -> None:
    table_holds(data, name, tmp_path)


def test_flipped_bytes_in_parquet_give_rows_or_one_sentence(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path, chance = tmp_path / "t.parquet", random.Random(0)
    parquet.write_table(arrow.table({"n": range(90), "text": ["Xi tiba", "é", None] * 30}), path, compression="none")
    whole, seen = path.read_bytes(), set()
    for _ in range(400):
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([chance.randrange(256)]) + whole[at + 1 :])
        try:
            with open_table(path, ("text",)) as table:
                rows = [row for chunk in table.chunks(20) for row in chunk.rows]
        except ValueError as error:
            seen.add("refused")
            if str(path) not in str(error) or "\n" in str(error):
                raise
        else:
            seen.add("spoilt row" if any(row.fault for row in rows) else "rows")
            assert [row.number for row in rows] == list(range(1, 91))
    assert seen == {"refused", "rows", "spoilt row"}


def paragraphs(seed: int) -> list[str]:
    """Forty paragraphs of words that nobody has seen before, among a few that are known."""
    chance = random.Random(seed)
    new = ["".join(chance.choices(string.ascii_letters, k=8)) for _ in range(400)]
    return [f"Kremlin menolak tuduhan {' '.join(new[k : k + 10])}, kata Peskov." for k in range(0, 400, 10)]


def test_sixteen_threads_give_what_one_gives_while_the_word_memory_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stance.lexicon, "REMEMBERED", 15_000)  # characters
    pages = [paragraphs(seed) for seed in range(48)]
    alone = [predict(page) for page in pages]
    renewed = {id(shipped_model().vectorizer.lexicon())}
    with ThreadPoolExecutor(16) as pool:
        for found, expected in zip(pool.map(predict, pages), alone, strict=True):
            assert found == expected
            renewed.add(id(shipped_model().vectorizer.lexicon()))
    assert len(renewed) > 1, "the memory was never renewed: the test proves nothing"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_begun_in_any_way_give_the_same(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"{method} is not to be had on this system")
    page = paragraphs(0)
    expected = predict(page)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(predict, [page, page]) == [expected, expected]


def test_a_model_read_by_many_threads_at_once_is_one() -> None:
    shipped_model.cache_clear()
    with ThreadPoolExecutor(16) as pool:
        models: list[Model] = list(pool.map(lambda _: shipped_model(), range(16)))
    assert len({model.sha256 for model in models}) == 1
    assert predict("Kremlin membantah.", model=models[0]) == predict("Kremlin membantah.", model=models[-1])
