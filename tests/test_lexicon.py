"""Words to numbers: whatever stands between them, and however much is remembered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stance.lexicon
from stance.lexicon import Lexicon
from stance.text import WORD, fold

STEMS, WORDS = ["barat", "china", "tuduh"], ["barat", "menuduh"]
KNOWN = Lexicon(STEMS, WORDS)


@settings(max_examples=200)
@given(st.lists(st.text(st.characters() | st.sampled_from(" \n\t\u00a0\u00ad\u200b_-'a1"), max_size=40), max_size=5))
def test_words_are_those_of_the_pattern_at_their_places(texts: list[str]) -> None:
    tokens = KNOWN.tokens(texts)
    expected = [(k, *word.span()) for k, text in enumerate(texts) for word in WORD.finditer(text)]
    assert list(zip(tokens.row.tolist(), tokens.start.tolist(), tokens.end.tolist(), strict=True)) == expected


def test_numbers_are_those_of_the_word_whatever_stands_around_it() -> None:
    text = "(Menuduh), menuduh;\u00a0Barat-China “menu\u00adduh” 99 AS"
    tokens = KNOWN.tokens([text])
    words = [fold(text[start:end]) for start, end in zip(tokens.start, tokens.end, strict=True)]
    assert words == ["menuduh", "menuduh", "barat", "china", "menuduh", "99", "as"]
    assert tokens.stem.tolist() == [3, 3, 1, 2, 3, 0, 0]
    assert tokens.word.tolist() == [2, 2, 1, 0, 2, 0, 0]
    assert tokens.role[-1] > 0


def test_the_words_of_the_first_texts() -> None:
    texts = ["Barat menuduh", "", "China", "Barat"]
    for count in range(5):
        ours, theirs = KNOWN.tokens(texts).of_first(count), KNOWN.tokens(texts[:count])
        assert all((getattr(ours, name) == values).all() for name, values in vars(theirs).items() if name != "texts")
        assert ours.texts == count


def test_memory_is_bounded_and_says_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stance.lexicon, "REMEMBERED", 5000)
    lexicon = Lexicon(STEMS, WORDS)
    lexicon.tokens(["Barat menuduh China. " * 1000])
    assert not lexicon.full
    numbers = lexicon.tokens([" ".join(f"a{k}" for k in range(2000))]).stem
    assert lexicon.full
    assert len(numbers) == 2000
    assert lexicon.tokens(["menuduh"]).stem.tolist() == [3]
