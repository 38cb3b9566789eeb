"""Small talk: a greeting, thanks, a farewell, or a question about WenBao itself.

Strict, so that no question is ever taken for talk: the whole text must be small talk. A
greeting or thanks around a question is taken off, and the question is answered.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

from index.patterns import regex
from index.text import fold

Talk = Literal["greeting", "thanks", "farewell", "identity", "abilities", "courtesy"]

MAX_TALK_CHARS = 60  # longer text is never small talk

_GREETING = (
    r"(?:你好|您好|嗨|哈喽|哈啰|早上好|上午好|中午好|下午好|晚上好|早安|晚安好|大家好|你们好|"
    r"在吗|在不在|"
    r"hi|hello|hey|hiya|greetings|howdy|good (?:morning|afternoon|evening|day)|hello there|"
    r"hi there|hey there|nice to meet you|很高兴认识你|认识你很高兴)"
)
_SELF_ZH = r"(?:你|您|问报|问报系统|这个?系统|这个?助手|这个?机器人)"
_SELF_EN = r"(?:you|wenbao|this (?:app|system|assistant|bot|tool))"
_MADE_ZH = r"(?:制造|创造|开发|设计|训练|研发|做|造|写)"
_MADE_EN = r"(?:made|built|created|developed|designed|programmed|trained|wrote|invented)"
_PRAISE_ZH = r"棒|厉害|给力|赞|牛"
_PRAISE_EN = r"great|good|nice|awesome|amazing|brilliant|excellent|perfect|wonderful|fantastic|cool"
_DONE_EN = r" (?:job|work|answer|stuff|one|help)"
_TALK: Mapping[Talk, str] = {
    "greeting": _GREETING,
    "thanks": (
        r"(?:多谢|谢谢|感谢|谢啦|谢了|十分感谢|非常感谢|太感谢了)(?:你|您|你们|大家)?(?:了|啦|啊)?"
        r"|(?:真是)?(?:辛苦|麻烦)(?:你|您)?了|(?:真是)?帮了?(?:我)?大忙了"
        r"|(?:many )?thanks(?: a lot| so much| very much| again| for (?:your|the) help)?"
        r"|thank you(?: (?:so|very) much| again| for (?:your|the) help)?|thx|ty|cheers|"
        r"much appreciated|i appreciate it|that help(?:s|ed)(?: a lot)?"
    ),
    "farewell": (
        r"再见|拜拜|回头见|下次见|明天见|再会|晚安|我走了|bye(?: bye| for now)?|good ?bye|"
        r"good night|"
        r"see you(?: later| soon| tomorrow)?|farewell|have a nice day|take care"
    ),
    "identity": (
        rf"{_SELF_ZH}(?:到底|究竟)?(?:是谁|是什么|是啥|叫什么(?:名字)?|是什么(?:系统|东西|模型|"
        rf"助手)|"
        r"是(?:机器人|人工智能|AI|ai|真人|人)吗|是人还是机器)|介绍一下(?:你|您)?自己|"
        r"自我介绍(?:一下)?|"
        r"(?:你|您)的名字(?:是什么)?|什么是问报|问报是什么|"
        rf"(?:who|what) (?:are|is) {_SELF_EN}(?: exactly)?|what(?:'s| is) your name|"
        rf"谁{_MADE_ZH}(?:了|出)?(?:你|您|问报)|(?:你|您|问报)是(?:由)?谁{_MADE_ZH}(?:出来)?|"
        rf"who {_MADE_EN} (?:you|wenbao)|"
        r"what is wenbao|introduce yourself|tell me about yourself|"
        r"are you (?:an? )?(?:human|robot|bot|ai|real|person|machine|chatbot)"
    ),
    "abilities": (
        rf"{_SELF_ZH}(?:都)?(?:能|会|可以)(?:做|干|回答|帮我做|帮我)?(?:些)?(?:什么|啥|"
        rf"哪些(?:事|问题))|"
        rf"{_SELF_ZH}有(?:什么|哪些)(?:功能|本事|用处|用)|(?:怎么|如何|怎样)(?:用|使用){_SELF_ZH}|"
        r"(?:我)?(?:能|可以)问(?:你|您)?(?:些)?(?:什么|哪些问题|什么问题)|帮助|使用说明|功能介绍|"
        rf"what can (?:you|wenbao|this (?:app|system|assistant|bot|tool)) do(?: for me)?|"
        r"what can i ask(?: you| here)?|how (?:do|can|should) i use (?:this|you|it|wenbao)|"
        r"how (?:does this|do you|does wenbao) work|help(?: me)?|what do you (?:do|know)|"
        r"can you help(?: me)?|what questions can (?:i ask|you answer)|"
        r"(?:给我)?(?:讲|说|来)一?个(?:笑话|故事)(?:听听|吧)?|(?:给我)?唱一?[首支]歌(?:听听|吧)?|"
        r"(?:can you )?(?:tell|sing) (?:me |us )?an? (?:joke|story|song)"
    ),
    "courtesy": (
        r"你(?:最近)?好不好|(?:你)?最近(?:怎么样|好吗)|你好吗|(?:您|你)吃了吗|"
        r"how are you(?: doing)?"
        r"(?: today)?|how(?:'s| is) it going|what's up|好的?|好吧|嗯+|哦+|明白了?|知道了|收到|"
        r"了解了?|"
        r"没事了?|没关系|不客气|对不起|抱歉|ok|okay|fine|great|got it|i see|understood|sure|sorry|"
        r"never mind|no problem|you(?:'re| are) welcome|well done|"
        rf"(?:(?:{_SELF_EN}|that|this|it)(?: is|'s| are|'re| was) |(?:so|very|really|quite) )+"
        rf"(?:an? )?(?:{_PRAISE_EN}|impressive|helpful|useful|clever|smart|the best)"
        rf"(?:{_DONE_EN})?|"
        rf"(?:{_PRAISE_EN})(?:{_DONE_EN})?|"
        rf"(?:(?:{_SELF_ZH}|回答得?|[答说做干]得)|[真太很好]|非常|特别|挺)+(?:{_PRAISE_ZH}|聪明|能干|"
        rf"不错|有用|强大|专业)|{_PRAISE_ZH}|点个?赞|太好了|(?:回答|[答说做干])得(?:[真太很]|非常|挺)?好"
    ),
}
_TAIL = r"(?:[呀啊哦呢吧哈了的嘛]|\s)*"
_WHOLE = {name: regex(rf"(?:{pattern}){_TAIL}", re.IGNORECASE) for name, pattern in _TALK.items()}
# What only announces the question behind it: 换个人问：, another question:
_ANNOUNCED = (
    r"(?:我?(?:再|另外|顺便|接着)(?:想)?(?:问|请教)(?:您|你)?(?:一下|一?个(?:问题)?)?|"
    r"(?:我)?换一?个(?:人|问题|话题|角度)(?:再?问)?(?:一下)?|"
    r"(?:here(?:'s| is) )?(?:another|one more|a different|a new|next|my next) question)"
)
_LEADS = regex(
    rf"^\s*(?:{_GREETING})(?:[呀啊哦]|\s+(?:wenbao|there|everyone|all))?"
    r"(?:(?!(?<=[a-z])\s+(?!(?:who|what|when|where|which|why|how)\b)(?-i:[A-Z]))"  # Hello Kitty
    r"[\s,，。.!！~～、;；:：…]+"
    r"|(?=(?:请问|我想|想问|麻烦)))",
    re.IGNORECASE,
)
_ANNOUNCES = regex(rf"\s*{_ANNOUNCED}\W*", re.IGNORECASE)
_NAMED = regex(r"(?:^|[\s,，])(?:问报|wenbao)(?=$|[\s,，!！.。?？])", re.IGNORECASE)
_BETWEEN = regex(r"\W+$|^\W+")  # marks, and what smiles
_PARTS = regex(r"[,，。.!！?？~～、;；:：…\n]+")
_QUOTES = regex(r"[“”\"「」『』《》]")
_LEADING: frozenset[Talk] = frozenset(("greeting", "thanks", "courtesy"))
_CLOSING: frozenset[Talk] = frozenset(("thanks", "farewell"))


def talk_in(text: str) -> Talk | None:
    """Return which small talk ``text`` is, from the first letter to the last; ``None``: none.

    Of several in one ("你好，你是谁？", "ok, thanks, bye") the one that asks most counts:
    abilities, identity, farewell, thanks, greeting.
    """
    if len(text) > MAX_TALK_CHARS:
        return None
    folded = fold(text).replace("’", "'")
    parts = [part.strip() for part in _PARTS.split(_unnamed(folded)) if part.strip()]
    talks = [_talk_of(part) for part in parts]
    if not talks or None in talks:
        return None
    order: tuple[Talk, ...] = (
        "abilities", "identity", "farewell", "thanks", "greeting", "courtesy",
    )  # fmt: skip
    return next(talk for talk in order if talk in talks)


def without_talk(text: str) -> str:
    """Return ``text`` without what greets, thanks or announces around its question.

    That alone stays.
    """
    rest = text
    while match := _LEADS.match(rest):
        rest = rest[match.end() :]
    ends = [*(match.end() for match in _PARTS.finditer(rest)), len(rest)]
    parts = [rest[start:end] for start, end in pairwise([0, *ends]) if start < end]
    first, last = 0, len(parts)
    while first < last and (_ANNOUNCES.fullmatch(parts[first]) or _is_one(parts[first], _LEADING)):
        first += 1
    while first < last and _is_one(parts[last - 1], _CLOSING):
        last -= 1
    kept = "".join(parts[first:last]).lstrip()
    kept = kept.rstrip(" ,，、;；:：~～…") if last < len(parts) else kept
    return kept if any(character.isalnum() for character in kept) else text


def _is_one(part: str, talks: frozenset[Talk]) -> bool:
    """Return whether ``part`` is one of ``talks``, and no word of a title: 《谢谢，再见》."""
    return not _QUOTES.search(part) and talk_in(part) in talks


def _unnamed(folded: str) -> str:
    """Return the text without a call by name: "hello WenBao", "你好，问报"."""
    rest = _NAMED.sub(" ", folded)
    return rest if any(map(str.isalnum, rest)) and _is_talk(rest) else folded


def _is_talk(text: str) -> bool:
    return all(_talk_of(part.strip()) for part in _PARTS.split(text) if part.strip())


def _talk_of(part: str) -> Talk | None:
    """Return the talk that all of ``part`` is; two run together ("你好谢谢") are the second."""
    part = _BETWEEN.sub("", part)
    found = next((name for name, pattern in _WHOLE.items() if pattern.fullmatch(part)), None)
    if found:
        return found
    match = re.match(rf"(?:{_GREETING}|好的|ok(?:ay)?(?=\s))\s*", part)
    return _talk_of(part[match.end() :]) if match and match.end() < len(part) else None
