"""Tables as people have them: what is read of them, and what is said of those that cannot be read."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.records import Chunk, Row
from stance.sheets import csv_bytes
from stance.tables import open_table

NEWS = "Moskow menuduh NATO memicu perang – “tidak benar”, kata Kyiv."


def rows(path: Path, *wanted: str, size: int = 100) -> list[Row]:
    with open_table(path, wanted or ("text",)) as table:
        return [row for chunk in table.chunks(size) for row in chunk.rows]


def texts(path: Path) -> list[object]:
    return [row.picked[0] for row in rows(path)]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends(tmp_path: Path, codec: str, delimiter: str, end: str) -> None:
    path = tmp_path / "t.csv"
    cells = [["id", "text"], ["1", NEWS], ["2", 'baris\nkedua, "kutip"; tab\tjuga'], ["3", ""]]
    path.write_bytes(csv_bytes(cells, delimiter, end).decode("utf-8").encode(codec))
    assert [list(row.cells) for row in rows(path)] == cells[1:]
    assert [row.line for row in rows(path)] == [2, 3, 5]
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert texts(tmp_path / "t.csv.gz") == [NEWS, cells[2][1], ""]


def test_the_line_that_excel_reads_the_delimiter_from(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sep=;\r\nid;text\r\n1;a,b,c\r\n", encoding="utf-8")
    assert texts(tmp_path / "t.csv") == ["a,b,c"]


def test_cp1252_that_begins_after_a_million_plain_bytes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"text\n" + b"kata " * 300_000 + b"\n" + "“Moskow”\n".encode("cp1252"))
    read = rows(tmp_path / "t.csv")
    assert read[1].picked == ("“Moskow”",)


def test_broken_bytes_in_utf8_spoil_their_row_alone(tmp_path: Path) -> None:
    news = NEWS.replace(",", "")
    (tmp_path / "t.csv").write_bytes(f"text\n{news}\n".encode() + b"rusak \xff\n" + f"{news}\n".encode())
    read = rows(tmp_path / "t.csv")
    assert [row.fault is None for row in read] == [True, False, True]
    assert "bytes" in str(read[1].fault)
    assert read[2].picked == (news,)


def test_ragged_rows_blank_lines_and_open_quotes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,text\n1,a\n\n2\n3,b,c\n4,d\n5,"open\n6,e\n', encoding="utf-8")
    read = rows(tmp_path / "t.csv")
    assert [row.number for row in read] == [1, 2, 3, 4, 5]
    assert [row.line for row in read] == [2, 4, 5, 6, 7]
    assert "1 cells where the header has 2" in str(read[1].fault)
    assert "3 cells" in str(read[2].fault)
    assert "ends inside a quoted cell" in str(read[4].fault)
    assert [row.picked for row in read if row.fault is None] == [("a",), ("d",)]


def test_a_quotation_mark_left_open_does_not_swallow_the_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,text\n1,"open\n' + "2,kata\n" * 200_000, encoding="utf-8")
    read = rows(tmp_path / "t.csv")
    assert "quotation mark" in str(read[0].fault)
    assert len([row for row in read if row.fault is None]) > 50_000


def test_cells_as_long_as_excel_holds(tmp_path: Path) -> None:
    long = "x" * 32_766 + "\n"
    (tmp_path / "t.csv").write_bytes(csv_bytes([["text"], [long], [long * 5]]))
    assert texts(tmp_path / "t.csv") == [long, long * 5]


def test_empty_and_doubled_headers_pass(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",a,text,a,\n1,2,kata,3,4\n", encoding="utf-8")
    (row,) = rows(tmp_path / "t.csv")
    assert row.picked == ("kata",)
    assert list(row.cells) == ["1", "2", "kata", "3", "4"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.csv", b"id;isi\n1;a\n", "'text' is not among the columns of the table: 'id', 'isi'"),
        ("t.csv", b"text,text\na,b\n", "stands twice"),
        ("t.csv", b"", "empty"),
        ("t.csv", b"\n\n", "empty"),
        ("t.csv", b"PK\x03\x04....", "Excel workbook"),
        ("t.csv", b"text\n\0\1\2\n", "NUL"),
        ("t.jsonl", b'{"isi": "a"}\n', "'text' is not among the columns of the table: 'isi'"),
        ("t.json", b'[{"text": "a"}]\n', "jq -c"),
        ("t.jsonl", b"", "empty"),
        ("t.xlsx", b"", "must end in"),
    ],
)
def test_what_is_no_table_is_said_in_one_sentence(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=told.replace("[", r"\[")):
        rows(tmp_path / name)


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"t\.csv"):
        rows(tmp_path / "t.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(ValueError, match="directory"):
        rows(tmp_path / "d.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ValueError, match="no plain file"):
        rows(tmp_path / "pipe.csv")


def test_gzip_that_breaks_off_says_so_after_the_rows_before(tmp_path: Path) -> None:
    whole = gzip.compress(csv_bytes([["text"], *[[f"{k} {hash(str(k))}"] for k in range(5000)]]))
    (tmp_path / "t.csv.gz").write_bytes(whole[: len(whole) // 2])
    seen: list[Chunk] = []
    with open_table(tmp_path / "t.csv.gz", ["text"]) as table, pytest.raises(ValueError, match="breaks off"):
        seen.extend(table.chunks(100))  # keeps those that came before the fault
    assert len(seen) >= 10


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        '{"text": "a", "n": 1}',
        "",
        "no json",
        "[1]",
        '{"n": 2, "text": null}',
        '{"text": "\\ud800"}',
        '{"text": "b", "x": 1}',
    ]
    (tmp_path / "t.jsonl").write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    read = rows(tmp_path / "t.jsonl")
    assert [row.line for row in read] == [1, 3, 4, 5, 6, 7]
    assert [row.fault is None for row in read] == [True, False, False, True, False, True]
    assert read[0].raw == lines[0]


def test_parquet_is_read_in_batches(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"n": [1, 2, 3], "text": ["a", None, "c"]}), tmp_path / "t.parquet")
    read = rows(tmp_path / "t.parquet", "text", "n", size=2)
    assert [row.picked for row in read] == [("a", 1), (None, 2), ("c", 3)]
    assert [row.number for row in read] == [1, 2, 3]
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:-20])
    with pytest.raises(ValueError, match="no Parquet file, or not a whole one"):
        rows(tmp_path / "cut.parquet")


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)


@settings(max_examples=80, deadline=None)
@given(table=st.lists(st.tuples(cells, cells), max_size=8), delimiter=st.sampled_from(",;\t"), packed=st.booleans())
def test_whatever_stands_in_cells_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]], delimiter: str, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("zoo") / "t.csv"
    data = csv_bytes([("id", "text"), *table], delimiter)
    path.write_bytes(gzip.compress(data) if packed else data)
    assert [tuple(row.cells) for row in rows(path)] == table
