"""The files that come with WenBao: their sha256, in one place, and what differs from it.

``index/model/SHA256SUMS`` lists the models, tables and weights, paths from the checkout, in the
format of ``sha256sum``. ``python -m index.bundled`` writes it anew after one of them was made
anew; ``wenbao verify`` looks for what was changed since.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from index.light import sha256_of

ROOT = Path(__file__).resolve().parent.parent
SUMS = ROOT / "index" / "model" / "SHA256SUMS"
OTHERS = ("index/reassembly.json", "rag/weights.json")


def bundled_files() -> Iterator[str]:
    """Yield the names of the files that are listed, from the checkout, in order."""
    model = SUMS.parent
    found = [path for path in model.rglob("*") if path.is_file() and path.suffix != ".md"]
    names = [path.relative_to(ROOT).as_posix() for path in found if path != SUMS]
    yield from sorted([*names, *OTHERS])


def sums() -> dict[str, str]:
    """Return the listed sha256 of each file by its name."""
    lines = SUMS.read_text("utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def damaged() -> list[str]:
    """Return a line for each bundled file that is gone or is not the listed one; best none."""
    if not SUMS.is_file():
        return [f"{SUMS}: it is gone; restore it from git"]
    problems = []
    for name, digest in sums().items():
        path = ROOT / name
        if not path.is_file():
            problems.append(f"{path}: it is gone; restore it from git")
        elif sha256_of(path) != digest:
            problems.append(
                f"{path}: not the file that came with WenBao; restore it from git, or, if it was "
                "made anew here, run: python -m index.bundled"
            )
    return problems


if __name__ == "__main__":
    SUMS.write_text("".join(f"{sha256_of(ROOT / name)}  {name}\n" for name in bundled_files()))
    sys.stdout.write(f"{SUMS}\n")
