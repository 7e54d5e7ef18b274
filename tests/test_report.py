"""The evaluation report: whole, escaped, offline, honest about small numbers; one small evaluation serves all tests."""

import csv
import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from training import report as report_module
from training.evaluate import main as evaluate_main
from training.figures import change, figure, share
from training.labels import COLUMNS, read_labels
from training.leakage import dateline
from training.scores import macro_f1, per_article
from training.shares import _estimates

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(2)> | `*_[x](javascript:1) '
CHAPTERS = (
    "Verdict, Intended use, Data, Leakage, Each label, Baselines, Confusion, Calibration, Abstention, Slices, Behaviour tests, "
    "Label noise, Comparison with the shipped model, Learning curve, Shares, What the model learned, Cost, How to reproduce it"
).split(", ")
CHROMIUM = shutil.which("chromium")
TIMED = ("load_seconds", "first_pass", "second_pass", "peak_megabytes")
COSTS = {name: {"middle": 2.0, "low": 1.0, "high": 3.0} for name in TIMED} | {
    "runs": 5,
    "paragraphs": 9,
    "bytes": 9,
    "machine": "",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The report of some thirty articles, every text of which opens with markup; and the exit code."""
    folder = tmp_path_factory.mktemp("report")
    rows = read_labels()[0]
    train, test = (list(dict.fromkeys(r.article for r in rows if r.split == split)) for split in ("train", "test"))
    chosen = {*train[:26], *test[:8]}
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in (r for r in rows if r.article in chosen):
            told = vars(row) | {"text": HOSTILE + row.text, "register": "<b>wire</b>"}
            writer.writerow([told[column] for column in COLUMNS])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.study.cost", lambda *_: COSTS)  # it starts ten processes
        options = ["--labels", str(folder / "labels.csv"), "--real", str(folder / "nowhere"), "--report", str(folder / "out")]
        code = evaluate_main([*options, "--fail-under", "0.999"])
    return folder / "out", code


@pytest.fixture(scope="module")
def told(made: tuple[Path, int]) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in report.json")

    text = (made[0] / "report.json").read_text(encoding="utf-8")
    return dict(json.loads(text, parse_constant=refuse))


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from numbers(each)
    elif isinstance(value, float):
        yield value


def test_a_score_under_the_floor_is_an_exit_code(made: tuple[Path, int]) -> None:
    assert made[1] == 3


@pytest.mark.parametrize("form", ["html", "md"])
def test_all_eighteen_chapters_stand_in_order_and_hold_something(made: tuple[Path, int], form: str) -> None:
    text = (made[0] / f"report.{form}").read_text(encoding="utf-8")
    heading = r'<h2 id="\w+"><span class="number">(\d+)</span> (.+?)</h2>' if form == "html" else r"(?m)^## (\d+)\. (.+)$"
    found = list(re.finditer(heading, text))
    assert [(int(each[1]), each[2]) for each in found] == list(enumerate(CHAPTERS, 1))
    ends = [each.start() for each in found[1:]] + [len(text)]
    assert all(
        len(re.findall(r"\d", text[each.end() : end])) > 3 or each[1] == "2" for each, end in zip(found, ends, strict=True)
    )


def test_every_figure_has_its_interval_and_its_numbers(told: dict[str, Any]) -> None:
    seen = 0

    def check(value: object) -> None:
        nonlocal seen
        if isinstance(value, dict) and "value" in value and "low" in value:
            seen += 1
            assert value["n"] is not None
            assert value["articles"] >= 0
            assert (value["value"] is None) == (value["low"] is None)
            if value["low"] is not None:
                assert value["low"] <= value["high"]
            if "verdict" in value and value["low"] is not None and value["low"] <= 0 <= value["high"]:
                assert value["verdict"] == "no detectable difference"
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(each)

    check(told)
    assert seen > 500


def test_json_holds_what_its_description_names(told: dict[str, Any]) -> None:
    described = (ROOT / "training" / "REPORT.md").read_text(encoding="utf-8")
    assert [key for key in told if f"`{key}`" not in described] == []
    assert all(math.isfinite(value) for value in numbers(told))


def test_figures_agree_with_the_labels(told: dict[str, Any]) -> None:
    for by_task in told["confusion"]["tables"].values():
        for cells in by_task.values():
            assert sum(cell["count"] for cell in cells) in {each["n"] for each in told["sets"]}
    stance = told["confusion"]["tables"]["cross-validation"]["stance"]
    right = sum(cell["count"] for cell in stance if cell["given"] == cell["found"])
    accuracy = told["verdict"]["sets"]["cross-validation"]["accuracy"]
    assert accuracy["value"] == pytest.approx(right / accuracy["n"])
    for shares in told["shares"]["sets"].values():
        for method in ("true", "counted", "adjusted", "mean score"):
            assert sum(each[method]["value"] for each in shares["stance"]) == pytest.approx(1)


def test_thin_slices_give_no_score(told: dict[str, Any]) -> None:
    slices = told["slices"]["test split"]["stance"]
    assert {each["few"] for each in slices} == {True, False}
    assert all(each["few"] == (each["n"] < 30) == ("macro_f1" not in each) for each in slices)


def test_what_is_not_there_is_said(made: tuple[Path, int], told: dict[str, Any]) -> None:
    html = (made[0] / "report.html").read_text(encoding="utf-8")
    for name in ("pages", "reworded", "github", "indosum", "offtopic"):
        assert name in told["absent"]
        assert f"Left out: {name} (" in html
    assert "--curve</code> fills this section" in html
    assert told["comparison"]["with"] == "the shipped model"


def test_texts_of_the_test_split_are_not_printed(made: tuple[Path, int], told: dict[str, Any]) -> None:
    assert told["comparison"]["flipped"]["test split"]
    assert {flip["text"] for flip in told["comparison"]["flipped"]["test split"]} == {None}
    test = [row.text for row in read_labels()[0] if row.split == "test"][:40]
    html = (made[0] / "report.html").read_text(encoding="utf-8")
    assert not [text for text in test if text[20:60] in html]


@pytest.mark.parametrize("form", ["html", "md"])
def test_texts_of_labels_are_escaped(made: tuple[Path, int], form: str) -> None:
    text = (made[0] / f"report.{form}").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;wire&lt;/b&gt;" in text
    assert not re.search(r"<script|<img|<b>wire", text)
    if form == "md":
        assert "[x](" not in text
        rows = [line for line in text.splitlines() if "&lt;script" in line]
        assert all(line.startswith("| ") and line.endswith(" |") for line in rows)


def test_the_page_stands_alone(made: tuple[Path, int]) -> None:
    html = (made[0] / "report.html").read_text(encoding="utf-8")
    addresses = re.findall(r"""\b(?:src|href|action|data|poster)\s*=\s*["']([^"']*)""", html)
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert addresses
    assert [each for each in addresses if each[:1] != "#" or each[1:] not in ids] == []
    assert len(ids) == len(set(ids))
    assert not re.search(r"@import|url\((?!#)|javascript:(?!1\))", html)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium")
def test_a_browser_shows_tables_and_pictures_and_fetches_nothing(made: tuple[Path, int], tmp_path: Path) -> None:
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    more = "--disable-component-update --disable-sync --enable-logging=stderr --v=0 --dump-dom"
    page = made[0] / "report.html"
    command = [str(CHROMIUM), *flags.split(), *more.split(), f"--user-data-dir={tmp_path}", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, timeout=120)
    dom = shown.stdout
    assert dom.count("<h2 ") == len(CHAPTERS) + 1
    assert dom.count("<table") > 30
    assert dom.count("<svg") == dom.count("<figure>") >= 5
    assert "<script" not in dom
    assert "<img" not in dom
    assert not re.search(r"""\b(?:src|href)=["'](?!#)""", dom)
    assert "CONSOLE" not in shown.stderr


def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    monkeypatch.delitem(__import__("sys").modules, "training.report")
    monkeypatch.delattr("training.report")
    assert evaluate_main(["--report", str(tmp_path)]) == 2
    assert "install it with: pip install '.[report]'" in capsys.readouterr().err


def test_a_curve_that_is_there_is_shown(made: tuple[Path, int], told: dict[str, Any]) -> None:
    point = {"articles": 10, "paragraphs": 80, "scores": {"cross-validation": [0.5, 0.4, 0.6]}}
    curve = {"points": [point, point | {"articles": 20}]}
    html = report_module.render(told | {"curve": curve}, "html")
    assert "fills this section" not in html
    assert "0.500 (0.400 to 0.600)" in html


def test_intervals_on_few_articles_and_on_none_wrong_are_marked() -> None:
    tables = per_article(["a", "b"] * 4, ["a", "a"] * 4, list("xxyyzzww"), ["a", "b"])
    told = figure(macro_f1, tables)
    assert (told["n"], told["articles"], told["note"]) == (8, 4, "few articles")
    none = share(np.zeros(60, dtype=bool), [str(n // 3) for n in range(60)])
    assert none["note"] == "exact"
    assert none["high"] == pytest.approx(1 - 0.025 ** (1 / 60))
    empty = share(np.zeros(3, dtype=bool), list("abc"), np.zeros(3, dtype=bool))
    assert empty["value"] is None


def test_a_difference_is_paired_and_holds_zero_for_equals() -> None:
    random = np.random.default_rng(3)
    first = random.integers(0, 9, (40, 2, 2)).astype(np.float64)
    assert change(macro_f1, first, first, 10)["verdict"] == "no detectable difference"
    better = first + np.eye(2) * 9
    assert change(macro_f1, first, better, 10)["verdict"] == "higher"
    assert change(macro_f1, better, first, 10)["verdict"] == "lower"


def test_adjusted_counts_undo_known_error_rates() -> None:
    truth = np.array([0.7, 0.2, 0.1])
    rates = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.1, 0.6]])
    sums = np.stack([truth, truth @ rates, truth]) * 1000
    assert _estimates(sums[None], rates[None] * 50)["adjusted"][0] == pytest.approx(truth)


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("MOSKOW, WARTASELAT.ID - Juru bicara itu menolak hadir.", "MOSKOW, WARTASELAT.ID - "),
        ("Jakarta, Kabar Timur – – Rapat ditunda.", "Jakarta, Kabar Timur – – "),
        ("BEIJING — Pertemuan itu batal.", "BEIJING — "),
        ("Hubungan Tiongkok-Rusia makin erat.", ""),
        ("Menteri itu hadir - dan pergi lagi.", ""),
    ],
)
def test_datelines_are_known(text: str, opening: str) -> None:
    assert dateline(text) == opening
