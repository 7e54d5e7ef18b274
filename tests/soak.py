"""Memory over time: `python tests/soak.py [MINUTES]` scores ever-new words and prints the memory once a minute.

No part of the test suite, since it takes ten minutes; its figures stand in tests/README.md.
"""

import random
import string
import sys
import time
from pathlib import Path

from stance import predict
from stance.model import shipped_model

PAGE = 4096  # bytes, on Linux
LETTERS = string.ascii_lowercase
AFFIXED = ("me{}kan", "di{}", "ber{}", "{}nya", "pe{}an", "{}", "{}")


def paragraph(chance: random.Random) -> str:
    """Forty words that nobody has written before, with the affixes that the stemmer takes off, among a few known ones."""
    words = [chance.choice(AFFIXED).format("".join(chance.choices(LETTERS, k=chance.randint(4, 12)))) for _ in range(40)]
    return "Kremlin menolak tuduhan Washington: " + " ".join(words) + "."


def resident() -> float:
    """The memory of this process that is in use, in MB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE / 1e6


def main(minutes: float) -> None:
    chance, start, rows = random.Random(0), time.monotonic(), 0
    shipped_model()
    print(f"{'minute':>6} {'paragraphs':>11} {'words held':>11} {'MB':>7}")
    for minute in range(int(minutes) + 1):
        while time.monotonic() - start < 60 * minute:
            predict([paragraph(chance) for _ in range(50)])
            rows += 50
        print(f"{minute:>6} {rows:>11,} {len(shipped_model().vectorizer.lexicon()):>11,} {resident():>7.1f}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
