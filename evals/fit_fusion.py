"""Fits the weights by which the arms of retrieval become one probability.

::

    wenbao eval --fit --data ../shared/data

Learns from the training questions that the encoder has not seen (never from the seed pages or a
test set), over news documents, asked of a large corpus and of small ones, because both must work.
Articles, not questions, are split; the figures are those of articles that the fit has not seen.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.fitting import FOLDS, folds_of, replace_weights
from evals.training_questions import documents_and_questions
from index.build import build_index
from index.index import Index
from index.store import load_index
from index.types import Embedder
from rag.answering import answerer_over
from rag.config import Settings
from rag.fusion import Floats, Weights
from rag.question import understand
from rag.retrieval import Retriever
from rag.terms import ALL_ARMS, LEXICAL_ARMS
from rag.types import Language

MADE_BY = "wenbao eval --fit --data ../shared/data"
DOCUMENTS = 4_000  # of the large corpus, those that are asked about among them
SMALL_DOCUMENTS = 40  # of a small one
# What the first trial set by hand; the fit moves away from it as far as the questions say so.
PRIOR: Mapping[str, Weights] = {
    "same": {"lexical": 1.0, "dense": 0.7},
    "cross": {"lexical": 1.0, "dense": 2.0},
}
PENALTY = 0.1  # on the square of a step away, of the weight of a feature of unit spread
PAIR_OF: Mapping[Language, str] = {"zh": "same", "en": "cross"}  # all documents are Chinese
FEATURES = (
    *LEXICAL_ARMS, "lexical", "dense", "cosine", "article_lexical", "article_cosine",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question as it was searched: the features of its candidates, and which are right."""

    language: Language
    article: str
    large: bool
    features: NDArray[np.float64]  # candidates × FEATURES
    right: NDArray[np.bool_]


def fit_fusion(
    data: Path, settings: Settings, embedder: Embedder, documents: int = DOCUMENTS
) -> tuple[dict[str, Weights], dict[str, float]]:
    """Return the fitted weights by pair, and figures on articles that were not fitted.

    Raises :class:`index.types.CorpusError` where the questions cannot be read.
    """
    asked = list(_ask_all(data, settings, embedder, documents))
    figures: dict[str, float] = {}
    weights: dict[str, Weights] = {}
    for language, pair in PAIR_OF.items():
        own = [each for each in asked if each.language == language]
        weights[pair] = fitted(own, PRIOR[pair])
        figures |= _held_out(own, language)
    return weights, figures


def write_weights(path: Path, weights: Mapping[str, Weights]) -> None:
    """Write the file that :func:`rag.fusion.load_weights` reads, in one step."""
    replace_weights(path, {"made_by": MADE_BY, "pairs": weights})


def fitted(asked: Sequence[Asked], prior: Weights) -> Weights:
    """Return the weights, none negative, that make the right candidates most likely.

    The likelihood of a question is the probability of all its right candidates together;
    weights that are far from ``prior`` are unlikely beforehand (a normal distribution).
    """
    from scipy.optimize import minimize

    useful = [each for each in asked if each.right.any()]
    spread = _spread([each.features for each in useful])
    scaled = [each.features / spread for each in useful]
    start = np.asarray([prior.get(name, 0.0) for name in FEATURES]) * spread

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        step = weights - start
        total = PENALTY * float(step @ step)
        gradient = 2 * PENALTY * step
        for features, each in zip(scaled, useful, strict=True):
            scores = features @ weights
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            right = chance[each.right].sum()
            total -= np.log(max(right, 1e-12)) / len(useful)
            pull = chance - np.where(each.right, chance / max(right, 1e-12), 0.0)
            gradient += features.T @ pull / len(useful)
        return total, gradient

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start))
    return {
        name: round(float(weight), 4)
        for name, weight in zip(FEATURES, found.x / spread, strict=True)
        if weight > 1e-4
    }


def _spread(features: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the deviation of each feature; lexical arms share one, as some are rarely there."""
    spread = np.concatenate(features).std(axis=0) + 1e-9
    arms = [FEATURES.index(arm) for arm in LEXICAL_ARMS]
    spread[arms] = spread[arms].max()
    return np.asarray(spread, dtype=np.float64)


def _held_out(asked: Sequence[Asked], language: str) -> dict[str, float]:
    fold_of = folds_of(each.article for each in asked)
    hits: dict[str, list[bool]] = {}
    for fold in range(FOLDS):
        prior = PRIOR[PAIR_OF[asked[0].language]]
        weights = fitted([each for each in asked if fold_of[each.article] != fold], prior)
        for each in asked:
            if fold_of[each.article] == fold:
                size = "large" if each.large else "small"
                hits.setdefault(f"{language}.{size}.recall_at_1", []).append(_first(each, weights))
                hits.setdefault(f"{language}.{size}.prior", []).append(_first(each, prior))
    return {name: round(float(np.mean(each)), 4) for name, each in sorted(hits.items())}


def _first(each: Asked, weights: Weights) -> bool:
    scores = each.features @ np.asarray([weights.get(name, 0.0) for name in FEATURES])
    return bool(scores.size and each.right[int(np.argmax(scores))])


def _ask_all(data: Path, settings: Settings, embedder: Embedder, documents: int) -> Iterator[Asked]:
    """Yield every training question as the large corpus, then a small one, were searched."""
    texts, questions = documents_and_questions(data, documents)
    rows = [row for row in questions if row["s"] != "no"]
    with tempfile.TemporaryDirectory(prefix="wenbao-fit-") as name:
        folder = Path(name)
        lines = (json.dumps({"text": text}, ensure_ascii=False) for text in texts.values())
        (folder / "documents.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        build_index([folder / "documents.jsonl"], folder / "index", embedder, progress=True)
        index = load_index(folder / "index")
    article_of = dict(zip(texts, index.articles, strict=True))
    large = answerer_over(index, embedder, settings).retriever
    yield from (_ask(large, row, article_of, large=True) for row in rows)
    asked_about = sorted({row["p"] for row in rows})
    for start in range(0, len(asked_about), SMALL_DOCUMENTS):
        chosen = asked_about[start : start + SMALL_DOCUMENTS]
        part = narrowed(index, {article_of[document] for document in chosen})
        small = replace(large, index=part, analyst=replace(large.analyst, index=part))
        yield from (_ask(small, r, article_of, large=False) for r in rows if r["p"] in set(chosen))


def narrowed(index: Index, articles: set[str]) -> Index:
    """Return the index of some of its articles: their chunks, vectors and postings."""
    parts = [
        replace(
            part, articles=np.asarray([head.id in articles for head in part.segment.heads], bool)
        )
        for part in index.parts
    ]
    return Index(index.manifest, tuple(parts))


def _ask(
    retriever: Retriever, row: Mapping[str, Any], article_of: Mapping[str, str], large: bool
) -> Asked:
    question = understand(row["q"])
    pool = retriever.pool(question, [question.search_text], ALL_ARMS)
    features: Mapping[str, Floats] = pool.found[0].features()
    article = article_of[row["p"]]
    right = [chunk.article.id == article for chunk in pool.chunks(range(len(pool)))]
    values = np.stack([features[name] for name in FEATURES], axis=1).astype(np.float64)
    return Asked(row["l"], row["p"], large, values, np.asarray(right, dtype=bool))
