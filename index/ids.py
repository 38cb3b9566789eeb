"""The identity of an article: its file and its opening words."""

import hashlib
from collections import Counter

from index.text import fold

CHARS_OF_ID = 200


def stable_id(file: str, body: str, openings: Counter[str]) -> str:
    """Return twelve hexadecimal digits that stay the same while the opening words do.

    ``openings`` counts the opening words that the file has had: equal ones are numbered.
    """
    opening = fold(body[:CHARS_OF_ID])
    seed = f"{file}\n{opening}\n{openings[opening]}"
    openings[opening] += 1
    return hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:12]
