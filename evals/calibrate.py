"""Fits ``rag/weights.json``: which sentence answers, and does the corpus answer at all.

::

    python -m evals.calibrate --data ../shared/data

Learns from the training questions over the news documents that the encoder has not seen, and from
the cases of the split ``tune`` over the seed pages (never from a test set). The documents that are
asked about and others make one index; every question is asked of it, near misses included, and
every answerable one once more with its own document hidden. Articles, not questions, are split
five ways, and the figures printed are those of articles that the fit has not seen; how much the
reader counts in the order of passages is one number, chosen over all of them.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.calibration import expected_calibration_error
from evals.cases import find_gold, load_cases
from evals.fitting import FOLDS, folds_of, replace_weights
from evals.metrics import hits_evidence
from evals.run import SUITES
from evals.training_questions import answerer_of, documents_and_questions
from evals.types import Case
from index.build import build_index
from index.embedding import load_embedder
from index.store import load_index
from index.text import sentences
from rag import extractive
from rag.answering import Answerer, answerer_over
from rag.caveats import of_edition
from rag.config import load_settings
from rag.extractive import AnswerModel, Candidate, Logistic, ranked, support_features
from rag.fusion import probabilities
from rag.question import understand
from rag.reader import load_reader
from rag.reranking import READ_PASSAGES, combined, logit_of, reranked
from rag.types import Citation, Language, Passage, Question

MADE_BY = "python -m evals.calibrate --data ../shared/data"
CASES = SUITES["seeds"]
DOCUMENTS = 600  # those that are asked about among them
FALSE_REFUSALS = 0.1  # of the questions that have an answer, while fitting: these are hard
ANSWERABLE = 2 / 3  # of what people ask; of the questions of the fit, two in five
LANGUAGES: tuple[Language, ...] = ("zh", "en")
READINGS = [round(0.05 * step, 2) for step in range(31)]
COMPANIONS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SENTENCE_FEATURES = (
    "coverage", "new_coverage", "focus", "lead", "passage_coverage", "cosine",
    "passage_cosine", "behind", "kind", "counted", "short", "log_chars", "read_words",
    "read_answers",
)  # fmt: skip
SUPPORT_FEATURES = (
    "best", "passage_coverage", "missing_number", "missing_peak", "cosine", "passage_cosine",
    "cosine_gap", "counted", "kind", "read_words", "read_answers", "read_most", "read_covered",
    "names_missing", "things_missing", "month_missing",
)  # fmt: skip
# What a sentence holds of the question is never evidence against it, few as the questions are,
# and what it lacks never for it.
SPEAKING_FOR = (
    "best", "coverage", "new_coverage", "focus", "kind", "counted", "cosine", "passage_coverage",
    "passage_cosine", "read_words", "read_answers", "read_most", "read_covered",
)  # fmt: skip
SPEAKING_AGAINST = (
    "missing_number", "missing_peak", "names_missing", "things_missing", "month_missing",
)  # fmt: skip
NEARLY_ALL = 0.005  # of the answers may be lost to quote fewer sentences
LEAST_WEIGHT = 0.1  # of those, for a feature of unit spread, in choosing a sentence
PRECISION = 5.0  # of the normal prior on the weights


@dataclass(frozen=True)
class Posed:
    """A question with the passages found for it; ``holds`` tells what a candidate holds."""

    answerer: Answerer
    question: Question
    passages: Sequence[Passage]
    article: str
    answerable: bool
    near_miss: bool
    holds: Callable[[Candidate], bool]

    def right(self, passage: Passage) -> bool:
        """Return whether a sentence of ``passage`` holds the evidence."""
        start = passage.chunk.start
        return any(
            self.holds(Candidate(passage, start + a, start + b, {}))
            for a, b in sentences(passage.chunk.excerpt.text)
        )


@dataclass(frozen=True)
class Asked:
    """A training question as it went: candidates, and which of them hold the evidence."""

    language: Language
    article: str  # for splitting
    answerable: bool
    near_miss: bool
    passages: Sequence[Passage]
    candidates: Sequence[Candidate]
    holds: Sequence[bool]


def main(argv: Sequence[str] | None = None) -> None:
    """Fit both models for both languages, print their held-out figures, write the weights."""
    parser = argparse.ArgumentParser(prog="python -m evals.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    parser.add_argument("--out", type=Path, default=extractive.WEIGHTS)
    options = parser.parse_args(argv)
    posed = [*ask_news(options.data), *ask_cases()]
    models: dict[Language, AnswerModel] = {}
    for language in LANGUAGES:
        own = [each for each in posed if each.question.language == language]
        reading = fit_reading(own)
        asked = [each for each in (_asked(p, reading) for p in own) if each.candidates]
        print(language, json.dumps(held_out_figures(asked), indent=1))
        models[language] = replace(fit(asked), reading=reading)
    replace_weights(options.out, extractive.weights_json(models, MADE_BY))
    print(f"written: {options.out}")


def ask_news(data: Path) -> Iterator[Posed]:
    """Yield the training questions as they went over an index of the news documents."""
    texts, questions = documents_and_questions(data, DOCUMENTS)
    with tempfile.TemporaryDirectory() as folder:
        answerer, files = answerer_of(texts, Path(folder))
        for row in questions:
            yield _ask_news(answerer, row, files[row["p"]], hidden=False)
            if row["s"] != "no":
                yield _ask_news(answerer, row, files[row["p"]], hidden=True)


def _ask_news(answerer: Answerer, row: dict[str, Any], own_file: str, hidden: bool) -> Posed:
    """Return how one question about ``own_file`` went; ``hidden`` leaves that out."""
    question = replace(understand(row["q"]), language=row["l"])
    answerable = row["s"] != "no" and not hidden
    evidence = _squeezed(row["e"] or "") if answerable else ""

    def holds(candidate: Candidate) -> bool:
        text = _squeezed(candidate.text)
        said = bool(evidence) and (evidence in text or text in evidence)
        return said and own_file in candidate.passage.article.files

    passages = [
        passage
        for passage in answerer.retriever.retrieve(question, 30)
        if not (hidden and own_file in passage.article.files)
    ]
    near_miss = row["s"] == "no"
    return Posed(answerer, question, passages[:10], row["p"], answerable, near_miss, holds)


def ask_cases() -> Iterator[Posed]:
    """Yield the cases of the split ``tune`` as they went, single questions only."""
    settings, embedder = load_settings(), load_embedder()
    with tempfile.TemporaryDirectory() as folder:
        build_index([settings.seeds], Path(folder), embedder)
        answerer = answerer_over(load_index(Path(folder)), embedder, settings)
        for case in load_cases(CASES):
            if case.split == "tune" and case.kind != "dialogues" and case.style != "small-talk":
                yield _ask_case(answerer, case)


def _ask_case(answerer: Answerer, case: Case) -> Posed:
    gold = find_gold(case, answerer.index)
    question = understand(case.question)

    def holds(candidate: Candidate) -> bool:
        body = candidate.passage.article.body.slice(candidate.start, candidate.end)
        quoted = [Citation(1, candidate.passage.article, body)]
        return gold is not None and any(hits_evidence(quoted, p.span) for p in gold.places)

    passages = answerer.retriever.retrieve(question, 10)
    name = gold.article.id if gold else case.pair or case.id
    near_miss = case.style == "near-miss"
    return Posed(answerer, question, passages, name, gold is not None, near_miss, holds)


def fit_reading(posed: Sequence[Posed]) -> float:
    """Return how much the reader counts: the most likely that the right passages come first."""
    rows = []
    for each in posed:
        first = each.passages[:READ_PASSAGES]
        right = [each.right(passage) for passage in first]
        if any(right):
            read = load_reader().read_passages(each.question.search_text, first)
            scores = np.asarray([p.score for p in first], dtype=np.float32)
            rows.append((scores, [logit_of(reading) for reading in read], right))

    def likelihood(weight: float) -> float:
        return sum(
            float(np.log(probabilities(combined(scores, answers, weight))[right].sum()))
            for scores, answers, right in rows
        )

    weight = max(READINGS, key=likelihood)
    for tried in (0.0, weight):
        hits = [right[int(combined(s, a, tried).argmax())] for s, a, right in rows]
        print(f"reader weighs {tried}: the right one of {READ_PASSAGES} first {_share(hits)}")
    return weight


def _asked(posed: Posed, reading: float) -> Asked:
    question, retriever = posed.question, posed.answerer.retriever
    meant = reranked(question, of_edition(question, posed.passages), load_reader(), reading)
    found = extractive.candidates(question, meant, retriever.analyst, retriever.vectors)
    held = [posed.holds(candidate) for candidate in found]
    return Asked(
        question.language, posed.article, posed.answerable, posed.near_miss, meant, found, held
    )


def fit(asked: Sequence[Asked]) -> AnswerModel:
    """Return the models of one language, fitted on ``asked``."""
    sentence = _fit_sentence(asked)
    companion = _best_companion(asked, sentence)
    draft = AnswerModel(sentence, Logistic(0.0, {}), 0.0, companion, 0.0)
    rows = [_support_row(each, draft)[0] for each in asked]
    labels = [each.answerable for each in asked]
    support = with_prior(_logistic(rows, labels, SUPPORT_FEATURES, least=0.0), labels)
    kept = [support.probability(row) for row, label in zip(rows, labels, strict=True) if label]
    threshold = float(np.quantile(kept, FALSE_REFUSALS))
    return AnswerModel(sentence, support, round(threshold, 4), companion, 0.0)


def with_prior(support: Logistic, labels: Sequence[bool]) -> Logistic:
    """Return ``support``, fitted on ``labels``, as if :data:`ANSWERABLE` of them were true.

    (The prior correction of King and Zeng, 2001: the intercept alone moves, so the order of
    questions stays.)
    """
    odds = [share / (1.0 - share) for share in (ANSWERABLE, float(np.mean(labels)))]
    intercept = support.intercept + float(np.log(odds[0] / odds[1]))
    return replace(support, intercept=round(intercept, 4))


def held_out_figures(asked: Sequence[Asked]) -> dict[str, float]:
    """Return figures on articles that were not fitted, over :data:`FOLDS` folds.

    The calibration error is that of questions of which :data:`ANSWERABLE` have an answer.
    """
    fold_of = folds_of(each.article for each in asked)
    answered: list[tuple[Asked, AnswerModel]] = []
    for fold in range(FOLDS):
        model = fit([each for each in asked if fold_of[each.article] != fold])
        answered += [(each, model) for each in asked if fold_of[each.article] == fold]
    answerable = [(each, model) for each, model in answered if each.answerable]
    unanswerable = [(each, model) for each, model in answered if not each.answerable]
    counts = {True: ANSWERABLE / len(answerable), False: (1 - ANSWERABLE) / len(unanswerable)}
    return {
        "answerable": len(answerable),
        "evidence in the candidates": _share(any(each.holds) for each, _ in answerable),
        "best sentence holds the evidence": _share(
            _first_holds(each, model) for each, model in answerable
        ),
        "quoted sentences hold the evidence": _share(
            _support_row(each, model)[1] for each, model in answerable
        ),
        "sentences quoted": float(
            np.mean([len(_chosen(each, model)) for each, model in answerable])
        ),
        "false refusals": _share(_refused(each, model) for each, model in answerable),
        "unanswerable": len(unanswerable),
        "refused": _share(_refused(each, model) for each, model in unanswerable),
        "near misses": sum(each.near_miss for each, _ in answered),
        "near misses refused": _share(
            _refused(each, model) for each, model in answered if each.near_miss
        ),
        "calibration error": round(
            expected_calibration_error(
                [_confidence(each, model) for each, model in answered],
                [each.answerable for each, _ in answered],
                [counts[each.answerable] for each, _ in answered],
            ),
            4,
        ),
    }


def _fit_sentence(asked: Sequence[Asked]) -> Logistic:
    useful = [each for each in asked if any(each.holds)]
    rows = [candidate.features for each in useful for candidate in each.candidates]
    labels = [holds for each in useful for holds in each.holds]
    return _logistic(rows, labels, SENTENCE_FEATURES, LEAST_WEIGHT)


def _best_companion(asked: Sequence[Asked], sentence: Logistic) -> float:
    """Return the largest share of the best probability that keeps nearly all of the gain."""
    useful = [each for each in asked if any(each.holds)]
    reached = {}
    for companion in COMPANIONS:
        model = AnswerModel(sentence, Logistic(0.0, {}), 0.0, companion, 0.0)
        reached[companion] = _share(_support_row(each, model)[1] for each in useful)
    most = max(reached.values())
    return max(companion for companion, share in reached.items() if share >= most - NEARLY_ALL)


def _support_row(each: Asked, model: AnswerModel) -> tuple[dict[str, float], bool]:
    """Return the support features of a question, and whether its quotes hold the evidence."""
    features = support_features(ranked(each.candidates, model), each.passages)
    holds = dict(zip(map(id, each.candidates), each.holds, strict=True))
    return features, any(holds[id(candidate)] for candidate in _chosen(each, model))


def _chosen(each: Asked, model: AnswerModel) -> list[Candidate]:
    return extractive.chosen(ranked(each.candidates, model), model)


def _first_holds(each: Asked, model: AnswerModel) -> bool:
    holds = dict(zip(map(id, each.candidates), each.holds, strict=True))
    ranking = ranked(each.candidates, model)
    return bool(ranking) and holds[id(ranking[0][1])]


def _refused(each: Asked, model: AnswerModel) -> bool:
    return _confidence(each, model) < model.threshold


def _confidence(each: Asked, model: AnswerModel) -> float:
    return model.support.probability(_support_row(each, model)[0])


def _logistic(
    rows: Sequence[extractive.Features],
    labels: Sequence[bool],
    names: Sequence[str],
    least: float,
) -> Logistic:
    """Return the logistic regression of ``labels``, with a normal prior on its weights.

    The weights of :data:`SPEAKING_FOR` are at least ``least`` for a
    feature of unit spread, those of :data:`SPEAKING_AGAINST` at most 0.
    """
    from scipy.optimize import minimize

    values = np.asarray([[row.get(name, 0.0) for name in names] for row in rows])
    spread = values.std(axis=0) + 1e-9
    scaled = np.column_stack([values / spread, np.ones(len(values))])
    signs = np.where(np.asarray(labels), 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (scaled @ weights)
        free = np.append(weights[:-1], 0.0)  # no prior on the intercept
        total = np.logaddexp(0.0, -margins).sum() + 0.5 * PRECISION * free @ free
        pull = -signs / (1.0 + np.exp(np.clip(margins, -500, 500)))
        return float(total), scaled.T @ pull + PRECISION * free

    bounds = [
        (least if name in SPEAKING_FOR else None, 0.0 if name in SPEAKING_AGAINST else None)
        for name in names
    ]
    start = np.zeros(len(names) + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    weights = found.x[:-1] / spread
    return Logistic(
        round(float(found.x[-1]), 4),
        {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    )


def _share(flags: Any) -> float:
    values = [bool(flag) for flag in flags]
    return round(sum(values) / len(values), 4) if values else 0.0


def _squeezed(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    main()
