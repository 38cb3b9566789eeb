"""A question becomes a proved answer, or an honest no."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from index.embedding import BUNDLED, load_embedder
from index.index import Index
from index.probes import problem_with
from index.store import load_index, load_sound_index
from index.types import Article, CorpusError, Embedder
from rag import briefing, extractive, listing, wording
from rag.caveats import figures_differ, of_edition, partly_answered, premise_hint
from rag.config import Settings
from rag.filters import NO_FILTERS, Filters, filters_in
from rag.fusion import load_weights
from rag.gloss import glosses
from rag.names import load_names
from rag.notices import filter_notices, notices_on
from rag.parts import parts_of
from rag.question import leans_on_context, understand
from rag.reader import load_reader
from rag.reranking import read_in_order
from rag.retrieval import Retriever
from rag.small_talk import Talk, talk_in
from rag.stopping import check as check_stop
from rag.terms import Analyst
from rag.translation import load_translations
from rag.types import Answer, Citation, Language, Passage, Question
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
        self,
        text: str,
        history: Sequence[Question] = (),
        filters: Filters = NO_FILTERS,
        answer_in: Language | None = None,
    ) -> Answer:
        """Return the answer to ``text``; ``history`` holds the conversation so far, oldest first.

        Only articles that pass ``filters``, and those that the question itself asks for, may
        answer. ``answer_in`` is the language to answer in, None that of the question. Raises
        :class:`CorpusError` for a question that is empty or too long.
        """
        *_, answer = self.stream(text, history, filters, answer_in)
        return answer

    def stream(
        self,
        text: str,
        history: Sequence[Question] = (),
        filters: Filters = NO_FILTERS,
        answer_in: Language | None = None,
    ) -> Iterator[Answer]:
        """Yield the answer to ``text`` as it grows; the last one is whole.

        Quoted answers come whole. With a language model, the sentences of its draft come
        as they are proved, with their citations, in answers that say they are ``growing``;
        the last answer is whole, or is the quoted answer with a notice when the model gave
        nothing usable. No unchecked sentence is ever part of an answer.
        """
        started = time.perf_counter()
        question = understand(text, history, answer_in)
        talk = talk_in(question.text)
        if talk:
            yield _spoken(question, talk, _elapsed_ms(started))
            return
        question = self._filtered(question, history, filters)
        check_stop()
        listed = self._briefed(question) or self._listed(question)
        if listed:
            yield replace(listed, elapsed_ms=_elapsed_ms(started))
            return
        passages = self.passages(question)
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

    def conversation(self, texts: Sequence[str]) -> tuple[Question, ...]:
        """Return the questions in ``texts``, oldest first, each read after those before it.

        For a history that comes as bare words. Raises :class:`CorpusError` as :meth:`ask` does.
        """
        history: list[Question] = []
        for text in texts:
            question = understand(text, history)
            history.append(self._filtered(question, history, NO_FILTERS))
        return tuple(history)

    def passages(self, question: Question) -> tuple[Passage, ...]:
        """Return what is found for ``question``, the best of it read and put in order."""
        check_stop()
        found = self.retriever.retrieve(question, self.settings.passages)
        check_stop()
        return read_in_order(question, found, load_reader())

    def _filtered(
        self, question: Question, history: Sequence[Question], given: Filters
    ) -> Question:
        """Return ``question`` with the filters that it asks for, and those ``given``.

        A follow-up keeps those that the question before it asked for where it asks for no others.
        """
        asked = filters_in(question.standalone, self.retriever.facets)
        before = next((each for each in reversed(history) if not talk_in(each.text)), None)
        if question.context and before:
            asked = asked.over(before.filters)
        return replace(question, filters=asked, given=given)

    def _briefed(self, question: Question) -> Answer | None:
        """Return the main news of an issue; ``None`` when none is asked for, or of a cluster."""
        if self.retriever.store:  # it would be looked for in every article
            return None
        names = self.retriever.analyst.names
        answer = briefing.briefed(question, self.index, names, self.settings.passages)
        return answer and replace(answer, citations=self._glossed(answer.citations, question))

    def _listed(self, question: Question) -> Answer | None:
        """Return the articles that are counted or listed; ``None`` when none are asked for.

        Of a cluster they are not: every article would have to be looked at. When there are
        none, the nearest that the search finds are the leads of the refusal.
        """
        retriever = self.retriever
        if retriever.store:
            return None
        answer = listing.listed(
            question, self.index, retriever.analyst.names, retriever.facets, self.settings.passages
        )
        if answer is None or not answer.refused:
            return answer
        passages = self.passages(answer.question)
        text = wording.with_leads(answer.text, _nearest(passages), wording.frame_of(question))
        return replace(answer, text=text, passages=passages)

    def _quoted(self, question: Question, passages: tuple[Passage, ...]) -> Answer:
        """Return the extractive answer, or the refusal.

        A question in several parts is answered part by part, as far as the corpus does. What
        an article says of another edition than the one that is asked about is no answer.
        """
        frame = wording.frame_of(question)
        whole = self._choice(question, passages)
        parts = parts_of(question.standalone)
        by_part = {}
        for part in parts:
            alone = _alone(question, part, parts)
            by_part[part] = self._choice(alone, self.passages(alone))
        answered = [choice for choice in by_part.values() if choice.supported]
        if not (whole.supported or answered):
            hint = premise_hint(question, passages[0].article, frame) if passages else ""
            return _refusal(question, passages, whole.confidence, hint)
        chosen = extractive.in_order(
            [each for choice in answered or [whole] for each in choice.sentences]
        )
        # Of English questions the reader has learned the sentence, not the words in it.
        cited = extractive.citations(chosen, marked=question.language == "zh")
        cited = self._glossed(cited, question)
        missing = [part for part, choice in by_part.items() if not choice.supported]
        caveats = (
            *partly_answered(missing if answered else [], frame),
            *figures_differ(question, chosen, cited, frame),
        )
        return Answer(
            question,
            wording.quoting(cited, frame, self.retriever.analyst.names),
            refused=False,
            mode="extractive",
            confidence=max(choice.confidence for choice in answered or [whole]),
            citations=cited,
            passages=passages,
            notices=(*caveats, *notices_on(cited, frame)),
        )

    def _choice(self, question: Question, passages: tuple[Passage, ...]) -> extractive.Choice:
        """Return the sentences of ``passages`` that answer, and how sure that is."""
        check_stop()
        meant = of_edition(question, passages)
        found = extractive.candidates(
            question, meant, self.retriever.analyst, self.retriever.vectors
        )
        return extractive.choose(found, meant, extractive.answer_models()[question.language])

    def _generated(
        self, question: Question, passages: tuple[Passage, ...], quoted: Answer
    ) -> Iterator[Answer]:
        """Yield what is proved of the growing draft, then what is proved of the whole.

        The model sees what may be quoted: nothing of another edition than the one asked about.
        """
        from rag import llm  # and what checks its drafts: few have a language model
        from rag.checking import Check, GenerationError
        from rag.prompt import within_budget

        given = within_budget(of_edition(question, passages), self.settings.llm_passage_tokens)
        if not given:
            yield quoted
            return
        check = Check(question, given, self._likeness, self.retriever.analyst.lexicon)
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
            notice = wording.wording_of(wording.frame_of(question)).fell_back.format(reason=error)
            yield replace(quoted, notices=(notice, *quoted.notices))
            return
        if kept is None:
            yield replace(_refusal(question, passages, quoted.confidence), mode="llm")
        else:
            frame = wording.frame_of(question)
            yield replace(
                whole,
                text=kept.text,
                citations=self._glossed(kept.citations, question),
                notices=(*kept.notices, *notices_on(kept.citations, frame)),
            )

    def _glossed(self, citations: tuple[Citation, ...], question: Question) -> tuple[Citation, ...]:
        """Return the citations of an English answer with the glosses of their words."""
        if question.spoken != "en":
            return citations
        names = self.retriever.analyst.names
        return tuple(
            replace(each, glosses=tuple(glosses(each.quote.text, names))) for each in citations
        )

    def _likeness(self, statement: str, texts: Sequence[str]) -> list[float]:
        """Return the cosine, 0 to 1, of a statement with each of ``texts``."""
        vectors = self.retriever.vectors
        cosines = vectors.sentences(texts) @ vectors.sentences([statement])[0]
        return [max(0.0, float(cosine)) for cosine in cosines]


def load_answerer(settings: Settings) -> Answerer:
    """Return the answerer over the index at ``settings.index``.

    Raises :class:`CorpusError` when the index is missing or damaged, or when the model at
    hand is not the one that the index was built with. With ``settings.store`` it is the cluster
    that is asked.
    """
    if settings.store:
        from rag.stores import answerer_of_store

        return answerer_of_store(settings)
    return _answerer_with_its_model(load_index(settings.index), settings)


def load_sound_answerer(settings: Settings) -> tuple[Answerer, str]:
    """Return the answerer over the index, or over its former generation if it is damaged.

    And a warning that says so, empty when the index is sound. Raises as :func:`load_answerer`
    does when the former generation is no help.
    """
    if settings.store:
        return load_answerer(settings), ""
    index, warning = load_sound_index(settings.index)
    return _answerer_with_its_model(index, settings), warning


def _answerer_with_its_model(index: Index, settings: Settings) -> Answerer:
    embedder = load_embedder(settings.model or index.manifest.model_name)
    require_same_model(index, embedder, settings)
    # The bundled model is known by its digests: twelve sentences would tell no more.
    if embedder.name != BUNDLED and index.probes is not None:
        problem = problem_with(index.probes, embedder)
        if problem:
            raise CorpusError(f"{settings.index}: {problem}")
    return answerer_over(index, embedder, settings)


def answerer_over(index: Index, embedder: Embedder, settings: Settings) -> Answerer:
    """Return the answerer over ``index`` with the embedder that it was built with."""
    analyst = Analyst(index, load_names(settings.names), load_translations())
    return Answerer(
        settings,
        Retriever(index, VectorCache(embedder), analyst, load_weights(settings.fusion)),
    )


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


def _refusal(
    question: Question, passages: tuple[Passage, ...], confidence: float, hint: str = ""
) -> Answer:
    return Answer(
        question,
        wording.refusing(_nearest(passages), wording.frame_of(question), hint),
        refused=True,
        mode="extractive",
        confidence=confidence,
        citations=(),
        passages=passages,
    )


def _alone(question: Question, part: str, parts: Sequence[str]) -> Question:
    """Return one part of ``question``; one that cannot stand alone leans on the first."""
    leans = part != parts[0] and leans_on_context(part, question.language)
    return replace(question, text=part, context=parts[0] if leans else "", rewritten="")


def _nearest(passages: tuple[Passage, ...]) -> list[Article]:
    return list({p.article.id: p.article for p in passages}.values())[: wording.MAX_LEADS]


def _spoken(question: Question, talk: Talk, elapsed_ms: float) -> Answer:
    """Return the friendly line for small talk: nothing was searched, and nothing is cited."""
    text = wording.talking(talk, wording.frame_of(question))
    return Answer(question, text, True, "extractive", 0.0, (), (), elapsed_ms=elapsed_ms)


def _elapsed_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
