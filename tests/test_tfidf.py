"""Keys to columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stance.tfidf import Columns

KEYS = st.lists(st.integers(0, 1 << 52), min_size=1, max_size=60, unique=True)


@given(KEYS, st.lists(st.integers(0, 1 << 52), max_size=60))
def test_every_key_has_its_column_and_others_have_none(keys: list[int], others: list[int]) -> None:
    known = np.array(sorted(keys), dtype=np.int64)
    columns = Columns(known)
    assert columns.of(known).tolist() == list(range(len(known)))
    expected = [sorted(keys).index(key) if key in keys else -1 for key in others]
    assert columns.of(np.array(others, dtype=np.int64)).tolist() == expected


def test_keys_that_share_a_slot_are_told_apart() -> None:
    keys = np.unique(np.random.default_rng(0).integers(0, 1 << 51, 50_000)) * 2
    columns = Columns(keys)
    slots = columns._slots(keys)
    assert len(np.unique(slots)) < len(keys), "no two keys share a slot: this shows nothing"
    assert (columns.of(keys) == np.arange(len(keys))).all()
    assert (columns.of(keys + 1) == -1).all()
