"""Batch scoring: what comes out, what is rejected, and what cannot be done."""

import gzip
import json
import sys
from pathlib import Path

import pytest
from runs import CHARGE, PEACE, left, many, read, table

import stance
from stance.batch import score_file, score_frame
from stance.cli import main
from stance.rows import COLUMNS

QUOTE = '"Mereka sendiri yang memulai semua ini," katanya.'


def test_input_passes_through_and_ours_is_what_predict_says(tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", [CHARGE, PEACE, 'a "b"\r\nc'], **{"id": ["1", " 2", "x;y\n"], "": ["", "é", "="]})
    told = score_file(source, tmp_path / "out.csv")
    before, after = read(source), read(tmp_path / "out.csv")
    assert [{name: row[name] for name in before[0]} for row in after] == before
    assert list(after[0]) == [*before[0], *COLUMNS]
    for row, expected in zip(after, stance.predict([row["text"] for row in before]), strict=True):
        assert row["stance_label"] == expected.stance
        assert float(row["stance_critical_of_beijing"]) == pytest.approx(expected.stance_scores["critical-of-beijing"], abs=1e-6)
        assert float(row["stance_sentiment_negative"]) == pytest.approx(expected.sentiment_scores["negative"], abs=1e-6)
        assert row["stance_sentiment"] == expected.sentiment
        assert row["stance_unsure"] == str(expected.unsure).lower()
        assert row["stance_on_topic"] == str(expected.on_topic).lower()
        assert row["stance_reason"] == (expected.reason or "")
    assert (told.rows, told.rejected) == (3, 0)
    assert left(tmp_path) == ["in.csv", "out.csv"]


def test_context_is_that_of_the_article(tmp_path: Path) -> None:
    peskov = "Juru bicara Kremlin Dmitry Peskov menyalahkan NATO."
    source = table(tmp_path / "in.csv", [peskov, QUOTE, QUOTE, QUOTE], a=["1", "1", "2", ""], n=["1", "2", "1", "1"])
    score_file(source, tmp_path / "out.csv", article="a", order="n")
    rows = read(tmp_path / "out.csv")
    expected = stance.predict([QUOTE, QUOTE], previous=[peskov, None])
    assert [row["stance_on_topic"] for row in rows[1:]] == ["true", "false", "false"]
    for row, prediction in zip(rows[1:3], expected, strict=True):
        assert float(row["stance_pro_moscow"]) == pytest.approx(prediction.stance_scores["pro-moscow"], abs=1e-6)


def test_context_is_carried_over_the_end_of_a_chunk(tmp_path: Path) -> None:
    source = many(tmp_path / "in.csv", 300)
    for chunk in (1, 10, 1000):
        score_file(source, tmp_path / f"{chunk}.csv", article="article", order="n", chunk=chunk)
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "10.csv").read_bytes() == (tmp_path / "1000.csv").read_bytes()


def test_rows_out_of_order_are_counted_and_kept_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = table(tmp_path / "in.csv", [QUOTE, "Kremlin menyalahkan NATO."], a=["1", "1"], n=["10", "9"])
    assert main(["batch", str(source), "-o", str(tmp_path / "o.csv"), "--article", "a", "--order", "n"]) == 0
    assert "1 rows do not stand in ascending order" in capsys.readouterr().err
    assert [row["n"] for row in read(tmp_path / "o.csv")] == ["10", "9"]


def test_rows_that_cannot_be_scored_are_told_and_the_rest_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["id,text", f"a,{CHARGE}", "b,", "c,NaN", "d,12.5", "e", "f,x,y", f"g,{PEACE}"]
    (tmp_path / "in.csv").write_text("\n".join(lines), encoding="utf-8")
    assert main(["batch", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--id", "id"]) == 1
    out, err = capsys.readouterr()
    assert "7 rows read, 2 scored" in out
    assert "5 rows could not be scored" in err
    assert [row["id"] for row in read(tmp_path / "out.csv")] == ["a", "g"]
    rejects = read(tmp_path / "out.csv.rejects.csv")
    assert [(row["row"], row["line"], row["id"]) for row in rejects] == [
        ("2", "3", "b"),
        ("3", "4", "c"),
        ("4", "5", "d"),
        ("5", "6", ""),
        ("6", "7", ""),
    ]
    assert [row["reason"].split(" ")[:2] for row in rejects] == [
        ["no", "text"],
        ["no", "text"],
        ["a", "number"],
        ["ragged:", "1"],
        ["ragged:", "3"],
    ]


def test_json_lines_keep_their_spelling(tmp_path: Path) -> None:
    lines = [f'{{"n": 1.10, "text": "{CHARGE}", "tag": ["\\u00e9"]}}', '{"text": 7}', '{"text": NaN}', f'{{"text": "{PEACE}"}}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert score_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl.gz").rejected == 2
    written = gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()).decode("utf-8").splitlines()
    assert [line[: len(lines[k]) - 1] for k, line in zip((0, 3), written, strict=True)] == [lines[0][:-1], lines[3][:-1]]
    assert json.loads(written[0])["stance_label"] == "critical-of-beijing"
    assert json.loads(written[0])["stance_unsure"] is False
    score_file(tmp_path / "in.jsonl", tmp_path / "out.csv")
    assert [row["n"] for row in read(tmp_path / "out.csv")] == ["1.1", ""]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_row_of_json_nested_too_deep_is_told_and_the_rest_is_scored(tmp_path: Path, jobs: int) -> None:
    lines = [f'{{"text": "{CHARGE}", "n": {"[" * depth}{"]" * depth}}}' for depth in (1, 90, 600, 900)]
    (tmp_path / "in.jsonl").write_text("\n".join([*lines, f'{{"text": "{PEACE} {"[" * 200}"}}']), encoding="utf-8")
    told = score_file(tmp_path / "in.jsonl", tmp_path / "out.csv", jobs=jobs)
    assert (told.rows, told.rejected) == (5, 2)
    assert "nested more than 100 deep" in (tmp_path / "out.csv.rejects.csv").read_text(encoding="utf-8")
    assert [len(row["n"]) for row in read(tmp_path / "out.csv")] == [2, 180, 0]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    at = arrow.array([1, 2, 3], arrow.timestamp("ns"))
    parquet.write_table(arrow.table({"at": at, "text": [CHARGE, None, PEACE]}), tmp_path / "in.parquet")
    assert score_file(tmp_path / "in.parquet", tmp_path / "out.parquet", chunk=2).rejected == 1
    found = parquet.read_table(tmp_path / "out.parquet")
    assert found.schema.field("at").type == arrow.timestamp("ns")
    assert found["at"].cast("int64").to_pylist() == [1, 3]
    assert found["stance_label"].to_pylist() == ["critical-of-beijing", "neutral"]
    assert found.schema.field("stance_unsure").type == arrow.bool_()
    score_file(tmp_path / "in.parquet", tmp_path / "out.csv")
    assert [row["text"] for row in read(tmp_path / "out.csv")] == [CHARGE, PEACE]


def test_excel_form_guards_formulas(tmp_path: Path) -> None:
    cells = ["=1+1", "+62", "-5", "@x", "\tx", "\rx", "biasa"]
    source = table(tmp_path / "in.csv", [CHARGE] * 7, **{"=kolom": cells})
    score_file(source, tmp_path / "out.csv", excel=True)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert [row["'=kolom"] for row in read(tmp_path / "out.csv")] == [f"'{cell}" for cell in cells[:6]] + ["biasa"]
    score_file(source, tmp_path / "plain.csv")
    assert [row["=kolom"] for row in read(tmp_path / "plain.csv")] == cells


def test_nothing_is_overwritten_silently(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = table(tmp_path / "in.csv", [CHARGE]), tmp_path / "out.csv"
    for name in ("out.csv", "out.csv.part", "out.csv.rejects.csv"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
        assert main(["batch", str(source), "-o", str(output)]) == 2
        err = capsys.readouterr().err
        assert "--resume" in err
        assert "--overwrite" in err
        assert (tmp_path / name).read_text(encoding="utf-8") == "mine"
        (tmp_path / name).unlink()
    output.write_text("mine", encoding="utf-8")
    assert main(["batch", str(source), "-o", str(output), "--resume"]) == 0
    assert output.read_text(encoding="utf-8") == "mine"
    assert main(["batch", str(source), "-o", str(output), "--overwrite"]) == 0
    assert len(read(output)) == 1
    assert main(["batch", str(source), "-o", str(source), "--overwrite"]) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["in.csv", "-o", "out.csv", "--text", "isi"], "'isi' is not among the columns of the table: 'text'"),
        (["none.csv", "-o", "out.csv"], "no file"),
        (["in.csv", "-o", "gone/out.csv"], "no folder"),
        (["in.csv", "-o", "out.xls"], "must end in"),
        (["in.csv", "-o", "out.jsonl", "--excel"], "for Excel is CSV"),
        (["in.csv", "-o", "folder.csv", "--overwrite"], "is a directory"),
        (["in.csv", "-o", "out.csv", "--jobs", "0"], "jobs"),
        (["in.csv", "-o", "out.csv", "--chunk", "0"], "chunk"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "in.csv", [CHARGE])
    (tmp_path / "folder.csv").mkdir()
    assert main(["batch", *arguments]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert told in err
    assert left(tmp_path) == ["folder.csv", "in.csv"]


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl", "out.parquet"])
def test_two_processes_write_the_bytes_of_one(tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    source = many(tmp_path / "in.csv", 2000)
    for jobs in (1, 2):
        (tmp_path / str(jobs)).mkdir()
        score_file(source, tmp_path / str(jobs) / name, article="article", order="n", jobs=jobs, chunk=150)
    for file in (name, f"{name}.rejects.csv"):
        assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes()


def test_parquet_without_pyarrow_says_what_to_install_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    source = table(tmp_path / "in.csv", [CHARGE])
    assert main(["batch", str(source), "-o", str(tmp_path / "out.parquet")]) == 2
    assert "pip install 'stance[parquet]'" in capsys.readouterr().err
    assert left(tmp_path) == ["in.csv"]


def test_a_frame_keeps_rows_order_and_index() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": [CHARGE, None, 7, QUOTE, float("nan")], "a": [1, 1, 1, 1, 1]}, index=[5, 5, 4, 3, 2])
    scored = score_frame(frame, article="a")
    assert list(scored.columns) == ["text", "a", *COLUMNS]
    assert list(scored.index) == [5, 5, 4, 3, 2]
    assert list(scored["stance_label"].isna()) == [False, True, True, False, True]
    assert scored["stance_reason"].iloc[2] == "not scored: a number in the text column (7)"
    assert list(scored["stance_on_topic"]) == [True, False, False, True, False]
    assert list(score_frame(frame[:0]).dtypes) == list(score_frame(frame[["text", "a"]]).dtypes)
    with pytest.raises(ValueError, match=r"one column 'isi'; it has \['text', 'a'\]"):
        score_frame(frame, "isi")
    with pytest.raises(ValueError, match="ours already"):
        score_frame(scored)
