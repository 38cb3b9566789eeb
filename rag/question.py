"""What the user asked: its language, and what a follow-up takes from the conversation."""

import re
from collections.abc import Sequence

from index.patterns import regex
from index.text import is_han, to_simplified
from index.types import CorpusError
from rag.follow_up import calls_again, rewrite
from rag.follow_up_en import ASKS_EN, IMPERSONAL_EN, OPENER_EN
from rag.follow_up_zh import HE_ZH, IT_ZH, THEY_ZH
from rag.small_talk import talk_in, without_talk
from rag.topics import person_of, subject_of
from rag.topics_zh import ASKS_ZH, is_relational, tagged
from rag.types import Language, Question

MAX_QUESTION_CHARS = 2000
# A question with no more words of its own than these cannot name its subject.
MAX_BARE_ZH_CHARS = 6
MAX_BARE_EN_WORDS = 3
# One with more says itself what it points to.
MAX_POINTING_ZH_CHARS, MAX_POINTING_EN_WORDS = 12, 9
MIN_OWNER_WORDS = 2
# A shorter noun or clause at the beginning is no subject of its own.
MIN_NOUN_CHARS = 3
MIN_CLAUSE_ZH_CHARS, MIN_CLAUSE_EN_WORDS = 3, 2

# What asks, and carries no content of its own.
ASKING_ZH = regex(
    r"请问|我想知道|想知道|告诉我|有没有|是不是|能不能|会不会|为什么|为何|怎么样|怎么|怎样|如何|"
    r"多少|多久|多长|多大|哪些|哪个|哪里|哪儿|哪年|哪天|哪家|哪位|哪几|什么时候|什么|几个|几家|"
    r"是谁|谁|何时|何地|吗|呢|吧|啊|呀|嘛|到底|究竟|一共|总共"
)
ASKING_EN = frozenset(
    re.findall(
        r"\w+",
        """a an and any are as at be been being but by can could did do does doing done for from
        had has have having her him his how i if in into is it its just many me more most much
        my of on or our out she so some such tell than that the their them then there these they
        this those to up us was we were what when where which who whom whose why will with would
        you your about please know he say says said get got""",
    )
)
_ASKS_AT_ALL_ZH = regex(rf"{ASKS_ZH.pattern}|[吗呢][？?]?$")
_ENGLISH_WORD = regex(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
# A question that opens so, or points with these words, leans on the one before.
_OPENS_ZH = regex(
    rf"^(?:那(?!曲|霸|不勒斯|英|达慕|坡|仁)|还有|另外|然后|其中|{HE_ZH}|{IT_ZH}|{THEY_ZH}"
    r"|该(?!怎|如何|不该|去|做|死)|这)|呢[？?]?$"
    r"|^.?[这那](?:个|次|家|位|场|里|边|些|款|项|种)"
)
# These years are no years named before.
_OF_LATE_ZH = regex(r"^这(?:[几两些][年天周]|[几两]个(?:月|星期))(?:来|里|间)?")
_ASKS_FOR_NAME_ZH = regex(r"^(?:请问)?(?:谁|什么)[是叫]")
_DEFINED_ZH = regex(r"^(?:请问)?什么[是叫]([^最的]{3,}?)[？?]?$")
_POINTS_ZH = regex(rf"^.{{0,8}}(?:{HE_ZH}|{IT_ZH}|{THEY_ZH}|该(?:公司|项目|系统|活动|企业))")
# ... but not one that points to a clause before it.
_POINTS_BACK_ZH = regex(rf"(?<=[，,])(?=.{{0,6}}(?:{HE_ZH}|{IT_ZH}|{THEY_ZH}))")
_OPENS_EN = regex(
    r"^\s*(?:and|but|so|also|then|what about|how about|what else|who else)\b"
    r"|^\s*(?:in|on|at|for|from|to|by|since|during)(?:\s+[\w'’-]+){1,3}\s*\??\s*$",
    re.IGNORECASE,
)
_POINTS_EN = regex(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|that one|this one|those|these)\b",
    re.IGNORECASE,
)
_NEXT_CLAUSE_EN = regex(
    r"(?:,|\band\b|\bbut\b)\s*(?=(?:who|what|when|where|which|why|how|did|does|is|are|was|were)\b)",
    re.IGNORECASE,
)
# No pronouns in a question that may stand alone: "how far is it", and the family name He.
_NO_PRONOUN_EN = regex(rf"{IMPERSONAL_EN.pattern}|\b(?i:is it|it is)\b|\bHe(?= [A-Z][a-z])")
_POSSESSIVE_EN = regex(r"(?:its|their|theirs|his|hers?)", re.IGNORECASE)
_THAT_ONE_ZH = regex(r"^[这那](?:个|次|家|位|场|些|款|项|种|台|名|座|条)")
_SURROGATE = regex("[\ud800-\udfff]")
_ADVERTS = regex(
    r"广告|廣告|招聘|诚聘|招租|出租|出售|转让|轉讓|促销|促銷|搬家|征婚|便民信息|"
    r"\b(?:adverts?|advertise\w*|ads?|classifieds?|hiring|job offers?|vacanc\w+|"
    r"for (?:rent|sale|let))\b",
    re.IGNORECASE,
)
_NAME_ZH = regex(r"[“”\"「」《》『』]|\d|[A-Za-z]{2,}")
_NAME_EN = regex(r"(?<=[^.!?\s])\s+[A-Z][A-Za-z]|\d")


def asks_for_adverts(text: str) -> bool:
    """Return whether the question is about what is advertised, not about the news."""
    return _ADVERTS.search(text) is not None


def wants_adverts(question: Question) -> bool:
    """Return whether adverts may answer: they are asked about, also before, or filtered by."""
    asked = f"{question.context}\n{question.standalone}"
    return asks_for_adverts(asked) or "advert" in question.in_force.genres


def readable(text: str) -> str:
    """Return ``text`` without lone surrogates: half an escaped pair, bytes that are no UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def understand(
    text: str, history: Sequence[Question] = (), answer_in: Language | None = None
) -> Question:
    """Return the question in ``text``, completed from ``history`` (oldest first) if it leans on it.

    It is to be answered in ``answer_in``, or in its own language.

    Raises :class:`CorpusError` for a question without words or of more than
    :data:`MAX_QUESTION_CHARS` characters.
    """
    typed = readable(text.strip())
    text = without_talk(typed)
    if not any(character.isalnum() for character in text):
        raise CorpusError(f"the question {text[:20]!r} has no words; ask in Chinese or English")
    if len(text) > MAX_QUESTION_CHARS:
        raise CorpusError(
            f"the question has {len(text):,} characters, more than {MAX_QUESTION_CHARS:,}; "
            "ask something shorter"
        )
    language = language_of(text)
    typed = typed if typed != text else ""
    answer_in = answer_in if answer_in != language else None
    earlier = [question for question in history if not talk_in(question.text)]
    leans = leans_on_context(text, language) or calls_again(text, language, earlier)
    if not earlier or talk_in(text) or not leans:
        return Question(text, language, typed=typed, answer_in=answer_in)
    rewritten = rewrite(text, language, earlier)
    context = _context(earlier)
    return Question(text, language, context, rewritten=rewritten, typed=typed, answer_in=answer_in)


def _context(earlier: Sequence[Question]) -> str:
    """Return the question that named the subject of the last one."""
    last = earlier[-1]
    if not last.context:
        return last.text
    language = language_of(last.context)
    subject = subject_of(last.context, language)
    names = (subject, subject.partition("的")[0], person_of(last.context, language))
    kept = any(name.lower() in last.rewritten.lower() for name in names if name)
    return last.context if kept or not last.rewritten else last.rewritten


def language_of(text: str) -> Language:
    """Return the language to answer in: the one that it asks in, whatever it names.

    Where that does not tell, it is the one that most of the words are in; Chinese words have
    about two characters. Text in neither script counts as Chinese, the language of the pages.
    """
    asks_zh = _ASKS_AT_ALL_ZH.search(to_simplified(text)) is not None
    if asks_zh != (ASKS_EN.match(OPENER_EN.sub("", text)) is not None):
        return "zh" if asks_zh else "en"
    chinese_words = sum(map(is_han, text)) / 2
    return "en" if len(_ENGLISH_WORD.findall(text)) > chinese_words else "zh"


def leans_on_context(text: str, language: Language) -> bool:
    """Return whether ``text`` cannot stand alone: it opens with "and", points back, or is bare.

    A pronoun behind a name (a quoted word, a number, a capitalised word) points to that
    name, and a bare question that names something stands alone.
    """
    if language == "zh":
        return _leans_zh(to_simplified(text))
    return _leans_en(_NO_PRONOUN_EN.sub(lambda match: _POINTS_EN.sub(" ", match[0]), text))


def _leans_zh(text: str) -> bool:
    text = _OF_LATE_ZH.sub("", text)
    name = _NAME_ZH.search(text)
    own = _own_chars(text)
    if _THAT_ONE_ZH.match(text) and own > MAX_POINTING_ZH_CHARS:
        return False  # 那位辽宁务工者为何在候车时昏厥 tells itself who is meant
    if _OPENS_ZH.search(text):
        return True
    if behind := _POINTS_BACK_ZH.search(text):
        return not _clause_before(text[: behind.end()], "zh")
    if pointer := _POINTS_ZH.search(text):
        return name is None or pointer.end() <= name.start()
    return own <= MAX_BARE_ZH_CHARS and name is None and not _begins_with_a_name(text)


def _leans_en(text: str) -> bool:
    name = _NAME_EN.search(text)
    own = _own_words(text)
    if _OPENS_EN.search(text):
        return True
    if pointer := _POINTS_EN.search(text):
        before = text[: pointer.start()]
        # "did Liaoning cancel its response": the owner is named before
        owned = _POSSESSIVE_EN.fullmatch(pointer[0]) and len(_own_words(before)) >= MIN_OWNER_WORDS
        if owned or len(own) > MAX_POINTING_EN_WORDS or _clause_before(before, "en"):
            return False
        return name is None or pointer.end() <= name.start()
    return len(own) <= MAX_BARE_EN_WORDS and name is None


def _own_chars(text: str) -> int:
    """Return how many Chinese characters do more than ask."""
    return sum(map(is_han, ASKING_ZH.sub("", text).replace("哪", "")))


def _own_words(text: str) -> list[str]:
    """Return the English words that do more than ask."""
    return [word for word in _ENGLISH_WORD.findall(text.lower()) if word not in ASKING_EN]


def _clause_before(text: str, language: Language) -> bool:
    """Return whether a pronoun behind ``text`` points to a clause of the same question."""
    if language == "zh":
        clause, comma, _ = text.replace(",", "，").rpartition("，")
        return bool(comma) and _own_chars(clause) >= MIN_CLAUSE_ZH_CHARS
    clause = _NEXT_CLAUSE_EN.split(text)[0]
    return clause != text and len(_own_words(clause)) >= MIN_CLAUSE_EN_WORDS


def _begins_with_a_name(text: str) -> bool:
    """Return whether a Chinese question begins with a thing of its own: a name, a long noun.

    成交额 and 订单 are of something, so that they are none; 义乌的市长 is one, by the name of the
    town. So is what is asked for by its name: 什么是海铁联运.
    """
    if (defined := _DEFINED_ZH.match(text)) and not is_relational(defined[1]):
        return True
    text = _ASKS_FOR_NAME_ZH.sub("", text)
    noun, names = "", False
    for word, tag in tagged(text):
        if tag[:1] not in ("n", "a", "j", "b", "l", "z") and tag != "vn":
            break
        if tag == "a" and noun and ASKS_ZH.match(text, len(noun) + len(word)):
            break  # 运费|便宜多少: what is said of it
        noun += word
        names = names or (tag in ("ns", "nr", "nt", "nz") and not is_relational(word))
    return names or (len(noun) >= MIN_NOUN_CHARS and not is_relational(noun))
