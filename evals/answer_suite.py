"""The suite of answers: is what is quoted the answer, and is the unanswerable refused?"""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from evals.answer_sets import AnswerSet, Wanted
from evals.calibration import expected_calibration_error
from evals.metrics import share, states_fact
from evals.retrieval_suite import Progress, index_documents
from evals.types import AnswerRow, Figure
from index.text import fold, sentences
from index.types import Embedder
from rag.answering import Answerer, answerer_over
from rag.config import Settings
from rag.filters import NO_FILTERS, Filters
from rag.types import Answer

EVIDENCE_CHARS = 10  # a shorter spelling is a fact that a quote has to state


def answer_set(
    asked: AnswerSet, embedder: Embedder, settings: Settings, progress: Progress | None = None
) -> list[AnswerRow]:
    """Return how every question of a set was answered, in order.

    ``progress`` is called with the questions asked and those of the set.
    """
    with tempfile.TemporaryDirectory(prefix="wenbao-eval-") as name:
        index, numbers = index_documents(asked.files, Path(name), embedder)
        answerer = answerer_over(index, embedder, settings)
        found = []
        for wanted in asked.questions:
            found.append(_ask(answerer, numbers, asked.name, wanted))
            if progress:
                progress(len(found), len(asked.questions))
        return found


def _ask(answerer: Answerer, numbers: Mapping[str, int], name: str, wanted: Wanted) -> AnswerRow:
    only = Filters(files=(wanted.file,)) if wanted.file else NO_FILTERS
    answer = answerer.ask(wanted.question, filters=only)
    from_it = [
        wanted.document is None or numbers[citation.article.id] == wanted.document
        for citation in answer.citations
    ]
    quotes = [
        citation.quote.text
        for citation, right in zip(answer.citations, from_it, strict=True)
        if right
    ]
    return AnswerRow(
        set=name,
        question=wanted.question,
        language=wanted.language,
        style=wanted.style,
        gold=wanted.gold,
        answer=answer.text,
        refused=answer.refused,
        confidence=answer.confidence,
        facts_found=tuple(_says(quotes, spellings) for spellings in wanted.gold),
        citations_right=tuple(from_it) if wanted.answerable else (False,) * len(from_it),
        sentences=_sentences(answer),
        elapsed_ms=answer.elapsed_ms,
    )


def _says(quotes: Collection[str], spellings: Sequence[str]) -> bool:
    """Return whether one of ``quotes`` states a spelling, or is a part of one that is long.

    What is as long as a clause is evidence to be quoted, which may run over several sentences.
    """
    evidence = [text for text in map(_squeezed, spellings) if len(text) >= EVIDENCE_CHARS]
    return any(
        states_fact(quote, spellings) or any(_squeezed(quote) in text for text in evidence)
        for quote in quotes
    )


def _squeezed(text: str) -> str:
    """Return ``text`` folded and without white space."""
    return "".join(fold(text).split())


def _sentences(answer: Answer) -> int:
    return sum(len(sentences(citation.quote.text)) for citation in answer.citations)


def answer_metrics(rows: Sequence[AnswerRow]) -> dict[str, Figure]:
    """Return the figures of each set and language, ``<set>.<language>.<metric>``.

    Of answerable questions: ``answer_holds`` (every fact is quoted, from the right document
    where it is known; a refusal does not), ``false_refusal``, ``sentences`` (quoted in an
    answer), ``citation_precision`` and ``citation_recall`` (as ALCE has them, Gao et al., 2023:
    the share of citations that are from the right document; of facts that are quoted). Of
    unanswerable ones: ``refusal``. Of both: ``calibration_error`` (expected, of the confidence
    that what would be quoted answers), and of all rows ``all.latency_median_ms``.
    """
    found: dict[str, Figure] = {}
    for name, language in dict.fromkeys((row.set, row.language) for row in rows):
        members = [row for row in rows if (row.set, row.language) == (name, language)]
        group = f"{name}.{language}"
        answerable = [row for row in members if row.gold]
        if answerable:
            answered = [row for row in answerable if not row.refused]
            counts = [float(row.sentences) for row in answered] or [0.0]
            found |= {
                f"{group}.answer_holds": share(row.holds for row in answerable),
                f"{group}.false_refusal": share(row.refused for row in answerable),
                f"{group}.sentences": Figure(float(np.mean(counts)), len(answered)),
                f"{group}.citation_precision": share(
                    right for row in answered for right in row.citations_right
                ),
                f"{group}.citation_recall": share(
                    said for row in answered for said in row.facts_found
                ),
            }
        misses = [row for row in members if not row.gold]
        if misses:
            found[f"{group}.refusal"] = share(row.refused for row in misses)
        if answerable and misses:
            found[f"{group}.calibration_error"] = Figure(
                expected_calibration_error(
                    [row.confidence for row in members], [bool(row.gold) for row in members]
                ),
                len(members),
            )
    if rows:
        times = [row.elapsed_ms for row in rows]
        found["all.latency_median_ms"] = Figure(float(np.median(times)), len(rows))
    return found
