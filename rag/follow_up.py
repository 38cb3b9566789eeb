"""A follow-up as a question that stands alone, rewritten by rules that a reader can check.

那外商呢？ after a question about the buyers of a fair becomes the question about its foreign
buyers; "Who founded it?" names what *it* is. What the rules cannot place is put behind the
subject of the earlier question. Nothing is guessed from answers: only what the asker said.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.patterns import regex
from index.text import HAN, is_han, is_traditional, to_simplified, to_traditional
from rag.kinds import MAX_READ_CHARS
from rag.list_requests import asked_again, words_in
from rag.topics import (
    ASKS_ZH,
    ATTRIBUTE_ZH,
    ORDINAL_EN,
    ORDINAL_ZH,
    TIME_EN,
    TIME_ZH,
    begins_predicate,
    counted_in,
    is_relational,
    is_relational_en,
    is_verb,
    person_of,
    subject_of,
    tagged,
)
from rag.types import Language, Question

MAX_CALLED_CHARS = 12  # of the end of a name that it is called by again

_ENDS = " \t?？!！。.,，;；"
# Chinese
_OPENER_ZH = regex(
    r"^(?:(?:那么|那(?!个|次|家|位|场|里|边|些|款|项|种|届|儿|时|年|天|部|座|条|所|支|只|本|"
    r"篇)|还有|另外|然后|"
    r"其中|再问一?下?|顺便问一?下?|以及|并且|而且)[，, ]*)+"
)
_ELLIPSIS_ZH = regex(r"^(.{1,24}?)(?:呢|又如何|又怎么样|也一样吗)$")
_PART_ZH = regex(rf"[，,]([{HAN}]{{1,10}}的)(?=有|是|占|要|卖|能|在)")  # 短期经营的有几家
_ELLIPSIS_AND_ZH = regex(r"^(.{1,24}?)呢[，,？? ]+(.{2,})$")
_ASK_ONLY_ZH = regex(
    r"^(?:是|又|都|到底)?(为什么|为何|什么时候|何时|哪一?年|哪一?天|在?哪里|在?哪儿|谁|多少|"
    r"几个|怎么样|怎么|如何|什么原因)"
    r"(?:的|了|呀|啊)?呢?$"
)
_MEASURES = "台|批|间|类|家|个|座|位|项|场|届|次|部|款|条|所|支|只|本|种|篇|起|辆|艘"
_GENERIC = (
    r"公司|企业|机构|项目|系统|平台|活动|展会|博览会|大会|比赛|节目|人|老板|先生|女士|地方|"
    r"城市|学校|协会|组织|单位|"
    r"市场|产品|设备|工程|报告|案子|案件|事|事情|店|品牌|线路|班列|列车"
)
_TO_ZH = regex(rf"(?:到|去|往|飞)([{HAN}]{{2,10}})")
_OLD_TO_ZH = regex(rf"(?:到|去|往|飞)([{HAN}]{{2,10}}?)(?=的|要|有|多|几|什|哪|怎|如|运|坐)")
# 最近新增的是哪个, of what was counted
_WHICH_ZH = regex(
    rf"^(?P<which>[{HAN}]{{0,8}}的)?(?P<asks>(?:都|分别)?(?:是|有|包括)(?:哪[个些几家位座种名]*|谁))[呢呀啊]?$"
)
_PEOPLE_ZH = regex(r"(?:他|她)(?!国|乡|们|人|处)|这位(?:先生|女士|老师)?|那位|这个人|那个人|此人")
_THINGS_ZH = regex(
    rf"(?:该|本|此|这|那)(?:(?:{_MEASURES})(?:(?:{_GENERIC})|(?=是|有|在|的|什|哪|多|几|怎|为|"
    rf"$))|(?:{_GENERIC}))"
    rf"|它们?|他们|她们|(?<![极尤与])其(?=[{HAN}]{{2}})(?!他|中|实|余|它|次|间)"
)
_POINTED_ZH = regex(
    rf"(?:该|这|那)(?:{_MEASURES})?([{HAN}]{{1,2}}?)(?=是|有|在|的|什|哪|多|几|怎|为)"
)
_PLACE_ZH = regex(r"那里|这里|那儿|这儿|当地|那边|那个地方|这个地方")
_PREDICATES_ZH: tuple[tuple[str, str], ...] = (
    (r"(?:人|者|员|方|长|主席|经理|总裁|作者)$", "是谁"),
    (r"票$", "多少钱"),
    (r"(?:时间|日期|期限)$", "是什么时候"),
    (r"(?:地点|地址|总部|位置)$", "在哪里"),
    (
        r"(?:[额率量数值价费款]|成本|价格|面积|人数|规模|收入|利润|工资|业绩|增幅|展位|订单|会员)$",
        "是多少",
    ),
)
# English
_OPENER_EN = regex(
    r"^(?:(?:and|but|so|also|then|or|ok|okay|now)\b[,\s]*)+(?:(?:what|how) about\s+)?"
    r"|^(?:what|how) about\s+",
    re.IGNORECASE,
)
_ASKS_EN = regex(
    r"^(?:(?:in|on|at|for|to|from|of|by|since)\s+)?(?:who|whom|whose|what|when|where|which|why|"
    r"how)\b"
    r"|^(?:did|does|do|is|are|was|were|has|have|had|will|would|can|could|should)\b",
    re.IGNORECASE,
)
_PEOPLE_EN = regex(r"\b(?:(he|she)|(him)|(his|hers?))\b", re.IGNORECASE)
_THINGS_EN = regex(
    r"\b(?:(its|their|theirs)|(?:it|they|them|that one|this one|"
    r"(?:this|that|these|those)(?: (?:company|firm|project|system|platform|event|fair|place|city|"
    r"school|association|organi[sz]ation|market|product|train|line|bridge|museum|one|"
    r"ones))?)(?! (?:year|month|week|day|time|way|season|morning|evening)\b)"
    r"(?=\s+(?:is|was|are|were|has|had|have|did|does|do|will|would|can|could|get|got|make|made|"
    r"open|start|begin|cost|sell|sold|come|came|go|went|take|took|end|receive|in|on|at|for|to|last|"
    r"work|use|pay|built|held|founded|founder|be|run)\b|\W*$|\s+[a-z]+(?:ed)?\b))",
    re.IGNORECASE,
)
_SPOKE_EN = regex(
    r"\b(?:say|said|think|thought|feel|felt|write|written|tell|told|talk|speak) (?:about|of) (.+)$",
    re.IGNORECASE,
)
_WHICH_EN = regex(r"^which (?:ones?|of (?:them|these|those))\b", re.IGNORECASE)
_MADE_EN = regex(
    r"\b(?:buy|bought|get|got|built?|build|opene?d?|launch(?:ed)?|made?|make|introduced?|"
    r"develop(?:ed)?|publish(?:ed)?|sign(?:ed)?|create[ds]?|design(?:ed)?|found(?:ed)?) an? (.+)$",
    re.IGNORECASE,
)
_EXISTS_EN = regex(
    r"\b(?:is|are|was|were|be|been)\s+there\b|\bthere\s+(?:is|are|was|were)\b", re.IGNORECASE
)
_THERE_EN = regex(r"\b(?:over )?there\b", re.IGNORECASE)
_PREPOSITION_EN = regex(r"^(in|at|on|for|from|to|by|with|during|among)\s+(.+)$", re.IGNORECASE)
# The Tea Fair in Hull, how many buyers went to that one?
_OWN_SUBJECT_EN = regex(
    r"^(?P<subject>[^,]{2,80}),\s+(?P<asks>(?:who|whose|what|when|where|which|why|how|did|does|do|"
    r"is|are|was|were|has|have|had|will|would|can|could|should)\b.+)$",
    re.IGNORECASE,
)
_ASK_ONLY_EN = regex(
    r"^(why|when|where|who|how|since when|until when|by whom|what for)$", re.IGNORECASE
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
    return _called_again_en(text, subject_of(before.standalone, before.language)) is not None


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
    said = text[:MAX_READ_CHARS].strip().strip(_ENDS)
    person = _who_was_asked_for(before) or _last_person(earlier)
    if language == "zh":
        found = _rewrite_zh(said, before, subject, person, topic)
        return f"{found.strip(_ENDS)}？" if found else ""
    thing = _thing_in_en(before, subject)
    person = person or subject if thing else person
    found = _rewrite_en(said, before, thing or subject, person, thing or topic)
    found = found.strip(_ENDS)
    return f"{found[:1].upper()}{found[1:]}?" if found else ""


def _subject_and_topic(earlier: Sequence[Question]) -> tuple[str, str]:
    """Return what the last question is about, and what the conversation is about.

    A pronoun points to the first; a question without a subject is put behind the second. A
    follow-up that was put behind the topic keeps it, whatever noun it has of its own.
    """
    subject = topic = ""
    for question in earlier:
        told, said = question.rewritten.strip(_ENDS), question.text.strip(_ENDS)
        if told and topic and _EXISTS_EN.search(told):
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
    said = text[:MAX_READ_CHARS].strip().strip(_ENDS)
    before = Question(f"{about}{'是什么' if language == 'zh' else ''}", language)
    if language == "zh":
        said = _OPENER_ZH.sub("", said) or said
        if match := _ELLIPSIS_ZH.match(said):
            return asked.replace(about, match[1], 1)
        found = _rewrite_zh(said, before, about, person_of(about, "zh"), about)
        return f"{found.strip(_ENDS)}？"
    said = _OPENER_EN.sub("", said).strip() or said
    if not _ASKS_EN.match(said):
        return re.sub(rf"(?:the )?{re.escape(about)}", lambda _: said, asked, count=1)
    return f"{_rewrite_en(said, before, about, person_of(about, 'en'), about).strip(_ENDS)}?"


def _thing_in_en(before: Question, subject: str) -> str:
    """Return the thing that "it" is when the subject spoke of it, or made it; empty without one."""
    if before.language != "en":
        return ""
    asked = before.standalone.strip(_ENDS)
    if match := _SPOKE_EN.search(asked):
        return match[1]
    match = _MADE_EN.search(asked)
    if not match:
        return ""
    return f"the {match[1]}" if subject in match[1] else f"the {match[1]} of {subject}"


def _who_was_asked_for(before: Question) -> str:
    """Return how the person is called whose name was asked for: 创办书店的人, the founder of it."""
    asked = before.standalone.strip(_ENDS)
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


def _what_was_asked_for(before: Question, noun: str) -> str:
    """Return how the thing is called that was asked for with 哪个 and now is called 这个."""
    asked = before.standalone.strip(_ENDS)
    for shape, told in (
        (rf"(.+?)是哪(?:{_MEASURES})?([{HAN}]{{2,8}})的([{HAN}]{{2,4}})$", "{0}任{2}的{1}"),
        (rf"(.+?)是(?:由|被)?哪(?:{_MEASURES})?([{HAN}]{{2,4}}?)([{HAN}]{{2}})的$", "{2}{0}的{1}"),
        (rf"(.+?)([{HAN}]{{2}})了(?:什么|哪(?:{_MEASURES})?)([{HAN}]{{2,6}})$", "{0}{1}的{2}"),
    ):
        if match := re.match(shape, asked):
            found = told.format(*match.groups())
            if found.endswith(noun[-1]):
                return found
    return ""


# Chinese


def _rewrite_zh(said: str, before: Question, subject: str, person: str, topic: str) -> str:
    said = _OPENER_ZH.sub("", said) or said
    asked = before.standalone.strip(_ENDS) if before.language == "zh" else ""
    if match := _ASK_ONLY_ZH.match(said):
        return _with_other_ask_zh(match[1], asked, subject)
    if match := _ELLIPSIS_AND_ZH.match(said):
        stands = _stands_in_zh(match[1], subject)
        return f"{match[1]}{match[2]}" if stands else _of(subject, match[1]) + match[2]
    if (match := _ELLIPSIS_ZH.match(said)) and not TIME_ZH.fullmatch(match[1]):
        pointed = _with_names_zh(match[1], before, subject, person)
        if pointed != match[1]:
            return _told_zh(pointed)
    if match:
        return _with_other_zh(match[1], asked, subject, person)
    named = _with_names_zh(said, before, subject, person)
    if named != said:
        return named
    if (match := _WHICH_ZH.match(said)) and (counted := counted_in(asked, "zh")):
        noun = asked[counted.start : counted.end]
        what = f"{subject}{match['which']}{noun}" if match["which"] else _of(subject, noun)
        return f"{what}{match['asks']}"
    new, old = ORDINAL_ZH.match(said), ORDINAL_ZH.search(subject)
    if new and old:
        return _put(subject, old, new[0]) + said[new.end() :]
    if re.match(r"[同环]比|增|涨|降|下降|上升", said):
        return f"{subject_of(before.standalone, before.language, whole=True)}{said}"
    return _behind_zh(topic, said)


def _with_other_ask_zh(ask: str, asked: str, subject: str) -> str:
    """Return the earlier question with another question word: 为什么？ of what was said."""
    known = re.search(
        r"(?<![到至于在])(?:什么时候|何时|哪一?年|哪一?天|在哪里|在哪儿|为什么|为何|怎么样?|如何)(?!$)",
        asked,
    )
    if known:
        return asked[: known.start()] + ask + asked[known.end() :]
    if ask in ("为什么", "为何", "什么原因", "怎么") and asked.startswith(subject):
        rest = asked[len(subject) :]
        plain = re.sub(rf"(?:有|是|了)?(?:{ASKS_ZH.pattern})[{HAN}]{{0,2}}$", "", rest)
        return f"{subject}{ask}{plain}" if plain and plain != rest else f"{asked}，{ask}"
    return f"{subject}{ask}"


def _with_names_zh(said: str, before: Question, subject: str, person: str) -> str:
    """Return the text with what its first pronoun stands for; as it is without one."""
    people, things = _PEOPLE_ZH.search(said), _THINGS_ZH.search(said)
    pointer = people or things
    if pointer and (again := _pointed_to_before(pointer[0], before)):
        return _put(said, pointer, again)
    if people:
        whole = subject_of(before.standalone, before.language, whole=True)
        return _put(said, people, person or whole)
    if match := _called_again_zh(said, subject):
        return _put(said, match, subject)
    if things:
        several = things[0] in ("它们", "他们", "她们")
        whole = subject_of(before.standalone, before.language, whole=True) if several else ""
        thing = _what_was_asked_for(before, things[0]) or whole or subject
        return _put(said, things, f"{thing}的" if things[0] == "其" else thing)
    if match := _PLACE_ZH.search(said):
        return _put(said, match, subject)
    if (match := _POINTED_ZH.search(said)) and match[1] not in ("样", "么", "时", "年", "天"):
        known = subject if subject.endswith(match[1][-1]) else _of(subject, match[1])
        return _put(said, match, _what_was_asked_for(before, match[1]) or known)
    return said


def _pointed_to_before(pronoun: str, before: Question) -> str:
    """Return what stood for ``pronoun`` when the last question was rewritten; empty if nothing."""
    head, found, tail = before.text.strip(_ENDS).partition(pronoun)
    told = before.rewritten.strip(_ENDS)
    if not (found and told.startswith(head) and told.endswith(tail)):
        return ""
    return told[len(head) : len(told) - len(tail)]


def _called_again_zh(said: str, subject: str) -> re.Match[str] | None:
    """Return where the end of the subject's own name points to it: 该茶博会, 这座大桥."""
    first = max(0, len(subject) - MAX_CALLED_CHARS)
    names = "|".join(re.escape(subject[at:]) for at in range(first, len(subject) - 1))
    return re.search(rf"(?:该|这|那|本|此)(?:{_MEASURES})?(?:{names})", said) if names else None


def _with_other_zh(other: str, asked: str, subject: str, person: str) -> str:
    """Return the earlier question with ``other`` in the place of what is like it."""
    if other.endswith("的") and (part := _PART_ZH.search(asked)):
        return asked[: part.start(1)] + other + asked[part.end(1) :]
    if ORDINAL_ZH.match(other) and (old := ORDINAL_ZH.search(asked)):
        if ORDINAL_ZH.sub("", other, count=1):
            return asked.replace(subject, other, 1)
        return asked[: old.start()] + other + asked[old.end() :]
    time = TIME_ZH.fullmatch(other.rstrip("的"))
    if time and asked:
        old_times = list(TIME_ZH.finditer(asked))
        alike = [old for old in old_times if old[0][-1] == time[0][-1]]
        if old_times:
            old_time = (alike or old_times)[0]
            return asked[: old_time.start()] + time[0] + asked[old_time.end() :]
        return f"{time[0]}{asked}"
    if not asked:
        return _told_zh(_of(subject, other))
    if (to := _TO_ZH.fullmatch(other)) and (old := _OLD_TO_ZH.search(asked)):
        return asked[: old.start(1)] + to[1] + asked[old.end(1) :]
    if re.fullmatch(r"[和跟与比按对]", tagged(other)[0][0]):
        return f"{asked}，{other}呢"
    of_person = person_of(f"{other}是", "zh")
    if person and person in asked and of_person == other:
        return asked.replace(person, other, 1)
    counted = counted_in(asked, "zh")
    words = asked[counted.start : counted.end] if counted else ""
    if counted and other[-1] == words[-1] and not _stands_in_zh(other, subject):
        return asked[: counted.start] + other + asked[counted.end :]
    aspect = re.fullmatch(
        rf"{re.escape(subject)}(?:{TIME_ZH.pattern})?的([{HAN}]{{2,8}}?)(?:{ATTRIBUTE_ZH.pattern})",
        asked,
    )
    if is_relational(other) and not (counted and not aspect and not _quantity(other)):
        if aspect:
            # 多少万吨 counts the one thing, and not the other
            ask = re.sub(rf"(?:多少|几)[{HAN}]{{1,2}}$", "多少", asked[aspect.end(1) :])
            return asked[: aspect.start(1)] + other + ask
        return _told_zh(_of(subject, other))
    if _stands_in_zh(other, subject) or not counted:
        return asked.replace(subject, other, 1)
    return asked[: counted.start] + other + asked[counted.end :]


def _stands_in_zh(other: str, subject: str) -> bool:
    """Return whether ``other`` is the kind of thing that the subject is: a name for a name."""
    if other[-1] == subject[-1] and not is_relational(other):
        return True
    last, last_of_subject = (tagged(each)[-1] for each in (other, subject))
    names = ("ns", "nt", "nr", "nz")
    quoted = "“" in other and "“" in subject
    return quoted or (last[1] in names and (last_of_subject[1] in names or is_han(other[0])))


def _quantity(noun: str) -> bool:
    return re.search(r"[额率量值价费款]$|成本|价格|面积|收入|利润", noun) is not None


def _told_zh(noun: str) -> str:
    """Return the question for a bare noun phrase: how much, who, when or where it is."""
    asks = (ask for ending, ask in _PREDICATES_ZH if re.search(ending, noun))
    return noun + next(asks, "有多少" if re.search(r"[商客员者]$", noun) else "怎么样")


def _behind_zh(subject: str, said: str) -> str:
    """Return what was said of the subject: 灯会 + 成交额有多少 is 灯会的成交额有多少."""
    (word, tag), (following, _), *_ = [*tagged(said), ("", ""), ("", "")]
    noun = (tag[:1] in ("n", "b") and len(word) > 1) or is_relational(word)
    noun = noun and not begins_predicate(word) and following not in ("了", "过")
    return _of(subject, said) if noun and not ASKS_ZH.match(said) else f"{subject}{said}"


def _of(subject: str, noun: str) -> str:
    return f"{subject}{noun}" if noun.startswith(subject) else f"{subject}的{noun}"


# English


def _rewrite_en(said: str, before: Question, subject: str, person: str, topic: str) -> str:
    said = _OPENER_EN.sub("", said).strip() or said
    said = re.sub(r"\s+(?:then|though|too|as well)$", "", said)
    asked = before.standalone.strip(_ENDS) if before.language == "en" else ""
    if match := _ASK_ONLY_EN.match(said):
        return _with_other_ask_en(match[1].lower(), asked, subject)
    if (own := _OWN_SUBJECT_EN.match(said)) and not _ASKS_EN.match(said):
        named = _with_names_en(own["asks"], own["subject"], own["subject"])
        return named if named != own["asks"] else f"{own['subject']}: {own['asks']}"
    if (which := _WHICH_EN.match(said)) and (counted := counted_in(asked, "en")):
        return (
            f"which of the {asked[counted.start : counted.end]} of {subject}{said[which.end() :]}"
        )
    called = person or subject_of(before.standalone, before.language, whole=True)
    if _ASKS_EN.match(said):
        named = _with_names_en(said, subject, called)
        return named if named != said else f"{topic}: {said[:1].lower()}{said[1:]}"
    named = said if TIME_EN.fullmatch(said) else _with_names_en(said, subject, called)
    if named != said:
        return f"What about {named}"
    return _with_other_en(said, asked, subject, person)


def _with_other_ask_en(ask: str, asked: str, subject: str) -> str:
    adverbs = (
        r"^(?:when|where|why|how(?: much| long| far| often)?)\b"
        r"(?=\s+(?:d[io]|is|are|was|were|ha[sd]|have|will))"
    )
    if asked and ask in ("when", "where", "why", "how") and re.match(adverbs, asked, re.IGNORECASE):
        return re.sub(adverbs, ask, asked, count=1, flags=re.IGNORECASE)
    return f"{subject}: {ask}"


def _called_again_en(said: str, subject: str) -> re.Match[str] | None:
    """Return where the last word of the subject's own name points to it: the committee."""
    words = re.sub(r"^the ", "", subject, flags=re.IGNORECASE).split()
    if len(words) < 2 or not re.fullmatch(r"[A-Za-z-]{3,}", words[-1]):
        return None
    whole = f"the {words[-1]}"
    match = re.search(
        rf"\b{re.escape(whole)}\b(?!['’-]?\w)(?!\s+(?:of|for|in|at|that|which|who|on)\b)",
        said,
        re.IGNORECASE,
    )
    return None if subject.lower() in said.lower() else match


def _with_names_en(said: str, subject: str, person: str) -> str:
    """Return the text with what its first pronoun stands for; as it is without one."""
    if match := _called_again_en(said, subject):
        return _put(said, match, subject)
    if match := _PEOPLE_EN.search(said):
        name = person or subject
        possessive = match[3] and not re.match(
            r"\W*$|\s+(?:in|at|on|for|to)\b", said[match.end() :]
        )
        return _put(said, match, f"{name}'s" if possessive else name)
    plain = re.sub(r"\b(?:is it true that|is it|does it take)\b", lambda m: "#" * len(m[0]), said)
    plain = plain if "it is" not in said and _only(plain) else said
    if match := _pointing_to(subject, plain):
        return _put(said, match, f"{subject}'s" if match[1] else subject)
    if _EXISTS_EN.search(said):
        return f"{said} at {subject}"
    if match := _THERE_EN.search(said):
        goes = re.search(
            r"\b(?:get|go|went|come|came|travel|drive|walk|fly)\s+$", said[: match.start()]
        )
        return _put(said, match, f"{'to' if goes else 'at'} {subject}")
    return said


def _pointing_to(subject: str, said: str) -> re.Match[str] | None:
    """Return the pronoun of a thing that stands for ``subject``: the first that does.

    Beside an "it", "they" are others, unless the subject is several: what do they plan for it?
    """
    found = list(_THINGS_EN.finditer(said))
    one = [match for match in found if not re.match("the[ymi]", match[0], re.IGNORECASE)]
    return next(iter(found if subject.endswith("s") else one or found), None)


def _only(masked: str) -> bool:
    """Return whether something besides the masked words points back."""
    return _THINGS_EN.search(masked) is not None


def _put(said: str, match: re.Match[str], name: str) -> str:
    return said[: match.start()] + name + said[match.end() :]


def _with_other_en(other: str, asked: str, subject: str, person: str) -> str:
    """Return the earlier question with ``other`` in the place of what is like it."""
    if time := TIME_EN.fullmatch(other):
        if not asked:
            return f"{subject}: {other}"
        old_time = TIME_EN.search(asked)
        same = time[0]
        if old_time and re.match(r"(?:in|on|during|since)\b", old_time[0]) is None:
            same = re.sub(r"^(?:in|on|during)\s+", "", same)
        changed = asked[: old_time.start()] + same + asked[old_time.end() :] if old_time else ""
        return changed or f"{asked} {other}"
    ordinal = re.fullmatch(
        rf"(?:the )?({ORDINAL_EN.pattern})"
        r"(?: (?:one|edition|time|year|quarter|half|day|round|session))?",
        other,
    )
    if ordinal and (old := ORDINAL_EN.search(asked)):
        return asked[: old.start()] + ordinal[1] + asked[old.end() :]
    bare = re.sub(r"^(?:the|its|their|his|her) ", "", other, flags=re.IGNORECASE)
    if is_relational_en(bare):
        return f"What is the {bare} of {subject}"
    if is_verb(other) and not other.endswith("s"):
        return f"{subject}: {other}"
    if not asked:
        return f"{subject}: {other}"
    if person and person in asked and person_of(f"{other} is", "en") == other:
        return asked.replace(person, other, 1)
    if match := _PREPOSITION_EN.match(other):
        old_place = re.search(rf"\b{match[1]}\s+(?!the (?:year|month)).*$", asked, re.IGNORECASE)
        put = f"{match[1].lower()} {match[2]}"
        return f"{asked[: old_place.start()]}{put}" if old_place else f"{asked} {put}"
    counted = counted_in(asked, "en")
    if counted and _last_word(other) == _last_word(asked[counted.start : counted.end]):
        more = re.sub(r"^(?:the|other)\s+", "", other, flags=re.IGNORECASE)
        return asked[: counted.start] + more + asked[counted.end :]
    named = other[:1].isupper() or other.lower().startswith(("the ", "this ", "that "))
    if counted and not named:
        return asked[: counted.start] + other + asked[counted.end :]
    place = re.search(re.escape(subject), asked, re.IGNORECASE)
    return _put(asked, place, other) if place else f"{subject}: {other}"


def _last_word(words: str) -> str:
    return (words.lower().split() or [""])[-1].removesuffix("s")
