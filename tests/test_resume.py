"""Runs that were broken off: resumed, they give the bytes of an unbroken one; what does not fit them is refused."""

import gzip
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from conftest import ROOT
from runs import PEACE, command, left, many, read, table, wait_for

from stance.batch import score_file
from stance.cli import main
from stance.lock import Lock


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
    for changed in (other, table(tmp_path / "short.csv", [PEACE], article=["0"], n=["0"])):
        with pytest.raises(ValueError, match="not the table that the unfinished run had read"):
            score_file(changed, output, chunk=100, resume=True)
    rows = read(tmp_path / "whole.csv")
    columns = {name: [row[name] for row in rows] for name in ("article", "n")}
    columns["n"][20] = "other"
    table(tmp_path / "cell.csv", [row["text"] for row in rows], **columns)
    with pytest.raises(ValueError, match=r"cell\.csv is not the table .* the first [\d,]+ rows differ; .*--overwrite"):
        score_file(tmp_path / "cell.csv", output, chunk=100, resume=True)
    with pytest.raises(ValueError, match=r"begun with columns \['text', 'article', 'n'\], now it is \['text'\]"):
        score_file(table(tmp_path / "columns.csv", [PEACE] * 3000), output, chunk=100, resume=True)
    with pytest.raises(FileExistsError):
        score_file(source, output, chunk=100)
    (tmp_path / "moved.csv").write_bytes((tmp_path / "whole.csv").read_bytes())
    assert score_file(tmp_path / "moved.csv", output, chunk=100, resume=True).rows == 3000


def test_another_parquet_file_is_noticed_where_only_the_column_of_texts_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for name, other in (("a.parquet", "a"), ("b.parquet", "another value")):
        parquet.write_table(arrow.table({"text": [PEACE] * 40, "x": [other] * 40}), tmp_path / name)

    def halt(*_: int) -> None:
        raise _Halt

    with pytest.raises(_Halt):
        score_file(tmp_path / "a.parquet", tmp_path / "out.parquet", chunk=10, progress=halt)
    with pytest.raises(ValueError, match="was begun with bytes"):
        score_file(tmp_path / "b.parquet", tmp_path / "out.parquet", chunk=10, resume=True)
    assert score_file(tmp_path / "a.parquet", tmp_path / "out.parquet", chunk=10, resume=True).rows == 40


def test_a_second_run_on_the_same_output_is_refused_while_the_first_is_at_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = many(tmp_path / "in.csv", 150_000), tmp_path / "out.csv"
    settings = (str(source), "-o", str(output), "--chunk", "50")
    process = subprocess.Popen(command(*settings), cwd=ROOT)
    wait_for(tmp_path / "out.csv.part.journal", 5)
    try:
        for how in ("--resume", "--overwrite"):
            assert main(["batch", *settings, how]) == 2
            err = capsys.readouterr().err
            assert err == f"stance: another run (process {process.pid}) is writing {output}; wait for its end\n"
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    assert "out.csv.part.lock" in left(tmp_path), "what the killed run left behind must not keep the next one out"
    os.truncate(source, 100_000)
    assert main(["batch", *settings, "--overwrite"]) == 1
    assert left(tmp_path) == ["in.csv", "out.csv", "out.csv.rejects.csv"]


def test_a_lock_is_held_once_and_by_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    for _ in range(3):
        held = Lock(path)
        with pytest.raises(BlockingIOError, match=f"process {os.getpid()}"):
            Lock(path)
        held.release()
        assert not path.exists()
    got: list[int] = []
    inside = 0

    def compete() -> None:
        nonlocal inside
        for _ in range(200):
            try:
                lock = Lock(path)
            except BlockingIOError:
                continue
            inside += 1
            got.append(inside)
            inside -= 1
            lock.release()

    threads = [Thread(target=compete) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(got) == {1}
    assert not path.exists()
