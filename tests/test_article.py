"""`predict` and `score_page`: what they give, and what bad input gets."""

import dataclasses
import json
import pickle
from pathlib import Path

import pytest
from conftest import EXAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st

import stance
from stance.article import Prediction

CHARGE = "Amerika Serikat menuduh perusahaan China memasok chip untuk pabrik senjata Rusia."
PRAISE = "Presiden Rusia Vladimir Putin memuji persahabatan Rusia dan China yang semakin kuat menghadapi hegemoni Barat."
SCHEDULE = "Menteri Luar Negeri Rusia Sergei Lavrov dijadwalkan tiba di Beijing pada Senin untuk kunjungan dua hari."


def test_plain_cases() -> None:
    labels = [p.stance for p in stance.predict([CHARGE, PRAISE, SCHEDULE])]
    assert labels == ["critical-of-beijing", "pro-moscow", "neutral"]


def test_one_text_gives_one_prediction_and_a_list_a_list_in_order() -> None:
    one = stance.predict(CHARGE)
    assert isinstance(one, Prediction)
    several = stance.predict([PRAISE, CHARGE])
    assert several[1] == one
    assert stance.predict([]) == []
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.stance = "neutral"  # type: ignore[misc]


def test_what_stood_before_tells_who_speaks() -> None:
    quote = '"Mereka sendiri yang memulai perang ini," katanya.'
    alone = stance.predict(quote)
    moscow = stance.predict(quote, previous="Juru bicara Kremlin Dmitry Peskov menyalahkan NATO.")
    kyiv = stance.predict(quote, previous='"Kami bertahan," kata Presiden Ukraina Volodymyr Zelensky di Kyiv.')
    assert alone.unsure
    assert not alone.on_topic
    assert moscow.on_topic
    assert moscow.stance_scores["pro-moscow"] > kyiv.stance_scores["pro-moscow"] + 0.1


def test_evidence_points_into_the_original_text() -> None:
    text = "  “Washington”\tmenuduh\u00a0Beijing membantu   Moskow. "
    evidence = stance.predict(text).evidence
    words = [text[e.start : e.end] for e in evidence]
    assert {"menuduh", "Beijing"} <= set(words)
    assert [abs(e.weight) for e in evidence] == sorted((abs(e.weight) for e in evidence), reverse=True)


def test_results_can_be_kept_as_plain_data() -> None:
    prediction = stance.predict(CHARGE)
    plain = json.loads(json.dumps(dataclasses.asdict(prediction)))
    assert plain["evidence"][0]["weight"] == prediction.evidence[0].weight
    assert pickle.loads(pickle.dumps(prediction)) == prediction


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no word"),
        (" \n\t", "no word"),
        ("!?…", "no word"),
        ("qwrtz plmkn vbxcz hjklö fghjz", "no known word"),
        ("The president of the United States said on Monday that he would not attend the summit.", "another language"),
        ("Le président a déclaré lundi que la Russie ne participerait pas aux négociations.", "another language"),
        ("Putin marah.", "under 5 words"),
        ("Kremlin menolak. " * 300, "over 400 words"),
        ("Harga cabai rawit di pasar induk naik dua kali lipat sejak awal pekan ini.", "names neither"),
    ],
)
def test_doubtful_input_is_unsure_and_says_why(text: str, reason: str) -> None:
    prediction = stance.predict(text)
    assert prediction.unsure
    assert reason in (prediction.reason or "")
    assert sum(prediction.stance_scores.values()) == pytest.approx(1)
    assert sum(prediction.sentiment_scores.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stance.predict(None), "NoneType"),  # type: ignore[call-overload]
        (lambda: stance.predict(b"Moskow"), "bytes"),  # type: ignore[call-overload]
        (lambda: stance.predict(7), "int"),  # type: ignore[call-overload]
        (lambda: stance.predict(["a", None]), "text 1 must be a string, got NoneType"),  # type: ignore[list-item]
        (lambda: stance.predict(["a"], previous=[3]), "previous 0 must be a string or None, got int"),  # type: ignore[list-item]
        (lambda: stance.predict(["a"], previous="b"), "previous must be a list"),  # type: ignore[call-overload]
        (lambda: stance.predict("a", previous=["b"]), "previous must be a string"),  # type: ignore[call-overload]
    ],
)
def test_wrong_types_are_named(call: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()  # type: ignore[operator]


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="previous has 1 entries for 2 texts"):
        stance.predict(["a", "b"], previous=[None])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(st.characters() | st.sampled_from("\x00\u200b\u202e“”\ud800 "), max_size=120), max_size=4))
def test_any_text_is_scored(texts: list[str]) -> None:
    for text, prediction in zip(texts, stance.predict(texts), strict=True):
        assert sum(prediction.stance_scores.values()) == pytest.approx(1)
        assert all(0 <= e.start < e.end <= len(text) for e in prediction.evidence)
        assert prediction.unsure == (prediction.reason is not None)


def test_the_same_words_in_other_characters_score_the_same() -> None:
    plain = stance.predict(CHARGE).stance_scores
    zero_width = stance.predict(CHARGE.replace("menuduh", "menu\u200bduh").replace("China", "Chi\u00adna"))
    wide = stance.predict(CHARGE.replace("China", "Ｃｈｉｎａ"))
    assert zero_width.stance_scores == pytest.approx(plain)
    assert wide.stance_scores == pytest.approx(plain)


def test_megabytes_and_endless_paragraphs_are_scored() -> None:
    assert stance.predict("Kremlin menuduh Barat. " * 220_000).unsure
    assert len(stance.predict(["kata " * 100_000, CHARGE])) == 2


def test_page_becomes_an_article() -> None:
    article = stance.score_page(EXAMPLE.read_text(encoding="utf-8"))
    assert [p.n for p in article.paragraphs] == list(range(1, 8))
    assert article.paragraphs[3].prediction.stance == "critical-of-beijing"
    assert article.paragraphs[1].prediction.stance == "pro-moscow"
    assert sum(article.stance_shares.values()) == pytest.approx(1)
    assert sum(article.sentiment_shares.values()) == pytest.approx(1)


def test_a_page_without_body_has_no_paragraphs_and_no_shares() -> None:
    article = stance.score_page("Beranda\nBaca juga: Xi\n")
    assert article.paragraphs == ()
    assert set(article.stance_shares.values()) == {0.0}


def test_indonesian_news_is_not_taken_for_another_language(real: Path) -> None:
    from training.real import real_sets

    for real_set in real_sets(real):
        reasons = [p.reason or "" for p in stance.predict(real_set.texts)]
        foreign = sum("language" in reason for reason in reasons)
        # off the triangle a model of the triangle's words knows fewer of them
        assert foreign <= (len(reasons) * 0.03 if real_set.name == "offtopic" else 0)
