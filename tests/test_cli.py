"""The command, asserted on what it prints and how it exits."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLE

from stance.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_table_fits_80_columns_and_ends_with_the_shares(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "score", str(EXAMPLE))
    lines = out.splitlines()
    assert code == 0
    assert err == ""
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("Kremlin Sebut Kunjungan Xi")
    assert any(line.split()[:2] == ["13", "crit.-beijing"] for line in lines)
    assert any(line.startswith("7 paragraphs: neutral") for line in lines)


def test_json_has_the_documented_shape(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "score", "--format", "json", str(EXAMPLE))
    (page,) = json.loads(out)
    assert code == 0
    assert set(page) == {"source", "headline", "paragraphs", "summary", "model"}
    keys = [
        "n",
        "line",
        "text",
        "stance",
        "stance_scores",
        "sentiment",
        "sentiment_scores",
        "on_topic",
        "unsure",
        "reason",
        "evidence",
    ]
    assert all(list(paragraph) == keys for paragraph in page["paragraphs"])
    assert page["summary"]["paragraphs"] == len(page["paragraphs"]) == 7
    assert page["summary"]["unsure"] == sum(paragraph["unsure"] for paragraph in page["paragraphs"]) > 0
    assert set(page["model"]) == {"version", "sha256"}
    first = page["paragraphs"][0]
    assert all(first["text"][start:end].strip() for start, end, _ in first["evidence"])


def test_csv_has_a_row_per_paragraph(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "score", "--format", "csv", str(EXAMPLE), str(EXAMPLE))
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 14
    assert rows[3]["stance"] == "critical-of-beijing"
    assert float(rows[0]["stance_neutral"]) <= 1


def test_bad_pages_get_one_line_and_the_others_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.txt").write_text("Beranda\n", encoding="utf-8")
    (tmp_path / "bytes.txt").write_bytes(b"Moskow \x81\x8d\x00")
    pages = [str(tmp_path / name) for name in ("none.txt", "empty.txt", "bytes.txt")]
    code, out, err = run(capsys, "score", *pages, str(tmp_path), str(EXAMPLE))
    complaints = err.splitlines()
    assert code == 2
    assert len(complaints) == 4
    assert "No such file" in complaints[0]
    assert "no body paragraph" in complaints[1]
    assert "offset 7" in complaints[2]
    assert "directory" in complaints[3]
    assert "7 paragraphs" in out
    code, out, _ = run(capsys, "score", pages[1], str(EXAMPLE))
    assert code == 1
    assert "7 paragraphs" in out


def test_other_encodings_and_standard_input(tmp_path: Path) -> None:
    page = EXAMPLE.read_text(encoding="utf-8").replace('"', "”").replace("©", "c")
    command = [sys.executable, "-m", "stance", "score", "-", "--format", "csv"]
    told = [
        subprocess.run(command, input=page.encode(codec), capture_output=True, check=True).stdout
        for codec in ("utf-8", "cp1252", "utf-16")
    ]
    assert told[0] == told[1] == told[2]
    assert len(told[0].splitlines()) == 8


def test_explain_shows_words_that_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "explain", "Washington menuduh China memasok chip ke Rusia.")
    weights = [float(line.split()[0]) for line in out.splitlines()[2:]]
    assert code == 0
    assert "menuduh" in out
    assert sum(weights[:-1]) == pytest.approx(weights[-1], abs=0.02)
    code, _, err = run(capsys, "explain", "Moskow", "--label", "pro-kremlin")
    assert code == 2
    assert "pro-moscow" in err


def test_doctor_names_versions_and_model(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert "scikit-learn " in out
    assert "self-check passed" in out


def test_card_tells_of_the_model_that_doctor_checks(capsys: pytest.CaptureFixture[str]) -> None:
    _, doctor, _ = run(capsys, "doctor")
    code, out, err = run(capsys, "card")
    assert (code, err) == (0, "")
    assert out.startswith("# Model card of stance")
    (sha256,) = (line.split()[-1] for line in doctor.splitlines() if line.startswith("model sha256"))
    assert sha256 in out
    assert "not the outlet's opinion" in out
    assert "non-commercial" in out


def test_a_foreign_model_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.joblib").write_bytes(b"\x80\x04.")
    code, out, err = run(capsys, "score", "--model", str(tmp_path / "m.joblib"), str(EXAMPLE))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "pickle" in err


def test_the_2016_stemmer_beside_ours_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import importlib.metadata

    version = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.0.1" if name == "Sastrawi" else version(name))
    _, _, err = run(capsys, "score", str(EXAMPLE))
    assert "pip uninstall -y Sastrawi PySastrawi && pip install PySastrawi" in err


def test_help_and_card_do_not_import_scikit_learn() -> None:
    code = (
        "import sys; from stance.cli import main\n"
        "main(['card'])\n"
        "try: main(['--help'])\n"
        "except SystemExit: print('sklearn' in sys.modules, 'numpy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert told.stdout.splitlines()[-1] == "False False"
