"""The minimal pairs: well-formed, written for themselves, and run against a model."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from stance.head import STANCES
from stance.text import WORD, fold
from training.behaviour import COLUMNS, behaviour_table, main, read_behaviour, run_behaviour
from training.labels import read_labels

PAIRS = read_behaviour()
MEMBERS = [member for pair in PAIRS for member in pair]
RUN, PLAIN = 7, 4  # a run of seven words counts when four of them are no names: titles cannot be worded anew
HEADER = ",".join(COLUMNS) + "\n"
GOOD = "1,speaker,1,,Satu kata,neutral,,\n1,speaker,2,,Dua kata,pro-moscow,,\n"


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = WORD.findall(text)
    for k in range(len(words) - RUN + 1):
        if sum(word[0].islower() for word in words[k : k + RUN]) >= PLAIN:
            yield tuple(fold(word) for word in words[k : k + RUN])


def test_there_are_enough_pairs_of_every_kind() -> None:
    kinds = Counter(first.kind for first, _ in PAIRS)
    assert len(PAIRS) >= 80
    assert min(kinds.values()) >= 6, kinds
    assert {member.stance for member in MEMBERS} == {*STANCES, "unsure"}


def test_the_members_of_a_pair_differ_in_one_thing() -> None:
    for first, second in PAIRS:
        assert (first.text != second.text) != (first.previous != second.previous), f"pair {first.pair}"


def test_no_pair_is_worded_like_the_labels() -> None:
    known = {run for row in read_labels()[0] for run in runs(row.text)}
    shared = [(m.pair, run) for m in MEMBERS for text in (m.text, m.previous or "") for run in runs(text) if run in known]
    assert not shared


def test_every_member_has_a_reason_and_a_second_reading() -> None:
    assert not [member.pair for member in MEMBERS if not member.note or not member.second]


def test_each_pair_has_its_outcome_and_the_table_counts_them() -> None:
    outcomes = run_behaviour()
    assert [(o.pair, o.expected) for o in outcomes] == [(a.pair, (a.stance, b.stance)) for a, b in PAIRS]
    for outcome in outcomes:
        assert outcome.passed == (outcome.got == outcome.expected)
        assert all(sum(scores.values()) == pytest.approx(1) for scores in outcome.scores)
    table = behaviour_table(outcomes)
    passed = sum(outcome.passed for outcome in outcomes)
    assert table.count("\npair ") == len(PAIRS) - passed
    assert next(line for line in table.splitlines() if line.startswith("all")).split()[1:3] == [str(len(PAIRS)), str(passed)]


def test_only_where_doubt_is_expected_doubt_is_right(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    text = "Le président est arrivé hier soir dans la capitale avec ses ministres."
    path.write_text(f"{HEADER}1,language,1,,{text},neutral,,\n1,language,2,,{text},unsure,,\n", encoding="utf-8")
    (outcome,) = run_behaviour(path=path)
    assert outcome.unsure == (True, True)
    assert outcome.got[0] in STANCES
    assert outcome.got[1] == "unsure"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "row 1: the columns are missing"),
        ("pair,text\n1,Satu\n", "row 1: the columns are"),
        (HEADER + GOOD.replace("2,,Dua kata", "2,Dua kata"), "row 3: 7 cells"),
        (HEADER + GOOD.replace("neutral", "pro-kremlin"), "row 2: stance is 'pro-kremlin'"),
        (HEADER + GOOD.replace("Dua kata", " "), "row 3: pair must be"),
        (HEADER + GOOD.replace("1,speaker,2", "x,speaker,2"), "row 3: pair must be"),
        (HEADER + GOOD.replace("speaker,2", "speaker,1"), "row 2: pair 1 must stand once"),
        (HEADER + GOOD.replace("1,speaker,2", "1,denial,2"), "row 2: pair 1 must stand once"),
        (HEADER + GOOD + GOOD.replace("speaker", "denial"), "row 4: pair 1 must stand once"),
        (HEADER + GOOD + "2,speaker,1,,Tiga kata,neutral,,\n", "row 4: pair 2 must stand once"),
    ],
)
def test_a_malformed_file_is_refused_with_the_row_named(content: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_behaviour(path)


def test_a_model_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", str(tmp_path / "none.zip")]) == 2
    assert "none.zip" in capsys.readouterr().err
