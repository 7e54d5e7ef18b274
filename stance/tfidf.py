"""Features counted and weighted: keys to the columns of a matrix, counts to TF-IDF."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from stance.lexicon import Ints, Mask

__all__ = ["Columns", "tfidf"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio: spreads keys evenly (Knuth, TAOCP 3, section 6.4)


class Columns:
    """The column of each of `keys` (sorted, distinct), found by hash: a binary search takes six times as long."""

    def __init__(self, keys: Ints) -> None:
        bits = (8 * len(keys)).bit_length()  # at most one slot in eight is taken
        self._keys, self._shift = keys, np.uint64(64 - bits)
        slots, number = self._slots(keys), np.arange(len(keys), dtype=np.int32)
        self._column = np.zeros(1 << bits, dtype=np.int32)
        self._column[slots] = number
        self._shared = np.zeros(1 << bits, dtype=bool)
        self._shared[slots[self._column[slots] != number]] = True

    def of(self, key: Ints) -> Ints:
        """The column of each key, -1 where it is none of ours."""
        slots = self._slots(key)
        column = self._column.take(slots).astype(np.int64)
        missing = np.flatnonzero(self._keys.take(column) != key)
        column[missing] = -1
        again = missing[self._shared[slots[missing]]]
        place = np.minimum(np.searchsorted(self._keys, key[again]), len(self._keys) - 1)
        column[again] = np.where(self._keys[place] == key[again], place, -1)
        return column

    def _slots(self, key: Ints) -> Ints:
        mixed = key.view(np.uint64) * _GOLDEN
        mixed >>= self._shift
        return mixed.view(np.int64)


def tfidf(place: Ints, times: Ints, idf: npt.NDArray[np.float64], apart: Mask, weight: float, rows: int) -> sp.csr_matrix:
    """The matrix of `rows` passages in which features stand: at `place` (row times features plus column, sorted), how often.

    1 + ln(times), times `idf`; in each row the columns that stand `apart` are made to have Euclidean length `weight`, the
    others 1.
    """
    row, column = np.divmod(place, len(idf))
    values = (1 + np.log(times)) * idf[column]
    aside = apart[column]
    part = 2 * row + aside
    length = np.sqrt(np.bincount(part, values**2, minlength=2 * rows))
    length[1::2] /= weight
    values /= length[part]
    return sp.csr_matrix((values, column, np.searchsorted(row, np.arange(rows + 1))), shape=(rows, len(idf)))
