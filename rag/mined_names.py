"""What the brackets of a whole corpus explain (:mod:`index.explained`), put together.

Where a Chinese name begins is not printed. What all of its places have in common tells,
and with one place only, how long the English is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from index.explained import Explained

MAX_NAMES = 3  # Chinese names of an English one
MAX_PAIRS = 200_000  # of one corpus
SHARED = 0.6  # of its places agree where a name begins


@dataclass(frozen=True, slots=True)
class MinedNames:
    """What brackets explain: Chinese names by English name (lower case) and by acronym.

    ``short`` maps a short Chinese name to its full ones.
    """

    english: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acronyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    short: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def mined_names(explained: Iterable[Explained]) -> MinedNames:
    """Return the names that the brackets ``explained`` make known, in linear time."""
    places: dict[str, list[Sequence[str]]] = {}
    short: dict[str, Counter[str]] = {}
    for each in islice(explained, MAX_PAIRS):
        if each.kind == "short":
            short.setdefault(each.name, Counter()).update(each.meanings[:1])
        else:
            places.setdefault(each.name, []).append(each.meanings)
    chosen = {name: _agreed(found) for name, found in places.items()}
    return MinedNames(
        english={
            name.lower(): same for name, same in chosen.items() if same and not _capital(name)
        },
        acronyms={name: same for name, same in chosen.items() if same and _capital(name)},
        short={
            name: tuple(full for full, _ in found.most_common(MAX_NAMES))
            for name, found in short.items()
        },
    )


def _capital(name: str) -> bool:
    return name.isalpha() and name.isupper()


def _agreed(places: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the longest name that most places share, then other common ones.

    Each place holds the names that may end there, longest first.
    """
    counted = Counter(name for names in places for name in names)
    best = [name for name, count in counted.items() if count >= SHARED * len(places)]
    if best:
        return (max(best, key=len),)
    whole = Counter(names[0] for names in places)
    return tuple(name for name, _ in whole.most_common(MAX_NAMES))
