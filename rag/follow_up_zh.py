"""Chinese follow-ups as questions that stand alone."""

import re

from index.patterns import regex
from index.text import HAN, is_han, replaced
from rag.kinds import ORGANISATIONS_ZH
from rag.topics import ENDS, person_of, subject_of
from rag.topics_zh import (
    ASKS_ZH,
    ATTRIBUTE_ZH,
    ORDINAL_ZH,
    TIME_ZH,
    begins_predicate,
    counted_zh,
    is_relational,
    tagged,
)
from rag.types import Question

# Pronouns, but not in 其他, 其它, 马耳他, 吉他, 犹他州, 维他命, 他国, 他处.
HE_ZH = r"(?<![其耳吉犹维])[他她](?!们|国|乡|人|处(?![理置在于]))"
IT_ZH = r"(?<!其)它"
THEY_ZH = r"(?<![其耳吉犹维])[他她]们|(?<!其)它们"
MAX_CALLED_CHARS = 12  # of the end of a name that it is called by again
OPENER_ZH = regex(
    r"^(?:(?:那么|那(?!个|次|家|位|场|里|边|些|款|项|种|届|儿|时|年|天|部|座|条|所|支|只|本|"
    r"篇)|还有|另外|然后|"
    r"其中|再问一?下?|顺便问一?下?|以及|并且|而且)[，, ]*)+"
)
ELLIPSIS_ZH = regex(r"^(.{1,24}?)(?:呢|又如何|又怎么样|也一样吗)$")
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
_PEOPLE_ZH = regex(rf"{HE_ZH}|这位(?:先生|女士|老师)?|那位|这个人|那个人|此人")
_THINGS_ZH = regex(
    rf"(?:该|本|此|这|那)(?:(?:{_MEASURES})(?:(?:{_GENERIC})|(?=是|有|在|的|什|哪|多|几|怎|为|"
    rf"$))|(?:{_GENERIC}))"
    rf"|{THEY_ZH}|{IT_ZH}|(?<![极尤与])其(?=[{HAN}]{{2}})(?!他|中|实|余|它|次|间)"
)
_POINTED_ZH = regex(
    rf"(?:该|这|那)(?:{_MEASURES})?([{HAN}]{{1,2}}?)(?=是|有|在|的|什|哪|多|几|怎|为)"
)
# They and bodies of people are called 他们, not 它们.
_PEOPLE_NOUN_ZH = regex(r"(?:[商客员者人众民生师手户友队]|(?<!国)家)$")
_BODY_ZH = regex(rf"{ORGANISATIONS_ZH}$")
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


def rewrite_zh(said: str, before: Question, subject: str, person: str, topic: str) -> str:
    """Return what was ``said`` after the question ``before``, as one that stands alone.

    A pronoun points to ``subject`` or ``person``; what has no subject is put behind ``topic``.
    """
    said = OPENER_ZH.sub("", said) or said
    asked = before.standalone.strip(ENDS) if before.language == "zh" else ""
    if match := _ASK_ONLY_ZH.match(said):
        return _with_other_ask_zh(match[1], asked, subject)
    if match := _ELLIPSIS_AND_ZH.match(said):
        stands = _stands_in_zh(match[1], subject)
        return f"{match[1]}{match[2]}" if stands else _of(subject, match[1]) + match[2]
    if (match := ELLIPSIS_ZH.match(said)) and not TIME_ZH.fullmatch(match[1]):
        pointed = _with_names_zh(match[1], before, subject, person)
        if pointed != match[1]:
            return _told_zh(pointed)
    if match:
        return _with_other_zh(match[1], asked, subject, person)
    named = _with_names_zh(said, before, subject, person)
    if named != said:
        return named
    if (match := _WHICH_ZH.match(said)) and (counted := counted_zh(asked)):
        noun = asked[counted]
        what = f"{subject}{match['which']}{noun}" if match["which"] else _of(subject, noun)
        return f"{what}{match['asks']}"
    new, old = ORDINAL_ZH.match(said), ORDINAL_ZH.search(subject)
    if new and old:
        return replaced(subject, old, new[0]) + said[new.end() :]
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
        return replaced(said, pointer, again)
    if people:
        whole = subject_of(before.standalone, before.language, whole=True)
        return replaced(said, people, person or whole)
    if match := _called_again_zh(said, subject):
        return replaced(said, match, subject)
    if things:
        several = re.fullmatch(THEY_ZH, things[0])
        whole = _those_counted_zh(before, subject, said, things) if several else ""
        thing = _what_was_asked_for(before, things[0]) or whole or subject
        return replaced(said, things, f"{thing}的" if things[0] == "其" else thing)
    if match := _PLACE_ZH.search(said):
        return replaced(said, match, subject)
    if (match := _POINTED_ZH.search(said)) and match[1] not in ("样", "么", "时", "年", "天"):
        known = subject if subject.endswith(match[1][-1]) else _of(subject, match[1])
        return replaced(said, match, _what_was_asked_for(before, match[1]) or known)
    return said


def _those_counted_zh(before: Question, subject: str, said: str, they: re.Match[str]) -> str:
    """Return who ``they`` are: what the last question counted, or else its whole subject.

    A subject that is people, or a body of people, is so called itself; 他们的成交额 is that of
    the fair; and they are not what is counted if that is named again beside them.
    """
    whole = subject_of(before.standalone, before.language, whole=True)
    asked = before.standalone if before.language == "zh" else ""
    counted = counted_zh(asked)
    noun = asked[counted] if counted else ""
    people = _PEOPLE_NOUN_ZH.search(noun) is not None
    fits = not people if they[0] == "它们" else people or _BODY_ZH.search(noun)
    fits = fits and not (noun in said or said.startswith("的", they.end()))
    itself = _BODY_ZH.search(subject) or _PEOPLE_NOUN_ZH.search(whole)
    return _of(subject, noun) if noun and fits and not itself else whole


def _pointed_to_before(pronoun: str, before: Question) -> str:
    """Return what stood for ``pronoun`` when the last question was rewritten; empty if nothing."""
    head, found, tail = before.text.strip(ENDS).partition(pronoun)
    told = before.rewritten.strip(ENDS)
    if not (found and told.startswith(head) and told.endswith(tail)):
        return ""
    return told[len(head) : len(told) - len(tail)]


def _what_was_asked_for(before: Question, noun: str) -> str:
    """Return how the thing is called that was asked for with 哪个 and now is called 这个."""
    asked = before.standalone.strip(ENDS)
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
    counted = counted_zh(asked)
    words = asked[counted] if counted else ""
    if counted and other[-1] == words[-1] and not _stands_in_zh(other, subject):
        return asked[: counted.start] + other + asked[counted.stop :]
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
    return asked[: counted.start] + other + asked[counted.stop :]


def _stands_in_zh(other: str, subject: str) -> bool:
    """Return whether ``other`` is the kind of thing that the subject is: a name for a name."""
    if other[-1] == subject[-1] and not is_relational(other):
        return True
    last, last_of_subject = (tagged(each)[-1] for each in (other, subject))
    names = ("ns", "nt", "nr", "nz")
    quoted = "“" in other and "“" in subject
    named = last_of_subject[1] in names
    measure = last[1] == "q" and named  # 马里, which is told from a measure only beside a name
    return quoted or measure or (last[1] in names and (named or is_han(other[0])))


def _quantity(noun: str) -> bool:
    return re.search(r"[额率量值价费款]$|成本|价格|面积|收入|利润", noun) is not None


def _told_zh(noun: str) -> str:
    """Return the question for a bare noun phrase: how much, who, when or where it is."""
    asks = (ask for ending, ask in _PREDICATES_ZH if re.search(ending, noun))
    return noun + next(asks, "有多少" if re.search(r"[商客员者]$", noun) else "怎么样")


def _behind_zh(subject: str, said: str) -> str:
    """Return what was said of the subject: 灯会 + 成交额有多少 is 灯会的成交额有多少."""
    if said.startswith(subject):
        return said
    (word, tag), (following, _), *_ = [*tagged(said), ("", ""), ("", "")]
    noun = (tag[:1] in ("n", "b") and len(word) > 1) or is_relational(word)
    noun = noun and not begins_predicate(word) and following not in ("了", "过")
    return _of(subject, said) if noun and not ASKS_ZH.match(said) else f"{subject}{said}"


def _of(subject: str, noun: str) -> str:
    return noun if noun.startswith(subject) else f"{subject}的{noun}"
