"""The sentences that answer, ranked by a small model over few features, quoted as printed."""

import json
import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from index.learned import logistic
from index.numbers import unproved
from index.text import bigrams, fold, sentences, words
from index.types import Article
from index.windows import windows_of
from rag.agreement import (
    latin_missing,
    month_missing,
    names_missing,
    things_missing,
    wanted_of,
)
from rag.citations import proved_by
from rag.evidence import counts_the_same, focus_of, kind_evidence, wanted_kinds
from rag.retrieval import coverage, missing_peak
from rag.terms import Analyst, Term
from rag.types import Citation, Language, Passage, Question, Reading, Words
from rag.vectors import VectorCache

WEIGHTS = Path(__file__).with_name("weights.json")
MAX_SENTENCES = 3
SURE_WORDS = math.log(0.3)  # the probability of words that are marked as the answer

Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: feature weights by name, and an intercept."""

    intercept: float
    weights: Mapping[str, float]

    def probability(self, features: Features) -> float:
        """Return the probability, 0 to 1, for ``features``; a missing one counts as 0."""
        logit = self.intercept + sum(
            weight * features.get(name, 0.0) for name, weight in self.weights.items()
        )
        return logistic(logit)


@dataclass(frozen=True, slots=True)
class AnswerModel:
    """What was fitted for one language by ``python -m evals.calibrate``.

    ``sentence``: does this sentence answer? ``support``: does the corpus answer at all?
    Below ``threshold`` of the latter the question is refused. Further sentences are quoted
    when they are at least ``companion`` times as likely as the best one. ``reading`` is how much
    the reader counts in the order of passages.
    """

    sentence: Logistic
    support: Logistic
    threshold: float
    companion: float
    reading: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer: ``passage.article.body.slice(start, end)``."""

    passage: Passage
    start: int
    end: int
    features: Features
    words: tuple[int, int] = (0, 0)  # the likeliest answer in it, as places in the body

    @property
    def text(self) -> str:
        """The sentence."""
        return self.passage.article.body.text[self.start : self.end]


@lru_cache(maxsize=1)
def answer_models() -> Mapping[Language, AnswerModel]:
    """Return the fitted models by language, from ``rag/weights.json``."""
    return {
        language: AnswerModel(
            sentence=Logistic(**values["sentence"]),
            support=Logistic(**values["support"]),
            threshold=values["threshold"],
            companion=values["companion"],
            reading=values["reading"],
        )
        for language, values in json.loads(WEIGHTS.read_text())["languages"].items()
    }


def candidates(
    question: Question,
    passages: Sequence[Passage],
    analyst: Analyst,
    vectors: VectorCache,
) -> list[Candidate]:
    """Return the sentences of the passages that were read with their features, each once."""
    terms = analyst.evidence(question.text)
    context = analyst.evidence(question.context)
    focus = analyst.evidence(focus_of(question.standalone))
    kinds = wanted_kinds(question.standalone)
    wanted = wanted_of(question, analyst)
    places: dict[tuple[str, int], tuple[Passage, int, int]] = {}
    read: dict[tuple[str, int], tuple[Reading, Words]] = {}
    for passage in passages:
        if not (reading := passage.reading):
            continue
        chunk = passage.chunk
        bounds = sentences(chunk.excerpt.text)
        for (start, end), words_read in zip(bounds, reading.sentences, strict=True):
            place = (passage.article.id, chunk.start + start)
            if chunk.excerpt.text[start:end].strip() and place not in places:
                places[place] = (passage, chunk.start + start, chunk.start + end)
                read[place] = (reading, words_read)
    texts = [p.article.body.text[start:end].strip() for p, start, end in places.values()]
    cosines = _cosines(question, list(places.values()), vectors)
    around: dict[str, Features] = {}
    new_terms: dict[str, list[Term]] = {}
    given: dict[str, dict[str, set[str]]] = {}
    unnamed: dict[str, float] = {}
    held_by = [_present(text) for text in texts]
    articles = [passage.article.id for passage, _, _ in places.values()]
    found = []
    for at, ((passage, start, end), text, cosine) in enumerate(
        zip(places.values(), texts, cosines, strict=True)
    ):
        chunk = passage.chunk
        if chunk.id not in around:
            held = _present(chunk.search_text)
            around[chunk.id] = {
                "passage_coverage": coverage([*terms, *context], held, analyst),
                "missing_number": float(bool(unproved(question.standalone, proved_by([passage])))),
                "missing_peak": missing_peak(terms, held, analyst),
            }
        article = passage.article
        if article.id not in new_terms:
            head = given[article.id] = _present(f"{article.headline}\n{_lead(article)}")
            new_terms[article.id] = [
                term for term in terms if not any(f in head[term.field] for f in term.forms)
            ]
            whole = f"{article.headline}\n{article.body.text}"
            unnamed[article.id] = max(
                names_missing(wanted, _present(whole) if wanted.names else {}, analyst),
                latin_missing(wanted, whole, analyst),
            )
        own = held_by[at]
        near = [n for n in (at - 1, at, at + 1) if articles[n : n + 1] == [article.id]]
        beside = _joined([given[article.id], *(held_by[n] for n in near)])
        reading, said = read[article.id, start]
        features = {
            **around[chunk.id],
            "coverage": coverage(terms, own, analyst),
            "new_coverage": coverage(new_terms[article.id], own, analyst),
            "focus": coverage(focus, own, analyst),
            "lead": float(start == 0),
            "cosine": float(cosine),
            "passage_cosine": passage.cosine,
            "behind": passages[0].score - passage.score,
            "kind": kind_evidence(kinds, text),
            "counted": counts_the_same(question.standalone, text),
            "short": float(len(text) < 15),
            "log_chars": math.log(len(text)),
            "read_words": said.log_probability,
            "read_answers": reading.answers,
            "names_missing": unnamed[article.id],
            "things_missing": things_missing(wanted, beside, analyst),
            "month_missing": month_missing(wanted, "\n".join(texts[n] for n in near)),
        }
        own_words = (chunk.start + said.start, chunk.start + said.end)
        found.append(Candidate(passage, start, end, features, own_words))
    return found


def _cosines(
    question: Question, places: Sequence[tuple[Passage, int, int]], vectors: VectorCache
) -> list[float]:
    """Return how near each sentence, ``passage.article.body[start:end]``, is to the question.

    It is its window that is compared. Where those of the passage are not known, the sentence is
    encoded.
    """
    bounds: dict[str, list[int]] = {}
    found: list[float | None] = []
    for passage, start, _ in places:
        chunk = passage.chunk
        if chunk.id not in bounds:
            first = len(chunk.search_text) - len(chunk.excerpt.text)
            bounds[chunk.id] = [at - first for at, _ in windows_of(chunk.search_text)]
        starts = bounds[chunk.id]
        known = len(starts) == len(passage.windows)
        at = max(0, bisect_right(starts, start - chunk.start) - 1)
        found.append(passage.windows[at] if known else None)
    texts = [
        passage.article.body.text[start:end].strip()
        for (passage, start, end), cosine in zip(places, found, strict=True)
        if cosine is None
    ]
    encoded = iter(vectors.sentences(texts) @ vectors.questions([question.search_text])[0])
    return [float(next(encoded)) if cosine is None else cosine for cosine in found]


def ranked(found: Sequence[Candidate], model: AnswerModel) -> list[tuple[float, Candidate]]:
    """Return ``found`` with the probability that each answers, best first."""
    scored = [(model.sentence.probability(each.features), each) for each in found]
    return sorted(scored, key=lambda pair: -pair[0])


def support_features(
    ranking: Sequence[tuple[float, Candidate]], passages: Sequence[Passage]
) -> dict[str, float]:
    """Return what tells whether the corpus answers at all, from the best sentence and passages."""
    if not ranking:
        return {}
    probability, best = ranking[0]
    cosines = sorted((passage.cosine for passage in passages), reverse=True)
    coverage = max(each.features["passage_coverage"] for _, each in ranking)
    return {
        "best": math.log(probability / (1.0 - probability)),
        "read_words": best.features["read_words"],
        "read_answers": best.features["read_answers"],
        "counted": best.features["counted"],
        "kind": best.features["kind"],
        "read_most": max(each.features["read_answers"] for _, each in ranking),
        "passage_coverage": coverage,
        # The reader is surer of what it reads where the words of the question are printed.
        "read_covered": coverage * best.features["read_answers"],
        "missing_number": best.features["missing_number"],
        "names_missing": best.features["names_missing"],
        "things_missing": best.features["things_missing"],
        "month_missing": best.features["month_missing"],
        "missing_peak": min(each.features["missing_peak"] for _, each in ranking),
        "cosine": max(each.features["cosine"] for _, each in ranking),
        "passage_cosine": cosines[0],
        "cosine_gap": cosines[0] - sum(cosines) / len(cosines),
    }


def chosen(ranking: Sequence[tuple[float, Candidate]], model: AnswerModel) -> list[Candidate]:
    """Return the one to three sentences to quote, best article first, in printed order."""
    if not ranking:
        return []
    least = model.companion * ranking[0][0]
    return in_order([each for p, each in ranking[:MAX_SENTENCES] if p >= least])


def in_order(found: Sequence[Candidate]) -> list[Candidate]:
    """Return sentences, each once, by article in the order of ``found``, then as printed."""
    once = list({(each.passage.article.id, each.start): each for each in found}.values())
    first_use = list(dict.fromkeys(each.passage.article.id for each in once))
    return sorted(once, key=lambda each: (first_use.index(each.passage.article.id), each.start))


@dataclass(frozen=True, slots=True)
class Choice:
    """The sentences to quote, the probability that they answer, and whether that is enough."""

    sentences: Sequence[Candidate]
    confidence: float
    supported: bool


def choose(found: Sequence[Candidate], passages: Sequence[Passage], model: AnswerModel) -> Choice:
    """Return what to quote of the candidates in ``found``, and how sure that is."""
    ranking = ranked(found, model)
    features = support_features(ranking, passages)
    confidence = model.support.probability(features) if features else 0.0
    return Choice(chosen(ranking, model), confidence, confidence >= model.threshold)


def citations(sentences_chosen: Sequence[Candidate], marked: bool = True) -> tuple[Citation, ...]:
    """Return one citation for each run of neighbouring sentences of one paragraph.

    ``marked``: with the words that answer, where the reader is sure enough of them.
    """
    runs: list[list[Candidate]] = []
    for each in sentences_chosen:
        if runs and _goes_on(runs[-1][-1], each):
            runs[-1].append(each)
        else:
            runs.append([each])
    return tuple(_citation(n, run, marked) for n, run in enumerate(runs, start=1))


def _goes_on(before: Candidate, after: Candidate) -> bool:
    """Return whether ``after`` follows upon ``before`` within a paragraph."""
    same = before.passage.article.id == after.passage.article.id and before.end == after.start
    return same and not before.text.endswith(("\n", "\r"))


def _citation(n: int, run: Sequence[Candidate], marked: bool) -> Citation:
    article, start = run[0].passage.article, run[0].start
    quote = article.body.slice(start, run[-1].end)
    start += len(quote.text) - len(quote.text.lstrip())
    quote = quote.strip()
    likeliest = max(run, key=lambda each: each.features.get("read_words", 0.0))
    first, last = (place - start for place in likeliest.words)
    sure = marked and likeliest.features.get("read_words", 0.0) >= SURE_WORDS
    told = sure and 0 <= first < last <= len(quote.text)
    last = first + len(re.split("[；;]", quote.text[first:last])[0]) if told else last
    return Citation(n, article, quote, (first, last) if told else (0, 0))


def _lead(article: Article) -> str:
    """Return the first sentence of an article: with the headline, what every sentence is about."""
    bounds = sentences(article.body.text)
    return article.body.text[slice(*bounds[0])] if bounds else ""


def _joined(held: Sequence[Mapping[str, set[str]]]) -> dict[str, set[str]]:
    """Return what any of several texts holds."""
    return {field: set().union(*(each[field] for each in held)) for field in held[0]}


def _present(text: str) -> dict[str, set[str]]:
    folded = fold(text)
    return {"characters": set(bigrams(folded)), "words": set(words(folded))}


def weights_json(models: Mapping[Language, AnswerModel], made_by: str) -> dict[str, Any]:
    """Return what :func:`answer_models` reads; ``made_by`` names the command that fitted it."""
    return {
        "made_by": made_by,
        "languages": {
            language: {
                "sentence": {
                    "intercept": model.sentence.intercept,
                    "weights": dict(model.sentence.weights),
                },
                "support": {
                    "intercept": model.support.intercept,
                    "weights": dict(model.support.weights),
                },
                "threshold": model.threshold,
                "companion": model.companion,
                "reading": model.reading,
            }
            for language, model in models.items()
        },
    }
