"""The suite of pages: the reassembly against seed pages, written pages and generated ones."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.page_generator import generate
from evals.page_gold import GoldPage, read_gold
from evals.page_metrics import PageScore, compare, page_metrics
from evals.page_sources import NEWS, load_sources
from evals.types import Figure, PageRow
from index.articles import articles_of
from index.decoding import read_page
from index.reading import Reading
from index.types import CorpusError, Page

GENERATED_COUNT = 300
GENERATED_SEED = 20260304

Reads = Callable[[Page], Reading]
Progress = Callable[[int, int], None]
Golds = Sequence[tuple[str, GoldPage]]  # the group of each page, and its gold


@dataclass(frozen=True, slots=True)
class ReadPages:
    """The pages of the suite as they were read, and the figures of each group."""

    rows: tuple[PageRow, ...]
    metrics: Mapping[str, Figure]


def gold_pages(folder: Path, seeds: Path) -> list[tuple[str, GoldPage]]:
    """Return the group and the gold of every page in ``folder``, in the order of names.

    The text of a ``written`` page lies beside its gold; the gold of one of the ``seeds`` is
    named like the page there. Raises :class:`CorpusError` where there is no gold, for a
    page that is missing and for gold that does not fit it.
    """
    found: list[tuple[str, GoldPage]] = []
    for tsv in sorted(folder.glob("*.tsv")):
        beside, seed = tsv.with_suffix(".txt"), seeds / f"{tsv.stem}.txt"
        group, text = ("written", beside) if beside.exists() else ("seeds", seed)
        if not text.exists():
            raise CorpusError(f"{tsv.name}: there is no page {text.name} for this gold; add it")
        found.append((group, read_gold(tsv, read_page(text, text.name))))
    if not found:
        raise CorpusError(f"{folder}: there is no gold (*.tsv) in this folder; add some")
    return found


def generated_pages(data: Path, count: int = GENERATED_COUNT) -> list[tuple[str, GoldPage]]:
    """Return pages composed of held-out articles, and their gold: the same every time.

    Raises :class:`CorpusError` where ``data`` has no articles.
    """
    pages = generate(load_sources(data, "test"), count, GENERATED_SEED, "test")
    return [("generated", page.gold) for page in pages]


def has_articles(data: Path) -> bool:
    """Return whether pages can be composed from the folder ``data``."""
    return (data / NEWS).is_file()


def read_pages(
    golds: Golds, reads: Reads = articles_of, progress: Progress | None = None
) -> ReadPages:
    """Return how each page is read, in order, and all figures, ``<group>.<metric>``.

    ``all.pages_per_minute`` counts processor time, so that it is that of one core.
    """
    rows: list[PageRow] = []
    scores: dict[str, list[PageScore]] = {}
    busy_s = 0.0
    for group, gold in _warmed(golds, reads):
        started, started_busy = time.perf_counter(), time.process_time()
        reading = reads(gold.page)
        busy_s += time.process_time() - started_busy
        elapsed_ms = (time.perf_counter() - started) * 1000
        score = compare(reading, gold)
        scores.setdefault(group, []).append(score)
        rows.append(
            PageRow(
                gold.name,
                group,
                len(score.matches),
                score.whole_articles,
                score.faults,
                elapsed_ms,
            )
        )
        if progress:
            progress(len(rows), len(golds))
    metrics = {
        f"{group}.{name}": figure
        for group, members in scores.items()
        for name, figure in page_metrics(members).items()
    }
    if busy_s:
        metrics["all.pages_per_minute"] = Figure(60 * len(rows) / busy_s, len(rows))
    return ReadPages(tuple(rows), metrics)


def _warmed(golds: Golds, reads: Reads) -> Iterator[tuple[str, GoldPage]]:
    """Yield ``golds`` after one was read for nothing: what is loaded once is not measured."""
    for _, gold in golds[:1]:
        reads(gold.page)
    yield from golds
