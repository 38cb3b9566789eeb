"""A cluster as the place where the chunks are: the same answers as from the index in memory.

A reader takes one generation and keeps to it. It holds the statistics of the corpus (how many
chunks hold each term, the names that articles explain, what can be filtered by) and looks
up everything else: candidates by two searches, their exact evidence from their sparse vectors,
pages and articles by name.
"""

from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Collection, ItemsView, Iterator, Mapping, Sequence, ValuesView
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from threading import Lock
from typing import Any, Generic, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from index import mirror
from index.chunking import chunks_of
from index.embedding import load_embedder
from index.index import Index
from index.lexical import ANALYSERS, K1
from index.manifest import Manifest
from index.milvus import MAX_FILES, Cluster, Row, place_of, quoted, visible
from index.mirror import State
from index.page_numbers import PageNumber, page_asked
from index.records import page_from_json, whole_article_from_json
from index.segments import in_english
from index.sparse import Frequencies, Held, SparseVector, dimension_of, gains, norms
from index.text import fold
from index.types import Article, Chunk, CorpusError, Embedder
from index.windows import unpacked
from rag.abbreviations import MAX_CHUNKS
from rag.answering import Answerer
from rag.candidates import Pool, by_text
from rag.config import Settings
from rag.filters import OR, Facets, Filters, bare, facets_of
from rag.fusion import Evidence, Floats, load_weights
from rag.mined_names import MinedNames
from rag.names import load_names
from rag.question import wants_adverts
from rag.retrieval import CANDIDATES, Retriever
from rag.terms import LEXICAL_ARMS, Analyst, Arm, Term
from rag.translation import load_translations
from rag.types import Question
from rag.vectors import VectorCache

ASKED = 2 * CANDIDATES  # that the inner product is asked for, so that the best are among them
LOOKED_INTO = 64  # chunks that may hold a name
KEPT = 4_096  # pages, and articles
SCANNED = 50_000  # articles that are read one and all where a page of the app needs that

T = TypeVar("T")


class Looked(Mapping[str, T], Generic[T]):
    """Records of one kind by name, looked up when they are wanted; the last are kept."""

    def __init__(
        self, cluster: Cluster, kind: str, state: State, size: int, made: Callable[[Any], T]
    ) -> None:
        self._cluster, self._kind, self._state = cluster, kind, state
        self._size, self._made = size, made
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def several(self, names: Sequence[str]) -> dict[str, T]:
        """Return those of ``names`` that are there, in one question."""
        with self._lock:
            found = {name: self._kept[name] for name in names if name in self._kept}
        missing = list(dict.fromkeys(name for name in names if name not in found))
        if missing:
            told = mirror.records(self._cluster, self._kind, missing, self._state.generation)
            fresh = {name: self._made(value) for name, value in told.items()}
            found |= fresh
            with self._lock:
                self._kept.update(fresh)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return found

    def __getitem__(self, name: str) -> T:
        found = self.several([name])
        if name not in found:
            raise KeyError(name)
        return found[name]

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def values(self) -> ValuesView[T]:
        """Return all of them; raises :class:`CorpusError` where they are too many to read."""
        return self._all.values()

    def items(self) -> ItemsView[str, T]:
        """Return all of them by name; raises as :meth:`values` does."""
        return self._all.items()

    @cached_property
    def _all(self) -> dict[str, T]:
        if self._size > SCANNED:
            raise CorpusError(
                f"this reads every {self._kind}, and there are {self._size:,}: with a cluster that "
                f"is done up to {SCANNED:,}; ask, or use the index of a part"
            )
        told = mirror.all_records(self._cluster, self._kind, self._state.generation)
        return {name: self._made(told[name]) for name in sorted(told)}


class Chunks(Sequence[Chunk]):
    """The chunks of all articles: counted at once, made of the articles when they are read."""

    def __init__(self, articles: Looked[Article], size: int) -> None:
        self._articles, self._size = articles, size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Chunk]:
        for article in self._articles.values():
            yield from chunks_of(article)

    def __getitem__(self, at: Any) -> Any:
        return tuple(self)[at]


class ClusterIndex:
    """One generation in a cluster; what it has of :class:`index.index.Index` answers alike.

    It has no rows: the chunk of a row is not known, and what would look at all of them says so.
    """

    def __init__(self, cluster: Cluster, state: State) -> None:
        self.cluster, self.state = cluster, state
        self.manifest = Manifest(
            generation=state.name,
            model_name=state.model_name,
            model_identity=state.model_identity,
            dimension=state.dimension,
            counts=state.counts,
            roots={},
        )
        counts = state.counts
        self.pages = Looked(cluster, "page", state, counts["files"], page_from_json)
        self.articles = Looked(
            cluster, "article", state, counts["articles"], whole_article_from_json
        )
        self.chunks = Chunks(self.articles, counts["chunks"])
        self.unlinked: Mapping[str, Sequence[Article]] = {}
        self.postings = mirror.frequencies_of(cluster, state.generation)
        if set(self.postings) != set(ANALYSERS):
            raise CorpusError(
                f"{cluster.place.url}: its statistics are not whole; {_anew(cluster)}"
            )

    @property
    def characters(self) -> Frequencies:
        """What is known of character bigrams."""
        return self.postings["characters"]

    @property
    def words(self) -> Frequencies:
        """What is known of words."""
        return self.postings["words"]

    @cached_property
    def page_numbers(self) -> Mapping[str, PageNumber]:
        """The number in its issue of each page that tells one, by file."""
        return {file: PageNumber(*each) for file, each in self.fact("page_numbers").items()}

    def fact(self, name: str) -> Any:
        """Return what is known of the whole corpus under ``name`` (:func:`facts_of`)."""
        found = mirror.record(self.cluster, "fact", name, self.state.generation)
        if found is None:
            raise CorpusError(f"{self.cluster.place.url}: it lacks {name!r}; {_anew(self.cluster)}")
        return found

    def require_kept(self) -> None:
        """Raise :class:`CorpusError` when rows of this generation may have been deleted.

        Asked after reading: until two generations later all of them are there.
        """
        state = mirror.state_of(self.cluster)
        if state is None or state.generation > self.state.generation + 1:
            raise CorpusError(
                f"{self.cluster.place.url}: generation {self.state.generation} is not kept any "
                "more, the corpus has changed twice since it was looked at; ask again"
            )

    def texts_with(self, name: str) -> list[str]:
        """Return the folded texts of the first chunks that hold ``name``."""
        pairs = [one + two for one, two in pairwise(name)]
        if not pairs or not all(pair in self.characters for pair in pairs):
            return []
        sought = {
            dimension_of("characters", pair): self.characters.idf({pair: 1.0}) for pair in pairs
        }
        keys = self.cluster.best([sought], LOOKED_INTO, visible(self.state.generation))[0]
        rows = _in_order(self.cluster.got("chunks", keys, [*_PLACE, "counts", "words"]).values())
        held = Held([row["counts"] for row in rows])
        whole = np.all([held.frequencies("characters", pair) > 0 for pair in pairs], axis=0)
        texts = [fold(rows[at]["words"]) for at in np.flatnonzero(whole)[:MAX_CHUNKS]]
        return [text for text in texts if name in text]


class ClusterAnalyst(Analyst):
    """Makes terms of text by the statistics of a cluster."""

    @property
    def _cluster(self) -> ClusterIndex:
        return cast("ClusterIndex", self.index)

    @cached_property
    def mined(self) -> MinedNames:
        """The names that the articles explain."""
        told = self._cluster.fact("mined_names")
        return MinedNames(**{
            name: {key: tuple(names) for key, names in each.items()} for name, each in told.items()
        })  # fmt: skip

    @cached_property
    def holds_english(self) -> bool:
        """Whether most words of some chunk are Latin ones."""
        return bool(self._cluster.fact("holds_english"))

    def texts_with(self, name: str) -> list[str]:
        """Return the folded texts of some chunks that hold ``name``."""
        return self._cluster.texts_with(name)


@dataclass(frozen=True)
class ClusterStore:
    """Candidates from a cluster (:class:`rag.candidates.Store`)."""

    index: ClusterIndex
    vectors: VectorCache
    analyst: Analyst

    @cached_property
    def facets(self) -> Facets:
        """What the articles can be filtered by."""
        return Facets(**self.index.fact("facets"))

    def pool(self, question: Question, texts: Sequence[str], arms: Collection[Arm]) -> Pool:
        """Return the candidates of ``question``, as :meth:`Retriever.pool` does.

        The cluster is asked for :data:`ASKED` chunks by inner product and :data:`CANDIDATES` by
        vector; of the former the best :data:`CANDIDATES` by their exact score are kept.
        """
        expression = self._expression(question)
        sought = [self.analyst.terms(text) + self.analyst.figures(text) for text in texts]
        asked = [[term for term in terms if term.arm in arms] for terms in sought]
        cluster = self.index.cluster
        found = cluster.best([self._sparse(terms) for terms in asked], ASKED, expression)
        vectors = self.vectors.questions(texts if "dense" in arms else ())
        near = cluster.nearest(vectors, CANDIDATES, expression) if len(vectors) else []
        keys = list(dict.fromkeys(key for each in (*found, *near) for key in each))
        rows = _in_order(cluster.got("chunks", keys, _EVIDENCE).values())
        self.index.require_kept()
        place = {row["key"]: at for at, row in enumerate(rows)}
        shares = [self._shares(every, of_arms, rows)
                  for every, of_arms in zip(sought, asked, strict=True)]  # fmt: skip
        best = {
            at for each, keys in zip(shares, found, strict=True) for at in _best(each, keys, place)
        }
        kept = sorted(best | {place[key] for each in near for key in each if key in place})
        matrix = np.asarray([rows[at]["vector"] for at in kept], dtype=np.float32)
        matrix = matrix.reshape(len(kept), self.index.state.dimension)
        packed = [b64decode(rows[at]["windows"]) for at in kept]
        table = unpacked(packed, self.index.state.dimension)
        windows = table.cosines(vectors, lambda bare: matrix[bare])
        _, articles = np.unique([rows[at]["article"] for at in kept], return_inverse=True)
        evidence = [
            Evidence(
                {arm: values[kept] for arm, values in each.items()},
                cosines,
                np.asarray(articles, dtype=np.int64),
            )
            for each, cosines in zip(shares, by_text(windows, len(texts)), strict=True)
        ]
        return Pool(
            evidence,
            np.asarray([rows[at]["english"] for at in kept], dtype=bool),
            windows,
            lambda places: self._chunks([rows[kept[at]] for at in places]),
            lambda places: matrix[list(places)],
        )

    def _sparse(self, terms: Sequence[Term]) -> SparseVector:
        """Return the question's side of the inner product."""
        found: SparseVector = {}
        for term in terms:
            gain = term.weight * self.index.postings[term.field].idf(term.forms)
            for form, value in gains(term.forms, gain).items():
                if form in self.index.postings[term.field].document:
                    at = dimension_of(term.field, form)
                    found[at] = found.get(at, 0.0) + value
        return found

    def _shares(
        self, every: Sequence[Term], asked: Sequence[Term], rows: Sequence[Row]
    ) -> dict[Arm, Floats]:
        """Return the exact BM25 of each of ``rows`` by arm, as a share of the most there can be."""
        postings = self.index.postings
        most = sum(t.weight * postings[t.field].idf(t.forms) * (K1 + 1) for t in every)
        found = {arm: np.zeros(len(rows), dtype=np.float32) for arm in LEXICAL_ARMS}
        lengths = np.asarray([row["lengths"] for row in rows], dtype=np.int64)
        lengths = lengths.reshape(len(rows), len(ANALYSERS))
        norm = {
            name: norms(lengths[:, at], postings[name].mean_length)
            for at, name in enumerate(ANALYSERS)
        }
        held = Held([row["counts"] for row in rows])
        for term in asked:
            expected = np.zeros(len(rows), dtype=np.float64)
            for form, probability in term.forms.items():
                if form in postings[term.field].document:
                    expected += probability * held.frequencies(term.field, form)
            gain = term.weight * postings[term.field].idf(term.forms) * (K1 + 1)
            score = gain * expected / (expected + norm[term.field])
            found[term.arm] += np.asarray(score, dtype=np.float32)
        return {arm: values / np.float32(max(most, 1e-6)) for arm, values in found.items()}

    def _chunks(self, rows: Sequence[Row]) -> list[Chunk]:
        articles = self.index.articles.several([row["article"] for row in rows])
        if any(row["article"] not in articles for row in rows):
            self.index.require_kept()
            cluster = self.index.cluster
            raise CorpusError(f"{cluster.place.url}: an article is missing; {_anew(cluster)}")
        return [
            Chunk(row["chunk"], articles[row["article"]], row["start"], row["end"]) for row in rows
        ]

    def _expression(self, question: Question) -> str:
        shown = visible(self.index.state.generation)
        newsworthy = [] if wants_adverts(question) else ['genre != "advert"']
        return " and ".join([shown, *newsworthy, *clauses_of(question.in_force)])


def clauses_of(filters: Filters) -> Iterator[str]:
    """Yield what ``filters`` ask for as expressions over the columns of :func:`columns_of`."""
    for period in filters.periods:
        name = "day" if len(period.first) == len("MM-DD") else "date"
        yield f"{name} >= {quoted(period.first)} and {name} <= {quoted(period.last)}"
    for file in filters.files:
        yield f"array_contains(files, {quoted(mirror.cut(file))})"
    for genre in filters.genres:
        yield f"genre == {quoted(genre)}"
    for words in filters.series:
        if bare(words):
            yield f"series like {quoted(f'%{bare(words)}%')}"
    for names in filters.reporters:
        any_of = [bare(name) for name in names.split(OR)]
        if all(any_of):
            clauses = [f"reporters like {quoted(f'%{name}%')}" for name in any_of]
            yield f"({' or '.join(clauses)})"
    for page in filters.pages:
        number = page_asked(page)
        fitting = _fitting(number) if number else ["none"]
        yield f"array_contains_any(pages, [{', '.join(map(quoted, fitting))}])"


def columns_of(article: Article, numbers: Mapping[str, PageNumber]) -> Row:
    """Return the columns of an article that filters ask for; ``numbers`` are those of pages."""
    on = [numbers[file] for file in article.files if file in numbers]
    pages = dict.fromkeys(name for each in on for name in (str(each), f"*{each.number}"))
    return mirror.article_columns(article) | {
        "series": mirror.cut(bare(article.kicker)),
        "reporters": mirror.cut(bare(article.byline)),
        "pages": list(pages)[: 2 * MAX_FILES],
        "english": in_english(article),
    }


def _fitting(number: PageNumber) -> list[str]:
    """Return the entries of the column ``pages`` that a page of ``number`` may be."""
    if number.letter:
        return [str(number), str(number.number)]
    return [f"*{number.number}"]


_PLACE = ("chunk", "article", "files", "at", "start", "end")
_EVIDENCE = (*_PLACE, "english", "lengths", "counts", "vector", "windows")


def _in_order(rows: Collection[Row]) -> list[Row]:
    """Return ``rows`` in the order of the index: by file, then as printed."""
    return sorted(rows, key=lambda row: (row["files"][0], row["at"], row["article"], row["start"]))


def _best(shares: Mapping[Arm, Floats], keys: Sequence[str], place: Mapping[str, int]) -> list[int]:
    """Return the places of the best of ``keys``, at most :data:`CANDIDATES`."""
    total = np.asarray(sum(shares.values()), dtype=np.float32)
    found: NDArray[np.int64] = np.asarray(
        sorted(place[key] for key in keys if key in place), dtype=np.int64
    )
    found = found[np.argsort(-total[found], kind="stable")[:CANDIDATES]]
    return [int(at) for at in found if total[at] > 0]


def facts_of(index: Index, analyst: Analyst) -> dict[str, Any]:
    """Return what readers need to know of the whole corpus, as JSON by name."""
    numbers = index.page_numbers
    return {
        "facets": asdict(facets_of(index.articles.values(), numbers)),
        "mined_names": asdict(analyst.mined),
        "holds_english": analyst.holds_english,
        "page_numbers": {file: [each.letter, each.number] for file, each in numbers.items()},
    }


def cluster_of(settings: Settings, create: bool = False) -> Cluster:
    """Return a connection to the store of ``settings``."""
    token = settings.store_token.get_secret_value()
    return Cluster(place_of(settings.store or "", token), create)


def publish(
    index: Index,
    settings: Settings,
    reached: Callable[[str], None] = lambda _: None,
    cluster: Cluster | None = None,
) -> mirror.Published:
    """Make the store of ``settings`` show what ``index`` holds, and report.

    ``reached`` is told each step; ``cluster`` is a connection to the store, if there is one.
    """
    analyst = Analyst(index, load_names(settings.names), load_translations())
    there = cluster or cluster_of(settings, create=True)
    try:
        return mirror.publish(
            index,
            there,
            lambda: facts_of(index, analyst),
            lambda article: columns_of(article, index.page_numbers),
            reached,
        )
    finally:
        if cluster is None:
            there.close()


def live_state(cluster: Cluster) -> State:
    """Return what is live; raises :class:`CorpusError` where nothing is."""
    cluster.require()
    state = mirror.state_of(cluster)
    if state is None:
        raise CorpusError(
            f"{cluster.place.url}: nothing was ever written there to its end; {_anew(cluster)}"
        )
    return state


def load_cluster_answerer(
    settings: Settings, cluster: Cluster | None = None, embedder: Embedder | None = None
) -> Answerer:
    """Return the answerer over the live generation of the store of ``settings``.

    Raises :class:`CorpusError` when it cannot be reached, holds nothing, or the model at hand is
    not the one that it was built with.
    """
    cluster = cluster or cluster_of(settings)
    state = live_state(cluster)
    embedder = embedder or load_embedder(settings.model or state.model_name)
    problem = model_problem(cluster, state, embedder)
    if problem:
        raise CorpusError(problem)
    index = ClusterIndex(cluster, state)
    # What is read of it is what both have; that is what tests/test_cluster.py holds.
    as_index = cast("Index", index)
    analyst = ClusterAnalyst(as_index, load_names(settings.names), load_translations())
    vectors = VectorCache(embedder)
    store = ClusterStore(index, vectors, analyst)
    retriever = Retriever(as_index, vectors, analyst, load_weights(settings.fusion), store)
    return Answerer(settings, retriever)


def model_problem(cluster: Cluster, state: State, embedder: Embedder) -> str:
    """Return why ``embedder`` is none for what is live; empty when it is the right one."""
    anew = f"write it anew with: wenbao index --store {cluster.place.url} --model {embedder.name}"
    held = cluster.dimension()
    if not held == state.dimension == embedder.dimension:
        return (
            f"{cluster.place.url}: vectors of {held} numbers, {embedder.name!r} makes "
            f"{embedder.dimension}; {anew}, under another name of a collection"
        )
    if state.model_identity != embedder.identity:
        return (
            f"{cluster.place.url}: built with model {state.model_name!r} "
            f"({state.model_identity[:12]}), but {embedder.name!r} has other weights "
            f"({embedder.identity[:12]}); {anew}"
        )
    return ""


def store_problems(settings: Settings) -> list[str]:
    """Return what is wrong with the store of ``settings``, a line each with the remedy."""
    try:
        cluster = cluster_of(settings)
        try:
            state = live_state(cluster)
            embedder = load_embedder(settings.model or state.model_name)
            problem = model_problem(cluster, state, embedder)
            problems = [problem] if problem else []
            ClusterIndex(cluster, state)
            shown = cluster.count("chunks", visible(state.generation))
            if shown != state.counts["chunks"]:
                problems.append(
                    f"{cluster.place.url}: {shown:,} chunks of generation {state.generation} are "
                    f"there, {state.counts['chunks']:,} were written; {_anew(cluster)}"
                )
            return problems
        finally:
            cluster.close()
    except CorpusError as error:
        return [str(error)]


def _anew(cluster: Cluster) -> str:
    return f"write it again with: wenbao index --store {cluster.place.url}"
