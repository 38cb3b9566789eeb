"""What each arm of retrieval finds for a question, what they find together, and what is read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from index.types import Chunk
from rag.filters import filters_in
from rag.question import understand
from rag.reader import Reader
from rag.reranking import read_in_order
from rag.retrieval import CANDIDATES, Retriever, Search
from rag.terms import LEXICAL_ARMS, Arm
from rag.types import Passage, Question

MAX_HITS = 10
MAX_TERMS = 40  # of one arm that are told
MAX_FORMS = 4  # of one term


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that an arm found.

    ``score`` is a share of the most that all terms could bring; of the dense arm, the cosine of
    the nearest window.
    """

    chunk: Chunk
    score: float


@dataclass(frozen=True, slots=True)
class Finds:
    """What one arm looked for, and its best chunks, best first. The dense arm has no terms."""

    arm: Arm
    terms: tuple[str, ...]
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage as the arms together found it.

    ``probability`` is that it answers, ``shares`` what each arm gave it, the cosine under
    ``dense``. ``read`` is the log-odds that it answers by the reader and ``words`` are those that
    would; both are empty for what is not read. ``place`` is its rank in the end, from 1.
    """

    passage: Passage
    probability: float
    shares: dict[Arm, float]
    place: int
    read: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """All that retrieval did for one question; ``fused`` in the order before the reader."""

    question: Question
    arms: tuple[Finds, ...]
    fused: tuple[Fused, ...]


def looked_into(text: str, retriever: Retriever, reader: Reader, max_hits: int = MAX_HITS) -> Bench:
    """Return what retrieval does for the question ``text``, arm by arm.

    Of a question in several parts the arms show the whole. Raises :class:`CorpusError` for a
    question that is empty or too long.
    """
    question = understand(text)
    asked = filters_in(question.text, retriever.facets)
    question = Question(question.text, question.language, filters=asked)
    search = retriever.search(question.search_text)
    arms = [_lexical(arm, question, search, retriever, max_hits) for arm in LEXICAL_ARMS]
    found = retriever.retrieve(question, max_hits)
    ordered = read_in_order(question, found, reader)
    places = {passage.chunk.id: at for at, passage in enumerate(ordered, start=1)}
    readings = {passage.chunk.id: passage.reading for passage in ordered}
    fused = []
    for passage in found:
        reading = readings[passage.chunk.id]
        read_in = reading.sentences if reading else ()
        best = max(read_in, key=lambda words: words.log_probability, default=None)
        said = passage.chunk.excerpt.text[best.start : best.end] if best else ""
        shares = _shares(passage, search, retriever)
        place = places[passage.chunk.id]
        read = reading.answers if reading else None
        fused.append(Fused(passage, passage.score, shares, place, read, said))
    return Bench(question, (_dense(question, retriever, max_hits), *arms), tuple(fused))


def _lexical(
    arm: Arm, question: Question, search: Search, retriever: Retriever, max_hits: int
) -> Finds:
    analyst = retriever.analyst
    text = question.search_text
    terms = [t for t in (*analyst.terms(text), *analyst.figures(text)) if t.arm == arm]
    told = tuple(_told(term.forms) for term in terms[:MAX_TERMS])
    if arm not in search.bm25:
        return Finds(arm, told, ())
    scores = search.bm25[arm] / search.most
    allowed = retriever.allowed(question)
    if allowed is not None:
        scores = scores * allowed
    rows = np.argsort(-scores, kind="stable")[:max_hits].tolist()
    chunks = retriever.index.chunks
    hits = tuple(Hit(chunks[row], float(scores[row])) for row in rows if scores[row] > 0)
    return Finds(arm, told, hits)


def _told(forms: Mapping[str, float]) -> str:
    named = sorted(forms, key=lambda form: -forms[form])
    more = "…" if len(named) > MAX_FORMS else ""
    return "/".join(named[:MAX_FORMS]) + more


def _dense(question: Question, retriever: Retriever, max_hits: int) -> Finds:
    vectors = retriever.vectors.questions([question.search_text])
    index = retriever.index
    (found,) = index.nearest(vectors, CANDIDATES, retriever.allowed(question))
    rows = [row for row, _ in found]
    cosines = index.cosines(rows, vectors).nearest[:, 0]
    best = np.argsort(-cosines, kind="stable")[:max_hits].tolist()
    hits = tuple(Hit(index.chunks[rows[at]], float(cosines[at])) for at in best)
    return Finds("dense", (), hits)


def _shares(passage: Passage, search: Search, retriever: Retriever) -> dict[Arm, float]:
    row = retriever.row_of(passage.chunk)
    shares: dict[Arm, float] = {"dense": passage.cosine}
    for arm, values in search.shares([row]).items():
        shares[arm] = float(values[0])
    return {arm: share for arm, share in shares.items() if share > 0}
