"""A follow-up as a question that stands alone, rewritten by rules that a reader can check.

那外商呢？ after a question about the buyers of a fair becomes the question about its foreign
buyers; "Who founded it?" names what *it* is. What the rules cannot place is put behind the
subject of the earlier question. Nothing is guessed from answers: only what the asker said.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.text import HAN, is_traditional, to_simplified, to_traditional
from rag.follow_up_en import ASKS_EN, EXISTS_EN, OPENER_EN, called_again_en, rewrite_en, thing_in_en
from rag.follow_up_zh import ELLIPSIS_ZH, OPENER_ZH, rewrite_zh
from rag.kinds import MAX_READ_CHARS
from rag.list_requests import asked_again, words_in
from rag.topics import ENDS, person_of, subject_of
from rag.types import Language, Question


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
        put_behind = topic and told in (f"{topic}{said}", f"{topic}的{said}")
        topic = topic if put_behind else subject
    return subject, topic


def _last_person(earlier: Sequence[Question]) -> str:
    people = (person_of(question.standalone, question.language) for question in reversed(earlier))
    return next((person for person in people if person), "")


def _of_list(text: str, language: Language, asked: str, about: str) -> str:
    """Return what a follow-up asks after a question that counts or lists the articles on a name.

    Those on another name, or something of the name.
    """
    said = text[:MAX_READ_CHARS].strip().strip(ENDS)
    before = Question(f"{about}{'是什么' if language == 'zh' else ''}", language)
    if language == "zh":
        said = OPENER_ZH.sub("", said) or said
        if match := ELLIPSIS_ZH.match(said):
            return asked.replace(about, match[1], 1)
        found = rewrite_zh(said, before, about, person_of(about, "zh"), about)
        return f"{found.strip(ENDS)}？"
    said = OPENER_EN.sub("", said).strip() or said
    if not ASKS_EN.match(said):
        return re.sub(rf"(?:the )?{re.escape(about)}", lambda _: said, asked, count=1)
    return f"{rewrite_en(said, before, about, person_of(about, 'en'), about).strip(ENDS)}?"


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
