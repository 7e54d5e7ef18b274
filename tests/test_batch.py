"""Batch scoring: what comes out, what is rejected, and that no fault loses what was done."""

import csv
import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

import stance
from stance.batch import score_file, score_frame
from stance.cli import main
from stance.rows import COLUMNS
from stance.sheets import csv_bytes

CHARGE = "Washington menuduh China memasok chip ke Rusia."
PEACE = "Menteri Luar Negeri Rusia Sergei Lavrov tiba di Beijing pada Senin untuk kunjungan dua hari."
QUOTE = '"Mereka sendiri yang memulai semua ini," katanya.'
SPEAKERS = ("Putin", "Lavrov", "Xi Jinping", "Zelensky", "Biden")


def table(path: Path, texts: list[str], **columns: list[str]) -> Path:
    path.write_bytes(csv_bytes([["text", *columns], *zip(texts, *columns.values(), strict=True)]))
    return path


def many(path: Path, rows: int) -> Path:
    texts = [f"{SPEAKERS[k % 5]} menyebut sanksi Barat terhadap Rusia nomor {k} gagal total." for k in range(rows)]
    texts[7::500] = [""] * len(texts[7::500])
    return table(path, texts, article=[str(k // 7) for k in range(rows)], n=[str(k % 7) for k in range(rows)])


def read(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "stance", "batch", *map(str, arguments)]


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
        (["in.csv", "-o", "out.csv", "--jobs", "0"], "jobs"),
        (["in.csv", "-o", "out.csv", "--chunk", "0"], "chunk"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "in.csv", [CHARGE])
    assert main(["batch", *arguments]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert told in err
    assert left(tmp_path) == ["in.csv"]


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


def test_killed_at_ten_points_and_resumed_the_output_is_that_of_an_unbroken_run(tmp_path: Path) -> None:
    source, whole, output = many(tmp_path / "in.csv", 8000), tmp_path / "whole.csv", tmp_path / "out.csv"
    journal = tmp_path / "out.csv.part.journal"
    settings = ("--article", "article", "--order", "n", "--chunk", "20")
    assert main(["batch", str(source), "-o", str(whole), *settings]) == 1
    chance = random.Random(0)
    for kill in range(10):
        done = journal.read_bytes().count(b"\n") if journal.exists() else 0
        jobs = str(1 + kill % 2)
        process = subprocess.Popen(command(source, "-o", output, *settings, "--resume", "--jobs", jobs), cwd=ROOT)
        wait_for(journal, done + chance.randint(1, 15))
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it was done before it could be killed: more rows are needed"
        assert not output.exists()
    for _ in range(2):  # the second run finds the work done
        assert main(["batch", str(source), "-o", str(output), *settings, "--resume"]) == 1
    assert output.read_bytes() == whole.read_bytes()
    assert (tmp_path / "out.csv.rejects.csv").read_bytes() == (tmp_path / "whole.csv.rejects.csv").read_bytes()
    assert len(left(tmp_path)) == 5


class _Halt(BaseException):
    """What a kill is in these tests: nothing may catch it."""


@pytest.mark.parametrize("name", ["out.csv.gz", "out.jsonl", "out.parquet"])
@pytest.mark.parametrize("call", range(1, 30, 2))
def test_halted_before_any_step_on_the_disk_a_run_can_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, call: int
) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    source = many(tmp_path / "in.csv", 60)
    score_file(source, tmp_path / f"whole.{name}", chunk=10)
    calls = iter(range(1, 1000))

    def halting(real: Any) -> Any:
        def step(*arguments: Any, **named: Any) -> Any:
            if next(calls) == call:
                raise _Halt
            return real(*arguments, **named)

        return step

    with monkeypatch.context() as patch:
        for step in ("fsync", "replace"):
            patch.setattr(os, step, halting(getattr(os, step)))
        try:
            score_file(source, tmp_path / name, chunk=10)
        except _Halt:
            assert not (tmp_path / name).exists() or call > 20
    score_file(source, tmp_path / name, chunk=10, resume=True)
    assert (tmp_path / name).read_bytes() == (tmp_path / f"whole.{name}").read_bytes()
    rejects = [(tmp_path / f"{stem}.rejects.csv").read_bytes() for stem in (name, f"whole.{name}")]
    assert rejects[0] == rejects[1]
    assert len(left(tmp_path)) == 5


def broken_off(tmp_path: Path) -> tuple[Path, Path]:
    """A run whose input broke off: its part, and the whole input beside it."""
    source, output = many(tmp_path / "whole.csv", 3000), tmp_path / "out.csv"
    packed = gzip.compress(source.read_bytes())
    (tmp_path / "in.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ValueError, match="breaks off"):
        score_file(tmp_path / "in.csv.gz", output, chunk=100)
    (tmp_path / "in.csv.gz").write_bytes(packed)
    return tmp_path / "in.csv.gz", output


@pytest.mark.parametrize("jobs", [1, 2])
def test_input_that_breaks_off_is_said_and_what_was_done_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], jobs: int
) -> None:
    source, output = broken_off(tmp_path)
    assert not output.exists()
    assert len((tmp_path / "out.csv.part.journal").read_bytes().splitlines()) > 5
    assert main(["batch", str(source), "-o", str(output), "--chunk", "100", "--resume", "--jobs", str(jobs)]) == 1
    assert len(read(output)) == 2994


def test_resuming_with_other_settings_or_another_table_is_refused(tmp_path: Path) -> None:
    source, output = broken_off(tmp_path)
    with pytest.raises(ValueError, match="begun with chunk 100, now it is 50"):
        score_file(source, output, chunk=50, resume=True)
    other = table(tmp_path / "other.csv", [PEACE] * 3000, article=["1"] * 3000, n=["1"] * 3000)
    for changed in (other, table(tmp_path / "short.csv", [PEACE])):
        with pytest.raises(ValueError, match="not the table that the unfinished run had read"):
            score_file(changed, output, chunk=100, resume=True)
    with pytest.raises(FileExistsError):
        score_file(source, output, chunk=100)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small tmpfs cannot be mounted here: the check of a full disk is left out")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_the_run_goes_on_when_there_is_room(
    tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = many(tmp_path / "in.csv", 3000), small_disk / "out.csv"
    assert main(["batch", str(source), "-o", str(output), "--chunk", "100"]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "is full" in err
    assert "--resume" in err
    assert not output.exists()
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    assert main(["batch", str(source), "-o", str(output), "--chunk", "100", "--resume"]) == 1
    score_file(source, tmp_path / "whole.csv", chunk=100)
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_an_output_folder_that_goes_is_noticed(tmp_path: Path) -> None:
    source, folder = many(tmp_path / "in.csv", 1000), tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(FileNotFoundError, match="has gone"):
        score_file(source, folder / "out.csv", chunk=100, progress=lambda done, _: folder.rename(tmp_path / "x") and None)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_keeps_the_part_and_says_how_to_go_on(tmp_path: Path, jobs: str) -> None:
    source, output = many(tmp_path / "in.csv", 30_000), tmp_path / "out.csv"
    run = command(source, "-o", output, "--chunk", "50", "--jobs", jobs)
    process = subprocess.Popen(run, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True, text=True)
    wait_for(tmp_path / "out.csv.part.journal", 5)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(err.splitlines()) == 1
    assert "--resume" in err
    assert not output.exists()
    assert (tmp_path / "out.csv.part").stat().st_size > 0


def test_a_killed_worker_is_one_line(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    source, output = many(tmp_path / "in.csv", 30_000), tmp_path / "out.csv"
    run = command(source, "-o", output, "--chunk", "50", "--jobs", "2")
    process = subprocess.Popen(run, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    wait_for(tmp_path / "out.csv.part.journal", 5)
    workers = [child for child in psutil.Process(process.pid).children() if "loky" in " ".join(child.cmdline())]
    max(workers, key=lambda child: child.cpu_times().user).kill()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert len(err.splitlines()) == 1
    assert "worker process was killed" in err
    assert "--resume" in err


def test_workers_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    run = command(many(tmp_path / "in.csv", 30_000), "-o", tmp_path / "out.csv", "--chunk", "50", "--jobs", "2")
    process = subprocess.Popen(run, cwd=ROOT)
    wait_for(tmp_path / "out.csv.part.journal", 5)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert len(children) >= 2
    _, alive = psutil.wait_procs(children, timeout=30)
    for child in alive:
        child.kill()
    assert not alive


def wait_for(journal: Path, lines: int) -> None:
    end = time.monotonic() + 60
    while not journal.exists() or journal.read_bytes().count(b"\n") < lines:
        assert time.monotonic() < end, f"{journal} does not grow"
        time.sleep(0.01)


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


def test_a_cluster_that_loses_a_worker_gives_every_row_once(tmp_path: Path) -> None:
    pandas, dask = pytest.importorskip("pandas"), pytest.importorskip("dask.dataframe")
    distributed = pytest.importorskip("distributed")
    (tmp_path / "in").mkdir()
    for part in range(12):
        texts = [f"{SPEAKERS[k % 5]} menyebut sanksi terhadap Rusia nomor {part * 1000 + k} gagal." for k in range(1000)]
        frame = pandas.DataFrame({"n": range(part * 1000, part * 1000 + 1000), "text": texts})
        frame.to_parquet(tmp_path / "in" / f"{part:02}.parquet")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = client.run(os.getpid)
        future = client.compute(dask.read_parquet(tmp_path / "in").map_partitions(score_frame)[["n", "stance_label"]])
        end = time.monotonic() + 60
        while not any(client.has_what().values()) and time.monotonic() < end:
            time.sleep(0.01)
        assert not future.done()
        os.kill(next(iter(pids.values())), signal.SIGKILL)
        found = future.result(timeout=120)
    assert sorted(found["n"]) == list(range(12_000))
    assert found["stance_label"].notna().all()
