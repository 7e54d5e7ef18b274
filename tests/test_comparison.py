"""Two sets of predictions compared: against an example worked by hand, and what must hold for any."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.comparison import Flip, compare, lines
from training.scores import interval, per_article

LABELS = ("a", "b")
ROWS = st.lists(st.tuples(*[st.sampled_from(LABELS)] * 3, st.sampled_from("123456789")), min_size=1, max_size=40)


def six_articles(count: int = 6) -> tuple[list[str], list[str], list[str], list[str]]:
    """In each article one `a` and one `b`; the first calls all `a`, the second is right throughout."""
    truth, articles = ["a", "b"] * count, [str(n // 2) for n in range(2 * count)]
    return truth, ["a"] * len(truth), list(truth), articles


def test_an_example_worked_by_hand() -> None:
    truth, first, second, articles = six_articles()
    told = compare(truth, first, second, articles, LABELS)
    assert told.first == pytest.approx((2 * 6 / 18 + 0) / 2)
    assert told.second == 1
    assert told.difference == pytest.approx(2 / 3)
    assert (told.low, told.high) == pytest.approx((2 / 3, 2 / 3))  # every draw of these articles is alike
    assert (told.only_first, told.only_second) == (0, 6)
    assert told.p == pytest.approx(2 * 0.5**6)
    assert told.flips[:2] == (Flip(1, "b", "a", "b"), Flip(3, "b", "a", "b"))
    assert told.verdict == "better"
    assert compare(truth, second, first, articles, LABELS).verdict == "worse"


def test_an_interval_that_holds_0_tells_nothing() -> None:
    truth, articles = ["a", "b"] * 8, [str(n // 2) for n in range(16)]
    first, second = list(truth), list(truth)
    first[1] = first[3] = "a"
    second[5] = "a"
    told = compare(truth, first, second, articles, LABELS)
    assert told.difference > 0
    assert told.low < 0 < told.high
    assert told.verdict == "no detectable difference"


def test_few_articles_tell_nothing() -> None:
    told = compare(*six_articles(5), LABELS)
    assert told.difference == pytest.approx(2 / 3)
    assert told.verdict == "no detectable difference"
    assert "under 6 articles" in "\n".join(lines(told))


@settings(deadline=None, max_examples=30)
@given(ROWS)
def test_nothing_differs_from_itself_and_swapping_negates(rows: list[tuple[str, ...]]) -> None:
    truth, first, second, articles = (list(column) for column in zip(*rows, strict=True))
    same = compare(truth, first, first, articles, LABELS)
    assert (same.difference, same.low, same.high, same.p, same.flips) == (0, 0, 0, 1, ())
    assert same.verdict == "no detectable difference"
    there, back = compare(truth, first, second, articles, LABELS), compare(truth, second, first, articles, LABELS)
    assert (there.difference, there.low, there.high) == pytest.approx((-back.difference, -back.high, -back.low))
    assert (there.only_first, there.only_second, there.p) == (back.only_second, back.only_first, back.p)
    assert there.first_interval == back.second_interval == interval(per_article(truth, first, articles, LABELS))
    assert {there.verdict, back.verdict} in ({"better", "worse"}, {"no detectable difference"})


def test_the_lines_name_both_and_the_verdict() -> None:
    shown = lines(compare(*six_articles(), LABELS), "shipped", "new")
    assert "shipped     macro-F1 0.333" in shown[0]
    assert "new         macro-F1 1.000 (1.000 to 1.000)" in shown[1]
    assert shown[2].endswith("+0.667 (+0.667 to +0.667): better")
    assert "right only in shipped 0, only in new 6 (p = 0.031); 6 of 12 paragraphs" in shown[3]


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="no paragraphs"):
        compare([], [], [], [], LABELS)
    with pytest.raises(ValueError, match="got 1, 2, 1, 1"):
        compare(["a"], ["a", "b"], ["a"], ["1"], LABELS)
    with pytest.raises(ValueError, match="unknown label 'c'"):
        compare(["a"], ["c"], ["a"], ["1"], LABELS)
