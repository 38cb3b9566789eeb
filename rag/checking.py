"""Of a generated answer, only what the printed words prove: unproved sentences are struck."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.numbers import unproved
from rag.citations import (
    Likeness,
    Marker,
    best_quote,
    proved_by,
    read_markers,
    render,
    shared_words,
    statements,
)
from rag.types import Citation, Language, Passage, Question

REFUSAL = "NO_ANSWER"  # what the model says when the passages do not answer
MIN_SHARED_WORDS = 0.15  # a Chinese statement below this says something else than its source

# Why there is no answer: what the user reads, between brackets, in the notice.
_REASONS: Mapping[str, Mapping[Language, str]] = {
    "unreachable": {"zh": "连不上服务", "en": "its endpoint cannot be reached"},
    "refused": {"zh": "服务返回错误 {status}", "en": "its endpoint answered with error {status}"},
    "failed": {"zh": "服务报错", "en": "its endpoint reported an error"},
    "slow": {"zh": "超过时限", "en": "it took too long"},
    "cut": {"zh": "回答中断", "en": "its answer broke off"},
    "empty": {"zh": "回答为空", "en": "its answer was empty"},
    "garbled": {"zh": "返回的内容无法识别", "en": "its reply was not a chat answer"},
    "long": {"zh": "回答过长", "en": "its answer was too long"},
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
        "zh": "已删去数字或日期与所引原文不符的句子：{count} 句（{figures}）。",
        "en": "Sentences removed because the cited print does not have their figures: "
        "{count} ({figures}).",
    },
    "unlike": {
        "zh": "已删去所引原文不能证明的句子：{count} 句。",
        "en": "Sentences removed because the cited print does not say so: {count}.",
    },
}


class GenerationError(Exception):
    """The language model gave nothing usable; the message says why, in the user's language."""

    def __init__(self, kind: str, language: Language, status: int | None = None) -> None:
        self.kind = kind
        self.status = status
        super().__init__(_REASONS[kind][language].format(status=status))


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
) -> CheckedAnswer | None:
    """Return what the passages prove of a draft; None when the model says they do not answer.

    A sentence is struck that cites no passage, states a figure or date that its passages
    do not have (converted forms count), or in Chinese shares next to no words with them.
    Each (sentence, passage) gets the verbatim quote that supports it best; equal quotes
    share a number. ``likeness`` helps to find the quote across languages. The notices say
    what was struck.

    Raises :class:`GenerationError` when nothing is left.
    """
    language = question.language
    draft = spoken(draft_text)
    if REFUSAL in draft:
        return None
    plain, found, unknown = read_markers(draft, len(passages))
    kept: list[str] = []
    numbered: dict[tuple[Any, ...], Citation] = {}
    struck: dict[str, int] = {}
    wrong: list[str] = []
    for statement in statements(plain, found):
        cited = [passages[n - 1] for n in statement.numbers]
        reason, figures = _objection(statement.claim, cited)
        if reason:
            struck[reason] = struck.get(reason, 0) + 1
            wrong += figures
        if reason or not re.search(r"\w", statement.claim):
            if kept and statement.text.endswith("\n"):  # its line break stays
                kept[-1] = kept[-1].rstrip() + statement.text[len(statement.text.rstrip()) :]
            continue
        renumbered: dict[int, int] = {}
        for n, passage in zip(statement.numbers, cited, strict=True):
            quote = best_quote(statement.claim, passage, likeness)
            key = (passage.article.id, quote.spans)
            new = Citation(len(numbered) + 1, passage.article, quote)
            renumbered[n] = numbered.setdefault(key, new).n
        marks = [Marker(mark.at, renumbered[mark.n], mark.spaced) for mark in statement.markers]
        kept.append(render(statement.text, marks))
    if not kept:
        raise GenerationError("unproved", language)
    details = {"figures": (", " if language == "en" else "、").join(dict.fromkeys(wrong))}
    notices = [
        _NOTICES[reason][language].format(count=count, **details)
        for reason, count in struck.items()
    ]
    if unknown:
        numbers = " ".join(f"[{n}]" for n in unknown)
        notices.append(_NOTICES["unknown"][language].format(numbers=numbers))
    text = re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
    return CheckedAnswer(text, tuple(numbered.values()), tuple(notices))


def _objection(claim: str, cited: Sequence[Passage]) -> tuple[str | None, list[str]]:
    """Return why a claim is struck (None: it stands), and the figures that are not printed."""
    if not re.search(r"\w", claim):
        return None, []
    if not cited:
        return "uncited", []
    figures = unproved(claim, proved_by(cited))
    if figures:
        return "figures", figures
    return ("unlike" if shared_words(claim, cited) < MIN_SHARED_WORDS else None), []


def spoken(text: str) -> str:
    """Return ``text`` without the thoughts that some models put before their answer."""
    _, closed, after = text.rpartition("</think>")
    if closed:
        return after.strip()
    return "" if text.lstrip().startswith("<think>") else text.strip()
