"""Asks a loaded corpus for what it holds, and tells how well it is found.

Probes are made of the articles themselves, so no question has to be written: a headline must
find its article, the rarest words of a sentence, a sentence without its middle (cloze), and
for a Chinese headline its words in English, by the list of names and the table. They tell
whether retrieval is in order for this corpus; how good answers are is what the suites measure.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal, get_args

from index.text import fold, is_han, sentences, words
from index.types import Article
from rag.filters import bare
from rag.question import ASKING_EN, MAX_QUESTION_CHARS, language_of
from rag.retrieval import Retriever
from rag.types import Language, Question

ProbeKind = Literal["headline", "keywords", "cloze", "english"]
Verdict = Literal["healthy", "look", "nothing"]

KINDS: tuple[ProbeKind, ...] = get_args(ProbeKind)
# The least share of probes whose article is among the first five; below, something is wrong.
LEAST_AT_5: Mapping[ProbeKind, float] = {
    "headline": 0.9, "keywords": 0.75, "cloze": 0.9, "english": 0.5,
}  # fmt: skip
MAX_PROBES = 200
MIN_PROBES = 5  # of a kind, to say anything of it
MAX_SECONDS = 40.0
FOUND_AMONG = 10  # articles; deeper is not found
PASSAGES = 30  # that are looked through for so many articles
MAX_MISSES = 10
SENTENCE_CHARS = range(18, 121)
KEYWORDS = 5
MIN_ENGLISH_WORDS = 3
MIN_HEADLINE_CHARS = 6


@dataclass(frozen=True, slots=True)
class Probe:
    """A question whose article is known."""

    kind: ProbeKind
    text: str
    article: Article
    language: Language


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the article of a probe came, from 1; 0: not among the first ten.

    ``instead`` is the article that came first in its place.
    """

    probe: Probe
    rank: int
    instead: Article | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How probes of one kind were found: shares 0 to 1, ``mrr`` the mean of 1 / rank."""

    kind: ProbeKind
    probes: int
    at_1: float
    at_5: float
    mrr: float

    @property
    def healthy(self) -> bool:
        """Whether enough are among the first five; too few probes prove nothing wrong."""
        return self.probes < MIN_PROBES or self.at_5 >= LEAST_AT_5[self.kind]


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What a self-test found. ``misses`` are the worst, at most :data:`MAX_MISSES`."""

    generation: str
    articles: int
    scores: tuple[Score, ...]
    misses: tuple[Outcome, ...]
    planned: int
    asked: int
    elapsed_s: float

    @property
    def verdict(self) -> Verdict:
        """``nothing`` where the corpus gave no probe."""
        if not self.asked:
            return "nothing"
        return "healthy" if all(score.healthy for score in self.scores) else "look"

    def to_json(self) -> dict[str, Any]:
        """Return the self-test JSON of ``docs/contracts.md``."""
        return {
            "generation": self.generation,
            "articles": self.articles,
            "verdict": self.verdict,
            "planned": self.planned,
            "asked": self.asked,
            "elapsed_s": round(self.elapsed_s, 1),
            "kinds": {
                score.kind: {
                    "n": score.probes,
                    "R@1": round(score.at_1, 4),
                    "R@5": round(score.at_5, 4),
                    "MRR": round(score.mrr, 4),
                    "least R@5": LEAST_AT_5[score.kind],
                    "healthy": score.healthy,
                }
                for score in self.scores
            },
            "misses": [
                {
                    "kind": miss.probe.kind,
                    "probe": miss.probe.text,
                    "article": miss.probe.article.id,
                    "headline": miss.probe.article.headline,
                    "rank": miss.rank or None,
                    "instead": miss.instead.id if miss.instead else None,
                }
                for miss in self.misses
            ],
        }


def self_test(
    retriever: Retriever,
    max_probes: int = MAX_PROBES,
    max_seconds: float = MAX_SECONDS,
    told: Callable[[int, int], None] | None = None,
) -> SelfTest:
    """Return how well the articles of ``retriever`` are found by probes made of them.

    The same index has the same probes. Those of all kinds take turns, so that one that is cut
    off after ``max_seconds`` has asked some of each. ``told`` hears how many of how many are
    asked.
    """
    started = time.perf_counter()
    probes = sampled(retriever, max_probes)
    outcomes: list[Outcome] = []
    for probe in probes:
        if outcomes and time.perf_counter() - started > max_seconds:
            break
        outcomes.append(_asked(probe, retriever))
        if told:
            told(len(outcomes), len(probes))
    worst = sorted((o for o in outcomes if o.rank != 1), key=lambda o: -(o.rank or 99))
    index = retriever.index
    return SelfTest(
        index.manifest.generation,
        len(index.articles),
        tuple(_score(kind, outcomes) for kind in KINDS),
        tuple(worst[:MAX_MISSES]),
        len(probes),
        len(outcomes),
        time.perf_counter() - started,
    )


def sampled(retriever: Retriever, max_probes: int = MAX_PROBES) -> list[Probe]:
    """Return at most ``max_probes`` probes, the kinds by turns, of articles spread evenly."""
    articles = sorted(
        (a for a in retriever.index.articles.values() if a.genre != "advert" and a.body.text),
        key=lambda article: article.id,
    )
    each = max(1, max_probes // len(KINDS))
    by_kind = [_of_kind(kind, articles, retriever, each) for kind in KINDS]
    turns = (probe for turn in zip_longest(*by_kind) for probe in turn if probe)
    return list(turns)[:max_probes]


def _of_kind(
    kind: ProbeKind, articles: Sequence[Article], retriever: Retriever, most: int
) -> list[Probe]:
    make: Callable[[Article, Retriever], str] = _MAKERS[kind]
    found: list[Probe] = []
    for article in _spread(articles):
        text = make(article, retriever)[:MAX_QUESTION_CHARS]
        if text:
            language: Language = "en" if kind == "english" else language_of(text)
            found.append(Probe(kind, text, article, language))
            if len(found) == most:
                break
    return found


def _spread(articles: Sequence[Article]) -> Iterator[Article]:
    """Yield all articles, the first ones evenly from among them all, the same each time."""
    step = 1 << max(0, (len(articles) - 1).bit_length())
    taken: set[int] = set()
    while step >= 1:
        for at in range(0, len(articles), step):
            if at not in taken:
                taken.add(at)
                yield articles[at]
        step //= 2


def _headline(article: Article, _: Retriever) -> str:
    told = article.headline
    return told if len(bare(told)) >= MIN_HEADLINE_CHARS else ""


def _keywords(article: Article, retriever: Retriever) -> str:
    """Return the rarest words of a sentence, in its order."""
    postings = retriever.index.words
    sentence = _sentence(article, clauses=1)
    found = list(dict.fromkeys(word for word in words(fold(sentence)) if len(word) > 1))
    rarest = sorted(found, key=lambda word: -postings.idf({word: 1.0}))[:KEYWORDS]
    kept = [word for word in found if word in rarest]
    return " ".join(kept) if len(kept) >= MIN_ENGLISH_WORDS else ""


def _cloze(article: Article, _: Retriever) -> str:
    """Return a sentence without one clause of its middle."""
    parts = _CLAUSES.findall(_sentence(article, clauses=3))
    cut = len(parts) // 2
    return "".join((*parts[:cut], *parts[cut + 1 :])).strip() if len(parts) >= 3 else ""


def _english(article: Article, retriever: Retriever) -> str:
    """Return the words of a Chinese headline in English: by the names, else by the table."""
    told: list[str] = []
    names, translator = retriever.analyst.names, retriever.analyst.translator
    rest = fold(article.headline)
    for name, english in names.find_chinese(rest):
        told.append(english[0])
        rest = rest.replace(name, " ", 1)
    for word in words(rest):
        if len(word) > 1 and is_han(word[0]):
            likely = next(iter(translator.english(word)), "")
            if likely and likely not in ASKING_EN:
                told.append(likely)
    return " ".join(told) if len(told) >= MIN_ENGLISH_WORDS else ""


_MAKERS: Mapping[ProbeKind, Callable[[Article, Retriever], str]] = {
    "headline": _headline, "keywords": _keywords, "cloze": _cloze, "english": _english,
}  # fmt: skip
_CLAUSES = re.compile(r"[^，,；;、]+[，,；;、]?")


def _sentence(article: Article, clauses: int) -> str:
    """Return the sentence nearest the middle of the text that has so many clauses, or none."""
    text = article.body.text
    found = [
        text[start:end].strip()
        for start, end in sentences(text)
        if len(text[start:end].strip()) in SENTENCE_CHARS
        and len(_CLAUSES.findall(text[start:end])) >= clauses
    ]
    return found[len(found) // 2] if found else ""


def _asked(probe: Probe, retriever: Retriever) -> Outcome:
    found = retriever.retrieve(Question(probe.text, probe.language), PASSAGES)
    articles = list({passage.article.id: passage.article for passage in found}.values())
    for rank, article in enumerate(articles[:FOUND_AMONG], start=1):
        if _same(article, probe.article):
            return Outcome(probe, rank, articles[0] if rank > 1 else None)
    return Outcome(probe, 0, articles[0] if articles else None)


def _same(article: Article, other: Article) -> bool:
    """Return whether both are one article, or one is a reprint of the other."""
    return article.id == other.id or article.body.text == other.body.text


def _score(kind: ProbeKind, outcomes: Sequence[Outcome]) -> Score:
    ranks = [outcome.rank for outcome in outcomes if outcome.probe.kind == kind]
    count = max(len(ranks), 1)
    return Score(
        kind,
        len(ranks),
        sum(rank == 1 for rank in ranks) / count,
        sum(1 <= rank <= 5 for rank in ranks) / count,
        sum(1 / rank for rank in ranks if rank) / count,
    )
