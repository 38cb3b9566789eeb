"""What every fit of weights does alike: articles go into folds, weights are written in one step."""

import json
import os
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FOLDS = 5
SEED = 7


def folds_of(articles: Iterable[str]) -> dict[str, int]:
    """Return the fold of each article, one of :data:`FOLDS`, the same every time."""
    names = sorted(set(articles))
    random.Random(SEED).shuffle(names)
    return {name: number % FOLDS for number, name in enumerate(names)}


def replace_weights(path: Path, weights: Mapping[str, Any]) -> None:
    """Write ``weights`` so that ``path`` is whole at any time; raises OSError.

    They go to a file beside it that then takes its place: a run that is killed leaves what
    was there before.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
