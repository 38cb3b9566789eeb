"""Of a generated answer, only what the printed words prove: unproved sentences are struck."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from index.numbers import unproved
from index.text import sentences
from index.types import Excerpt
from rag.citations import (
    Likeness,
    Marker,
    Statement,
    best_quote,
    proved_by,
    read_markers,
    render,
    shared_words,
    statements,
)
from rag.claims import foreign, linked, misquoted, print_of, unhidden
from rag.named import Lexicon, unprinted_names
from rag.types import Citation, Language, Passage, Question

REFUSAL = "NO_ANSWER"  # what the model says when the passages do not answer
MIN_SHARED_WORDS = 0.15  # a Chinese statement below this says something else than its source
# Cosines with the nearest clause, by the bundled encoder; decision 30 has the measurement.
MIN_LIKENESS = 0.42  # a statement below this says something else than its source
MIN_ATTRIBUTED = 0.6  # from here on a sentence is the source of a statement that names none
MIN_ATTRIBUTED_WORDS = 0.3  # and shares so many of its Chinese words
MISNUMBERED = 0.25  # so much more alike, another passage is the one that is meant

# Why there is no answer: what the user reads, between brackets, in the notice.
_REASONS: Mapping[str, Mapping[Language, str]] = {
    "unreachable": {"zh": "连不上服务", "en": "its endpoint cannot be reached"},
    "refused": {"zh": "服务返回错误 {status}", "en": "its endpoint answered with error {status}"},
    "failed": {"zh": "服务报错", "en": "its endpoint reported an error"},
    "resting": {
        "zh": "服务连续出错，暂停使用，{rest_s} 秒后再试",
        "en": "its endpoint kept failing and is left alone for another {rest_s} s",
    },
    "slow": {"zh": "超过时限", "en": "it took too long"},
    "cut": {"zh": "回答中断", "en": "its answer broke off"},
    "unfinished": {"zh": "回答没有写完", "en": "its answer was not finished"},
    "empty": {"zh": "回答为空", "en": "its answer was empty"},
    "garbled": {"zh": "返回的内容无法识别", "en": "its reply was not a chat answer"},
    "long": {"zh": "回答过长", "en": "its answer was too long"},
    "foreign": {"zh": "回答用了别的语言", "en": "it answered in another language"},
    "unproved": {"zh": "原文不能证明它的说法", "en": "the pages prove none of its statements"},
}
_NOTICES: Mapping[str, Mapping[Language, str]] = {
    "unknown": {
        "zh": "模型引用了不存在的出处 {numbers}，已删去。",
        "en": "The model cited sources that do not exist, {numbers}; they were removed.",
    },
    "uncited": {
        "zh": "已删去没有有效出处的句子：{count} 句。",
        "en": "Sentences removed because they cite no source: {count}.",
    },
    "figures": {
        "zh": "已删去数字或日期与所引原文不符的句子：{count} 句（{wrong}）。",
        "en": "Sentences removed because the cited print does not have their figures: "
        "{count} ({wrong}).",
    },
    "links": {
        "zh": "已删去带有标记或原文没有的网址的句子：{count} 句。",
        "en": "Sentences removed because they hold markup or an address that is not printed: "
        "{count}.",
    },
    "quotes": {
        "zh": "已删去引号中的话不见于所引原文的句子：{count} 句。",
        "en": "Sentences removed because what they quote is not printed so: {count}.",
    },
    "names": {
        "zh": "已删去名称不见于所引原文的句子：{count} 句（{wrong}）。",
        "en": "Sentences removed because the cited print does not have their names: "
        "{count} ({wrong}).",
    },
    "unlike": {
        "zh": "已删去所引原文不能证明的句子：{count} 句。",
        "en": "Sentences removed because the cited print does not say so: {count}.",
    },
    "foreign": {
        "zh": "已删去用别的语言写的句子：{count} 句。",
        "en": "Sentences removed because they are in another language: {count}.",
    },
    "attributed": {
        "zh": "{count} 句的出处不是模型标注的，而是按内容比对补上的。",
        "en": "Sources found by comparing the content, not named by the model: {count}.",
    },
    "surplus": {
        "zh": "已删去与句子无关的出处：{count} 处。",
        "en": "Sources removed that do not bear on their sentence: {count}.",
    },
}
MAX_READ = 8  # sentences that are read clause by clause for the source of a statement
MIN_CLAUSE_CHARS = 4
_CLAUSE = re.compile(r"[^,，;；:：]+[,，;；:：]*|[,，;；:：]+")
# A marker that has not arrived in full.
_OPEN_MARKER = re.compile(r"[ \t]{0,3}[\[【［〔][^\]】］〕\n]{0,60}$")
_SENTENCE_END = "。.!！?？"


class GenerationError(Exception):
    """The language model gave nothing usable; the message says why, in the user's language."""

    def __init__(
        self,
        kind: str,
        language: Language,
        status: int | None = None,
        rest_s: int | None = None,
    ) -> None:
        self.kind = kind
        self.status = status
        super().__init__(_REASONS[kind][language].format(status=status, rest_s=rest_s))


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """What is left of a draft: markers and citations match one to one, 1 to n."""

    text: str
    citations: tuple[Citation, ...]
    notices: tuple[str, ...]


def checked(
    draft_text: str,
    question: Question,
    passages: Sequence[Passage],
    likeness: Likeness | None = None,
    lexicon: Lexicon | None = None,
) -> CheckedAnswer | None:
    """Return what the passages prove of a whole draft; see :meth:`Check.whole`."""
    return Check(question, passages, likeness, lexicon).whole(draft_text)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What becomes of a statement: why it is struck, or the markers that it keeps."""

    struck: str | None = None
    wrong: tuple[str, ...] = ()
    markers: tuple[Marker, ...] = ()
    attributed: bool = False
    surplus: int = 0


@dataclass(frozen=True)
class Check:
    """Holds the draft of one answer against its passages, while it grows and when it is whole.

    A statement is struck that cites no passage, states a figure, date or name that its
    passages do not have (converted forms count), puts words between quotation marks that
    they do not hold letter for letter, is in another language, or says something else.
    ``likeness`` finds the source of a statement that cites none or the wrong one, else it
    is struck too; without it, and without ``lexicon``, less is checked.
    """

    question: Question
    passages: Sequence[Passage]
    likeness: Likeness | None = None
    lexicon: Lexicon | None = None
    _judged: dict[Statement, _Verdict] = field(default_factory=dict)
    _seen: dict[tuple[Statement, ...], CheckedAnswer] = field(default_factory=dict)
    _quotes: dict[tuple[str, int], Excerpt] = field(default_factory=dict)

    def so_far(self, draft_text: str) -> CheckedAnswer:
        """Return what is proved of an unfinished draft: of its whole sentences only.

        The last sentence waits for the next one, which shows that its figures and markers
        are all there. What was returned for less of the draft begins this text. Without
        notices; empty as long as nothing is proved.
        """
        draft = _OPEN_MARKER.sub("", spoken(draft_text))
        if REFUSAL in draft:
            return CheckedAnswer("", (), ())
        plain, found, _ = read_markers(draft, len(self.passages))
        return self._kept_of(tuple(statements(plain, found)[:-1]))

    def whole(self, draft_text: str) -> CheckedAnswer | None:
        """Return what is proved of a finished draft; None when the model says it has no answer.

        Each (sentence, passage) gets the verbatim quote that supports it best; equal quotes
        share a number. The notices say what was struck or mended.

        Raises :class:`GenerationError` when nothing is left.
        """
        language = self.question.spoken
        draft = spoken(draft_text)
        if REFUSAL in draft:
            return None
        plain, found, unknown = read_markers(draft, len(self.passages))
        said = statements(plain, found)
        kept = self._kept(said)
        if not kept.text:
            reasons = [self._verdict(statement).struck for statement in said]
            foreign_only = "foreign" in reasons and "uncited" not in reasons
            raise GenerationError("foreign" if foreign_only else "unproved", language)
        if not unknown:
            return kept
        numbers = " ".join(f"[{n}]" for n in unknown)
        told = _NOTICES["unknown"][language].format(numbers=numbers)
        return replace(kept, notices=(*kept.notices, told))

    def _kept(self, said: Sequence[Statement]) -> CheckedAnswer:
        kept: list[str] = []
        numbered: dict[tuple[Any, ...], Citation] = {}
        verdicts: list[_Verdict] = []
        for statement in said:
            verdict = self._verdict(statement)
            verdicts.append(verdict)
            if verdict.struck:
                if kept and statement.text.endswith("\n"):  # its line break stays
                    kept[-1] = kept[-1].rstrip() + statement.text[len(statement.text.rstrip()) :]
                continue
            renumbered: dict[int, int] = {}
            for n in dict.fromkeys(marker.n for marker in verdict.markers):
                passage = self.passages[n - 1]
                quote = self._quote(statement.claim, n)
                key = (passage.article.id, quote.spans)
                new = Citation(len(numbered) + 1, passage.article, quote)
                renumbered[n] = numbered.setdefault(key, new).n
            marks = [Marker(mark.at, renumbered[mark.n], mark.spaced) for mark in verdict.markers]
            kept.append(render(statement.text, marks))
        text = re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
        return CheckedAnswer(text, tuple(numbered.values()), tuple(self._notices(verdicts)))

    def _notices(self, verdicts: Sequence[_Verdict]) -> Iterator[str]:
        language = self.question.spoken
        counts: dict[str, int] = {}
        for verdict in verdicts:
            for told, count in (
                (verdict.struck or "", 1),
                ("attributed", int(verdict.attributed)),
                ("surplus", verdict.surplus),
            ):
                if told in _NOTICES and count:
                    counts[told] = counts.get(told, 0) + count
        for told, count in counts.items():
            wrong = dict.fromkeys(w for v in verdicts if v.struck == told for w in v.wrong)
            listed = (", " if language == "en" else "、").join(wrong)
            yield _NOTICES[told][language].format(count=count, wrong=listed)

    def _kept_of(self, said: tuple[Statement, ...]) -> CheckedAnswer:
        if said not in self._seen:  # most pieces of a draft end no sentence
            self._seen.clear()
            self._seen[said] = self._kept(said)
        return self._seen[said]

    def _quote(self, claim: str, n: int) -> Excerpt:
        if (claim, n) not in self._quotes:
            self._quotes[claim, n] = best_quote(claim, self.passages[n - 1], self.likeness)
        return self._quotes[claim, n]

    def _verdict(self, statement: Statement) -> _Verdict:
        if statement not in self._judged:
            self._judged[statement] = self._judge(statement)
        return self._judged[statement]

    def _judge(self, statement: Statement) -> _Verdict:
        claim, marks = statement.claim, statement.markers
        if not re.search(r"\w", claim):
            return _Verdict("silent")
        n = self._source(claim, statement.numbers)
        attributed = n is not None
        if n is not None:
            marks = (_marker_behind(statement.text, n, self.question.spoken),)
        if not marks:
            return _Verdict("uncited")
        numbers = tuple(dict.fromkeys(mark.n for mark in marks))
        struck, wrong = self._objection(claim, numbers)
        if struck:
            return _Verdict(struck, tuple(wrong))
        bearing = self._bearing(claim, numbers)
        kept = tuple(mark for mark in marks if mark.n in bearing)
        return _Verdict(markers=kept, attributed=attributed, surplus=len(numbers) - len(bearing))

    def _objection(self, claim: str, numbers: Sequence[int]) -> tuple[str | None, list[str]]:
        """Return why a claim is struck (None: it stands), and what of it is not printed."""
        cited = [self.passages[n - 1] for n in numbers]
        printed = print_of(cited)
        if foreign(claim, self.question.spoken):
            return "foreign", []
        if linked(claim, printed):
            return "links", []
        if wrong := unproved(claim, proved_by(cited)):
            return "figures", wrong
        if misquoted(claim, printed):
            return "quotes", []
        if wrong := unprinted_names(claim, printed, self.lexicon):
            return "names", wrong
        alike = max(self._alike(claim, passage) for passage in cited)
        unlike = shared_words(claim, cited) < MIN_SHARED_WORDS or alike < MIN_LIKENESS
        return ("unlike" if unlike else None), []

    def _bearing(self, claim: str, numbers: Sequence[int]) -> list[int]:
        """Return the ``numbers`` of the passages that a claim needs or is like."""
        bearing = list(numbers)
        for n in numbers:
            others = [other for other in bearing if other != n]
            idle = self._alike(claim, self.passages[n - 1]) < MIN_LIKENESS
            if idle and others and not self._objection(claim, others)[0]:
                bearing = others
        return bearing

    def _source(self, claim: str, numbers: Sequence[int]) -> int | None:
        """Return the number of the passage that a claim should have cited; None: leave it.

        One sentence of it has to be alike in meaning and hold every figure of the claim.
        """
        if self.likeness is None:
            return None
        cited = max((self._alike(claim, self.passages[n - 1]) for n in numbers), default=0.0)
        if cited >= MIN_ATTRIBUTED:
            return None
        for alike, n, sentence in self._likest(claim):
            if alike < max(MIN_ATTRIBUTED, cited + MISNUMBERED):
                break
            told = shared_words(claim, [sentence]) >= MIN_ATTRIBUTED_WORDS
            if told and n not in numbers and not unproved(claim, proved_by([sentence])):
                return n
        return None

    def _likest(self, claim: str) -> list[tuple[float, int, Passage]]:
        """Return the sentences of the passages that are most alike to a claim, the likest first.

        Each with its likeness and the number of its passage. Read clause by clause are those
        that come first as a whole.
        """
        cut = [(n, each) for n, p in enumerate(self.passages, start=1) for each in _sentences_of(p)]
        texts = [sentence.chunk.excerpt.text for _, sentence in cut]
        likest = sorted(zip(self._like(claim, texts), cut, strict=True), key=lambda each: -each[0])
        found = [
            (max(self._like(claim, clauses(sentence.chunk.excerpt.text))), n, sentence)
            for _, (n, sentence) in likest[:MAX_READ]
        ]
        return sorted(found, key=lambda each: -each[0])

    def _alike(self, claim: str, passage: Passage) -> float:
        """Return how alike a claim is to the likest clause of a passage; 1 if none can tell."""
        if self.likeness is None:
            return 1.0
        cut = [clauses(each.chunk.excerpt.text) for each in _sentences_of(passage)]
        return max(self._like(claim, [clause for each in cut for clause in each]), default=0.0)

    def _like(self, claim: str, texts: Sequence[str]) -> Sequence[float]:
        return self.likeness(claim, texts) if self.likeness and texts else ()


def clauses(sentence: str) -> list[str]:
    """Return a sentence, its clauses, and each two neighbours among them, each once.

    A statement often says one clause of a long sentence, and is little like the whole.
    """
    cut = [clause for clause in _CLAUSE.findall(sentence.strip()) if clause.strip()]
    pairs = [first + second for first, second in pairwise(cut)]
    long = [clause for clause in cut if len(clause) >= MIN_CLAUSE_CHARS]
    return list(dict.fromkeys([sentence.strip(), *long, *pairs]))


def _sentences_of(passage: Passage) -> list[Passage]:
    chunk = passage.chunk
    return [
        replace(passage, chunk=replace(chunk, start=chunk.start + start, end=chunk.start + end))
        for start, end in sentences(chunk.excerpt.text)
        if chunk.excerpt.text[start:end].strip()
    ]


def _marker_behind(text: str, n: int, language: Language) -> Marker:
    """Return the marker of a statement that has none: before its full stop."""
    end = len(text.rstrip())
    if text[end - 1 : end] in _SENTENCE_END:
        end -= 1
    return Marker(end, n, spaced=language == "en")


def spoken(text: str) -> str:
    """Return ``text`` without the thoughts that some models put before their answer.

    And without characters that nobody sees.
    """
    _, closed, after = unhidden(text).rpartition("</think>")
    if closed:
        return after.strip()
    return "" if after.lstrip().startswith("<think>") else after.strip()
