"""Passages in portions, and what stood before them."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from stance.lexicon import Lexicon
from stance.reading import Passage, portions, read

TEXT = st.text(max_size=5) | st.integers(0, 1_500_000).map("a".__mul__)


@given(st.lists(TEXT | st.tuples(TEXT, st.none() | TEXT), max_size=6))
def test_portions_hold_every_passage_once_and_none_is_huge(passages: list[Passage]) -> None:
    found = list(portions(passages))
    assert list(chain.from_iterable(found)) == passages
    assert all(found)
    for portion in found:
        size = sum(len(text or "") for passage in portion for text in ([passage] if isinstance(passage, str) else passage))
        assert len(portion) == 1 or size <= 2_000_000


def test_portions_of_many_short_passages() -> None:
    assert [len(portion) for portion in portions(["a"] * 2500)] == [1000, 1000, 500]


def test_what_stood_before_is_that_of_each_passage() -> None:
    first, second = "Putin mengatakan itu benar.", "China dan Taiwan diam."
    passages = [first, (second, first), ("Selesai.", f"{first}\n\n{second}"), ("Lagi.", " \n"), (first, "Ia berkata lain.")]
    before = read(passages, Lexicon([], [])).before
    assert before.some.tolist() == [False, True, True, False, True]
    moscow, beijing, taipei = 1, 2, 6
    assert before.first.tolist() == [0, moscow, beijing, 0, 0]
    assert before.last.tolist() == [0, moscow, taipei, 0, 0]
    assert before.speaker.tolist() == [0, moscow, moscow, 0, 0]
    assert before.actors[2] == 1 << (beijing - 1) | 1 << (taipei - 1)
    assert before.named[2] == before.actors[2] | 1 << (moscow - 1)
