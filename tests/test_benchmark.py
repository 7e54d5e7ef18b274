"""The sentiment benchmarks: read whole, settings chosen without the test split, a row for each kind of features."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.benchmark import choose, features, main, read_benchmark

SENTENCES = {
    "positive": "Pelayannya ramah dan {}, saya senang sekali.",
    "neutral": "Toko {} buka setiap hari, pukul tujuh.",
    "negative": "Saya kecewa, {} ternyata rusak dan kotor.",
}
THINGS = ("kamarnya", "rotinya", "bukunya", "sepatunya", "kopinya", "filmnya", "lampunya", "kursinya")
TEXTS = [sentence.format(thing) for thing in THINGS for sentence in SENTENCES.values()]
PART = (TEXTS, list(SENTENCES) * len(THINGS))


def written(folder: Path) -> Path:
    for sub in ("nusax_indonesian", "smsa"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    for part in ("train", "valid", "test"):
        quoted = "".join(f'{n},"{text}",{label}\n' for n, (text, label) in enumerate(zip(*PART, strict=True)))
        (folder / "nusax_indonesian" / f"{part}.csv").write_text("id,text,label\n" + quoted, encoding="utf-8")
        lines = "".join(f"{text}\t{label}\n" for text, label in zip(*PART, strict=True))
        (folder / "smsa" / f"{part}.tsv").write_text(lines, encoding="utf-8")
    return folder


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), min_size=1), min_size=1))
def test_smsa_texts_come_back_whole(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("benchmarks") / "smsa"
    folder.mkdir()
    (folder / "valid.tsv").write_text("".join(f"{text}\tneutral\n" for text in texts), encoding="utf-8")
    assert read_benchmark("smsa", "valid", folder.parent) == (texts, ["neutral"] * len(texts))


def test_every_kind_of_features_has_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(written(tmp_path))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[1] for line in lines[2:]] == list(features()) * 2
    assert len({line.count("|") for line in lines}) == 1
    assert all("1.000 (1.000 to 1.000)" in line for line in lines[2:])  # each label has words of its own


def test_the_defaults_are_kept_and_others_are_chosen_by_valid() -> None:
    plain, *others = features()
    assert choose(plain, features()[plain], PART, PART).settings == "C 1, weights None"
    mostly_neutral = ([*TEXTS, *TEXTS[1::3] * 20], [*PART[1], *["neutral"] * 20 * len(THINGS)])
    # texts with one known word go to the commonest label, unless weights even the labels out
    faint = ([*TEXTS, *["Saya belum tahu, katanya ramah."] * 3], [*PART[1], *["positive"] * 3])
    for name in others:
        assert "weights balanced" in choose(name, features()[name], mostly_neutral, faint).settings


def test_data_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path / "none")]) == 2
    assert "none is not there" in capsys.readouterr().err
