"""A question becomes a proved answer, or an honest no."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property

from index.embedding import BUNDLED, load_embedder
from index.store import Index, exists, load_index, load_manifest
from index.types import CorpusError, Embedder
from rag import extractive, llm, wording
from rag.checking import Check, GenerationError
from rag.config import Settings
from rag.filters import NO_FILTERS, Filters, filters_in
from rag.fusion import load_weights
from rag.named import Lexicon
from rag.names import load_names
from rag.notices import filter_notices, notices_on
from rag.prompt import within_budget
from rag.question import understand
from rag.reader import load_reader
from rag.retrieval import Retriever
from rag.terms import Analyst
from rag.translation import load_translations
from rag.types import Answer, Passage, Question
from rag.vectors import VectorCache


@dataclass(frozen=True)
class Answerer:
    """Answers questions about one index."""

    settings: Settings
    retriever: Retriever

    @property
    def index(self) -> Index:
        """The index that is asked."""
        return self.retriever.index

    def ask(
        self, text: str, history: Sequence[Question] = (), filters: Filters = NO_FILTERS
    ) -> Answer:
        """Return the answer to ``text``; ``history`` holds the conversation so far, oldest first.

        Only articles that pass ``filters``, and those that the question itself asks for, may
        answer. Raises :class:`CorpusError` for a question that is empty or too long.
        """
        *_, answer = self.stream(text, history, filters)
        return answer

    def stream(
        self, text: str, history: Sequence[Question] = (), filters: Filters = NO_FILTERS
    ) -> Iterator[Answer]:
        """Yield the answer to ``text`` as it grows; the last one is whole.

        Quoted answers come whole. With a language model, the sentences of its draft come
        as they are proved, with their citations, in answers that say they are ``growing``;
        the last answer is whole, or is the quoted answer with a notice when the model gave
        nothing usable. No unchecked sentence is ever part of an answer.
        """
        started = time.perf_counter()
        question = self._filtered(understand(text, history), history, filters)
        passages = tuple(self.retriever.retrieve(question, self.settings.passages))
        quoted = self._quoted(question, passages)
        if self.settings.llm_base_url and passages:
            answers = self._generated(question, passages, quoted)
        else:
            answers = iter((quoted,))
        narrowed = filter_notices(question, bool(passages))
        for answer in answers:
            yield replace(
                answer, notices=(*narrowed, *answer.notices), elapsed_ms=_elapsed_ms(started)
            )

    def _filtered(
        self, question: Question, history: Sequence[Question], given: Filters
    ) -> Question:
        """Return ``question`` with the filters that it asks for, and those ``given``.

        A follow-up keeps those of the question before it where it asks for no others.
        """
        asked = filters_in(question.text, self.retriever.facets)
        if question.context and history:
            asked = asked.over(history[-1].filters)
        return replace(question, filters=asked & given)

    def _quoted(self, question: Question, passages: tuple[Passage, ...]) -> Answer:
        """Return the extractive answer, or the refusal."""
        model = extractive.answer_models()[question.language]
        found = extractive.candidates(
            question, passages, self.retriever.analyst, self.retriever.vectors, load_reader()
        )
        ranking = extractive.ranked(found, model)
        features = extractive.support_features(ranking, passages)
        confidence = model.support.probability(features) if features else 0.0
        if confidence < model.threshold:
            return _refusal(question, passages, confidence)
        cited = extractive.citations(extractive.chosen(ranking, model))
        return Answer(
            question,
            wording.quoting(cited, question.language),
            refused=False,
            mode="extractive",
            confidence=confidence,
            citations=cited,
            passages=passages,
            notices=notices_on(cited, question.language),
        )

    def _generated(
        self, question: Question, passages: tuple[Passage, ...], quoted: Answer
    ) -> Iterator[Answer]:
        """Yield what is proved of the growing draft, then what is proved of the whole."""
        language = question.language
        given = within_budget(passages, self.settings.llm_passage_tokens)
        check = Check(question, given, self._likeness, self._lexicon)
        whole = replace(quoted, text="", refused=False, mode="llm", citations=(), notices=())
        draft, shown = "", None
        try:
            with closing(llm.generate(question, given, self.settings)) as drafts:
                for part in drafts:
                    draft = part.text
                    proved = check.so_far(draft)
                    if not part.done and proved.text != shown:
                        shown = proved.text
                        yield replace(whole, text=shown, citations=proved.citations, growing=True)
            kept = check.whole(draft)
        except GenerationError as error:
            notice = wording.WORDING[language].fell_back.format(reason=error)
            yield replace(quoted, notices=(notice, *quoted.notices))
            return
        if kept is None:
            yield replace(_refusal(question, passages, quoted.confidence), mode="llm")
        else:
            notices = (*kept.notices, *notices_on(kept.citations, language))
            yield replace(whole, text=kept.text, citations=kept.citations, notices=notices)

    @cached_property
    def _lexicon(self) -> Lexicon:
        analyst = self.retriever.analyst
        return Lexicon(analyst.names, analyst.translations)

    def _likeness(self, statement: str, texts: Sequence[str]) -> list[float]:
        """Return the cosine, 0 to 1, of a statement with each of ``texts``."""
        vectors = self.retriever.vectors
        cosines = vectors.sentences(texts) @ vectors.sentences([statement])[0]
        return [max(0.0, float(cosine)) for cosine in cosines]


def load_answerer(settings: Settings) -> Answerer:
    """Return the answerer over the index at ``settings.index``.

    Raises :class:`CorpusError` when the index is missing or damaged, or when the model at
    hand is not the one that the index was built with.
    """
    index = load_index(settings.index)
    embedder = load_embedder(settings.model or index.manifest.model_name)
    require_same_model(index, embedder, settings)
    return answerer_over(index, embedder, settings)


def answerer_over(index: Index, embedder: Embedder, settings: Settings) -> Answerer:
    """Return the answerer over ``index`` with the embedder that it was built with."""
    analyst = Analyst(index, load_names(settings.names), load_translations())
    return Answerer(
        settings,
        Retriever(index, VectorCache(embedder), analyst, load_weights(settings.fusion)),
    )


def model_to_build_with(settings: Settings) -> str:
    """Return the model for the index at ``settings.index``.

    The one in the settings, else the one that the index has, else the bundled one.
    """
    if settings.model:
        return settings.model
    return load_manifest(settings.index).model_name if exists(settings.index) else BUNDLED


def require_same_model(index: Index, embedder: Embedder, settings: Settings) -> None:
    """Raise :class:`CorpusError` when ``index`` was built with other weights than ``embedder``."""
    manifest = index.manifest
    if manifest.model_identity != embedder.identity:
        raise CorpusError(
            f"{settings.index}: built with model {manifest.model_name!r} "
            f"({manifest.model_identity[:12]}), but {embedder.name!r} has other weights "
            f"({embedder.identity[:12]}); build it anew with: "
            f"wenbao index --index {settings.index} --model {embedder.name}"
        )


def _refusal(question: Question, passages: tuple[Passage, ...], confidence: float) -> Answer:
    nearest = list({p.article.id: p.article for p in passages}.values())[: wording.MAX_LEADS]
    return Answer(
        question,
        wording.refusing(nearest, question.language),
        refused=True,
        mode="extractive",
        confidence=confidence,
        citations=(),
        passages=passages,
    )


def _elapsed_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
