"""A follow-up as a question that stands alone, rewritten by rules that a reader can check.

那外商呢？ after a question about the buyers of a fair becomes the question about its foreign
buyers; "Who founded it?" names what *it* is. What the rules cannot place is put behind the
subject of the earlier question. Nothing is guessed from answers: only what the asker said.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.patterns import regex
from index.text import HAN, is_traditional, to_simplified, to_traditional
from rag.filters import period_of
from rag.follow_up_en import (
    ASKS_EN,
    EXISTS_EN,
    OPENER_EN,
    SEVERAL_EN,
    called_again_en,
    rewrite_en,
    thing_in_en,
)
from rag.follow_up_zh import ELLIPSIS_ZH, OPENER_ZH, rewrite_zh
from rag.kinds import MAX_READ_CHARS, PIECES_EN, PIECES_ZH, kind_of
from rag.list_requests import asked_again, words_in
from rag.topics import ENDS, person_of, subject_of
from rag.topics_en import TIME_EN
from rag.topics_zh import TIME_ZH
from rag.types import Language, Question

# Articles on another name: 提到渡轮的, "those about the ferry".
_ON_ZH = regex(
    r"^(?P<on>提到|提及|提过|谈到|谈及|写到|讲到|说到|涉及|关于|有关)?(?P<name>.+?)"
    rf"(?:的(?:相关)?{PIECES_ZH}?)?$"
)
_ON_EN = regex(
    rf"^(?:(?:(?:the |those )?(?:ones|{PIECES_EN})\s+|those\s+)?"
    r"(?:(?P<on>about|(?:(?:that|which)\s+)?(?:mention|cover|discuss)(?:e?s|e?d|ing)?)"
    r"|on|in|from|of|at|for|during)\s+)?(?P<name>.+)$",
    re.IGNORECASE,
)


def rewrite(text: str, language: Language, earlier: Sequence[Question]) -> str:
    """Return the follow-up ``text`` as a question that stands alone.

    ``earlier`` holds the questions before it, oldest first; the subject is that of the last
    one, as it was rewritten itself, a person the last that was named. Names keep the
    language they were asked in. Empty where the earlier questions name nothing.
    """
    if not earlier:
        return ""
    plain = to_simplified(text)  # which the rules are written in
    found = _rewritten(plain, language, [_simplified(question) for question in earlier])
    return to_traditional(found) if is_traditional(text) else found


def calls_again(text: str, language: Language, earlier: Sequence[Question]) -> bool:
    """Return whether ``text`` calls the earlier subject by the end of its name: the committee."""
    if language != "en" or not earlier:
        return False
    before = earlier[-1]
    return called_again_en(text, subject_of(before.standalone, before.language)) is not None


def _simplified(question: Question) -> Question:
    text, rewritten = to_simplified(question.text), to_simplified(question.rewritten)
    return replace(question, text=text, rewritten=rewritten)


def _rewritten(text: str, language: Language, earlier: Sequence[Question]) -> str:
    before = earlier[-1]
    if again := asked_again(text, before.standalone):
        return again
    if about := words_in(before.standalone):
        return _of_list(text, language, before.standalone, about)
    subject, topic = _subject_and_topic(earlier)
    if not subject:
        return ""
    said = text[:MAX_READ_CHARS].strip().strip(ENDS)
    person = _who_was_asked_for(before) or _last_person(earlier)
    if language == "zh":
        found = rewrite_zh(said, before, subject, person, topic)
        return f"{found.strip(ENDS)}？" if found else ""
    thing = thing_in_en(before, subject)
    person = person or subject if thing else person
    found = rewrite_en(said, before, thing or subject, person, thing or topic)
    found = found.strip(ENDS)
    return f"{found[:1].upper()}{found[1:]}?" if found else ""


def _subject_and_topic(earlier: Sequence[Question]) -> tuple[str, str]:
    """Return what the last question is about, and what the conversation is about.

    A pronoun points to the first; a question without a subject is put behind the second. A
    follow-up that was put behind the topic keeps it, whatever noun it has of its own.
    """
    subject = topic = ""
    for question in earlier:
        told, said = question.rewritten.strip(ENDS), question.text.strip(ENDS)
        if told and topic and EXISTS_EN.search(told):
            subject = topic  # of "Was there a band at the fair?" it is the fair
        else:
            subject = subject_of(question.standalone, question.language)
        if told and topic and SEVERAL_EN.search(said) and f" of {topic}" in told:
            subject = topic  # of "Where did the buyers of the fair come from?" too
        put_behind = topic and told in (f"{topic}{said}", f"{topic}的{said}")
        topic = topic if put_behind else subject
    return subject, topic


def _last_person(earlier: Sequence[Question]) -> str:
    people = (person_of(question.standalone, question.language) for question in reversed(earlier))
    return next((person for person in people if person), "")


def _of_list(text: str, language: Language, asked: str, about: str) -> str:
    """Return what a follow-up asks after a question that counts or lists the articles on a name.

    Those on another name or of other days, or something of the name. Empty for a time that
    no filter holds.
    """
    said = text[:MAX_READ_CHARS].strip().strip(ENDS)
    before = Question(f"{about}{'是什么' if language == 'zh' else ''}", language)
    if language == "zh":
        said = OPENER_ZH.sub("", said) or said
        if match := ELLIPSIS_ZH.match(said):
            return _with_other_name(match[1], language, asked, about)
        found = rewrite_zh(said, before, about, person_of(about, "zh"), about)
        return f"{found.strip(ENDS)}？"
    said = OPENER_EN.sub("", said).strip() or said
    if not ASKS_EN.match(said):
        return _with_other_name(said, language, asked, about)
    return f"{rewrite_en(said, before, about, person_of(about, 'en'), about).strip(ENDS)}?"


def _with_other_name(other: str, language: Language, asked: str, about: str) -> str:
    """Return ``asked``, which counts or lists articles, with ``other`` for ``about``, or its days.

    Days are put where a filter is read from (:func:`rag.filters.filters_in`).
    """
    on = (_ON_ZH if language == "zh" else _ON_EN).match(other)
    if not on:
        return ""
    counts, name = kind_of(asked) == "count", on["name"]
    if not on["on"] and period_of(name):
        if language == "zh":
            return f"{name}的报道{'有' if counts else '哪'}几篇提到{about}？"
        return f"{'How many' if counts else 'Which'} articles from {name} mention {about}?"
    if not on["on"] and (TIME_ZH.fullmatch(name) or TIME_EN.fullmatch(other)):
        return ""
    whole = rf"(?:\bthe )?(?<![A-Za-z]){re.escape(about)}(?![A-Za-z])"
    return re.sub(whole, lambda _: name, asked, count=1)


def _who_was_asked_for(before: Question) -> str:
    """Return how the person is called whose name was asked for: 创办书店的人, the founder of it."""
    asked = before.standalone.strip(ENDS)
    if before.language == "zh":
        if match := re.match(
            rf"(?:请问|是)*(?:谁|哪位[{HAN}]{{0,3}}?)([{HAN}]{{2}})了?(.{{2,}})$", asked
        ):
            return f"{match[1]}{match[2].rstrip('的')}的人"
        match = re.match(r"(.{2,}的.{2,6})(?:是|叫)谁$", asked)
        return match[1] if match else ""
    if match := re.match(r"who (?:is|was|are|were) (the .+)$", asked, re.IGNORECASE):
        return match[1]
    match = re.match(r"who (?!is |was |are |were |did |does |do )(.+)$", asked, re.IGNORECASE)
    return f"the person who {match[1]}" if match else ""
