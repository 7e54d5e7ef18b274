"""What goes wrong around a run: full disks, folders that go, signals, workers that are killed."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLE, ROOT
from runs import SPEAKERS, command, many, wait_for

import stance.batch
from stance.batch import score_file, score_frame
from stance.cli import main
from stance.rows import score_passages


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


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl.gz", "out.parquet"])
def test_a_file_that_may_not_grow_is_one_line_and_the_run_goes_on(tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    source, most = many(tmp_path / "in.csv", 1500), 9_000 if name.endswith("gz") else 200_000
    settings = (source, "-o", tmp_path / name, "--chunk", "100")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    run = subprocess.run(command(*settings), cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=limit)
    assert run.returncode == 2
    assert "cannot be written (File too large)" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not (tmp_path / name).exists()
    assert main(["batch", *map(str, settings), "--resume"]) == 1
    score_file(source, tmp_path / f"whole.{name}", chunk=100)
    assert (tmp_path / name).read_bytes() == (tmp_path / f"whole.{name}").read_bytes()


def test_a_full_standard_output_is_one_line() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "w", encoding="utf-8") as full:
        run = subprocess.run(
            [sys.executable, "-m", "stance", "score", str(EXAMPLE)], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert run.returncode == 2
    assert run.stderr == "stance: the disk of the standard output is full\n"


def test_a_full_memory_is_one_line_and_what_was_done_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = many(tmp_path / "in.csv", 300), tmp_path / "out.csv"
    turns = iter(range(9))

    def hungry(*arguments: Any) -> Any:
        if next(turns) == 2:
            raise MemoryError
        return score_passages(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(stance.batch, "score_passages", hungry)
        assert main(["batch", str(source), "-o", str(output), "--chunk", "100"]) == 2
    err = capsys.readouterr().err
    assert err == "stance: the memory is full; use fewer --jobs or a smaller --chunk, or split the page\n"
    assert not output.exists()
    assert main(["batch", str(source), "-o", str(output), "--chunk", "100", "--resume"]) == 1
    assert len(output.read_bytes().splitlines()) == 300


def test_an_output_folder_that_goes_is_noticed(tmp_path: Path) -> None:
    source, folder = many(tmp_path / "in.csv", 1000), tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(FileNotFoundError, match="has gone"):
        score_file(source, folder / "out.csv", chunk=100, progress=lambda done, _: folder.rename(tmp_path / "x") and None)


@pytest.mark.parametrize(
    ("number", "code", "told", "jobs"),
    [
        (signal.SIGINT, 130, "interrupted", "1"),
        (signal.SIGINT, 130, "interrupted", "2"),
        (signal.SIGTERM, 143, "terminated", "2"),
    ],
)
def test_ctrl_c_and_sigterm_keep_the_part_and_say_how_to_go_on(
    tmp_path: Path, number: signal.Signals, code: int, told: str, jobs: str
) -> None:
    source, output = many(tmp_path / "in.csv", 150_000), tmp_path / "out.csv"
    run = command(source, "-o", output, "--chunk", "50", "--jobs", jobs)
    process = subprocess.Popen(run, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True, text=True)
    wait_for(tmp_path / "out.csv.part.journal", 5)
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err == f"stance: {told}; the rows done are kept in {output}.part: go on with --resume\n"
    assert not output.exists()
    journal = (tmp_path / "out.csv.part.journal").read_text(encoding="utf-8").splitlines()
    assert json.loads(journal[-1])["rows"] >= 150
    assert not (tmp_path / "out.csv.part.lock").exists()
    assert (tmp_path / "out.csv.part").stat().st_size >= json.loads(journal[-1])["written"]


def test_a_killed_worker_is_one_line(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    source, output = many(tmp_path / "in.csv", 150_000), tmp_path / "out.csv"
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
    assert not output.exists()
    assert (tmp_path / "out.csv.part.journal").read_bytes().count(b"\n") >= 5


def test_workers_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    run = command(many(tmp_path / "in.csv", 150_000), "-o", tmp_path / "out.csv", "--chunk", "50", "--jobs", "2")
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
