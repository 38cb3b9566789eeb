"""What `make torture` does many times over, and the table of what came of it.

A test that takes the fixture ``torture`` does a little in the daily run and a lot with
``--torture``; what it counted goes into ``test-results/torture.jsonl``, one line a promise::

    pytest -m torture --torture && python -m tests.torture
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path("test-results") / "torture.jsonl"


@dataclass(frozen=True)
class Torture:
    """How much a test does: ``full`` with ``--torture``."""

    full: bool

    def times(self, few: int, many: int) -> int:
        """Return how often: ``few`` in the daily run, ``many`` with ``--torture``."""
        return many if self.full else few

    def tell(self, promise: str, **figures: float | str) -> None:
        """Keep what was counted for a promise; of the daily run nothing is kept."""
        if not self.full:
            return
        RESULTS.parent.mkdir(exist_ok=True)
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"promise": promise, **figures}, ensure_ascii=False) + "\n")


def table(path: Path = RESULTS) -> str:
    """Return the figures in Markdown, the newest of each promise."""
    newest: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        figures = json.loads(line)
        promise = figures.pop("promise")
        newest[promise] = ", ".join(f"{name} {value}" for name, value in figures.items())
    rows = [f"| {promise} | {figures} |" for promise, figures in sorted(newest.items())]
    return "\n".join(("| promise | counted |", "|---|---|", *rows))


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
