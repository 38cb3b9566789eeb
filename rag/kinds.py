"""The kind of a question, in either language: what sort of thing would answer it.

:mod:`rag.evidence` looks for the things of a sentence that a fitted model knows; here one
question has one kind, named as an editor would name it.
"""

import re
from collections.abc import Mapping
from typing import Literal

from index.patterns import regex
from index.text import to_simplified

Kind = Literal[
    "number", "date", "person", "place", "organisation", "list", "reason", "definition", "quote",
    "yes/no", "comparison", "summary", "count",
]  # fmt: skip

# 几 asks, but not in 几乎 or 几内亚, nor in 十几年前.
HOW_MANY_ZH = r"多少|(?<![十百千万])几(?!乎|何|经|近|内亚)"
PIECES_ZH = r"(?:报道|新闻|文章|稿件|稿子|访谈|专访|评论|社论|时评|特写|通讯|公告|启事)"
PIECES_EN = (
    r"(?:articles?|reports?|stor(?:y|ies)|news (?:items?|stories)|interviews?|commentar(?:y|ies)|"
    r"editorials?|features?|notices|pieces?)"
)
ORGANISATIONS_ZH = (
    r"(?:公司|企业|单位|机构|部门|协会|学校|大学|银行|医院|组织|局|集团|商会|工厂|厂|媒体|报社|"
    r"法院|研究院|研究所|委员会|团队|俱乐部|平台|基金会)"
)
ORGANISATIONS_EN = (
    r"(?:compan(?:y|ies)|firms?|organi[sz]ations?|agenc(?:y|ies)|institutions?|associations?|"
    r"department|bureau|universit(?:y|ies)|schools?|banks?|hospitals?|clubs?|committee|group|"
    r"newspaper|manufacturer|ministry|court|team)"
)
_PLACES_ZH = r"(?:城市|国家|地方|地区|省|市|县|区|镇|乡|村|街道|港口|港|车站|站|国|州|岛|山|河)"
_PLACES_EN = (
    r"(?:cit(?:y|ies)|countr(?:y|ies)|places?|towns?|villages?|provinces?|districts?|count(?:y|ies)"
    r"|ports?|stations?|venue|address|location|streets?|islands?|rivers?|regions?)"
)
MAX_READ_CHARS = 400  # of a question: what stands further on is only searched for
# In this order: the first pattern that is found names the kind.
_KINDS: Mapping[Kind, re.Pattern[str]] = {
    "count": regex(
        rf"(?:多少|几)\s*(?:篇|则)|(?:多少|几)条{PIECES_ZH}|有多少{PIECES_ZH}(?!发布会|记者)"
        rf"|\bhow many (?:\w+ )?{PIECES_EN}\s+(?:mention|cover|talk|write|discuss|report|refer|are "
        r"(?:there|about|in)|is|were|was|did|does|do|from|by|of|on|about|in|name|quote)\b",
        re.IGNORECASE,
    ),
    "summary": regex(
        r"概括|总结一下|概述|简述|摘要|大意|主要(?:内容|讲|说)|(?:文章|报道|新闻|稿件|访谈|"
        r"评论|社论)(?:讲|说|写|谈)了?(?:些|的是)?什么|"
        r"介绍一下|讲讲|说说|主旨|梗概"
        r"|\b(?:summar(?:y|ise|ize)|sum up|outline|overview|in short|in brief|gist|main points?|"
        r"tell me about|what is .{1,60} about)\b",
        re.IGNORECASE,
    ),
    "comparison": regex(
        r"相比|比较|对比|区别|差别|差异|不同|哪个更|谁更|哪家更|更(?:多|大|高|快|早|少|长|贵)|"
        r"哪一?个最|相差|一样吗"
        r"|\b(?:compared?|comparison|differen(?:ce|t)|differ|versus|vs\.?|"
        r"(?:more|less|fewer|larger|bigger|higher|lower|older|faster|longer|cheaper|smaller|earlier"
        r"|later|better) than|which .{0,40}\b(?:more|larger|bigger|higher|older|faster|longer|"
        r"cheaper|earlier))\b",
        re.IGNORECASE,
    ),
    "quote": regex(
        r"(?:怎么|如何|怎样)(?:说|评价|看|回应|表示|解释|形容|描述)|原话|说(?:了)?(?:什么|过什么)|"
        r"表示了?什么|(?:看法|观点|评价|态度)(?:是|如何|怎)"
        r"|\b(?:what (?:did|does|do|has|have) .{1,60}\b(?:say|said|think|thought|commented|comment|"
        r"claim(?:ed)?|told|tell|repl(?:y|ied)|promised?|announced?)|in (?:his|her|their|"
        r"whose) (?:own )?words|quote|quoted|opinions? (?:of|on|about)"
        r"|how (?:did|does|do) .{1,60}\b(?:describe|comment|respond|explain|put it))\b",
        re.IGNORECASE,
    ),
    "reason": regex(
        r"为什么|为何|为啥|原因|怎么会|缘何|凭什么|因为什么|何以"
        r"|\b(?:why|how come|what for|reasons?|causes?d?|what made|what led)\b",
        re.IGNORECASE,
    ),
    "date": regex(
        r"什么时候|何时|哪一?年|哪一?天|哪一?日|哪个月|几月|几号|几点|几日|什么时间|日期|"
        r"(?:开始|结束|举办|成立|开幕|截止)时间|星期几|周几|啥时候"
        r"|\b(?:when|(?:what|which) (?:year|date|day|month|time|weekday|season|quarter)|"
        r"(?:opening|closing|start|end|release) date|date of|since when)\b",
        re.IGNORECASE,
    ),
    "organisation": regex(
        rf"(?:哪[个家些所]?|什么|哪几[个家])[一-鿿]{{0,4}}?{ORGANISATIONS_ZH}|主办方|承办方|"
        rf"主办单位"
        rf"|\b(?:which|what) (?:\w+ ){{0,2}}{ORGANISATIONS_EN}\b"
        rf"|\bname of the {ORGANISATIONS_EN}\b",
        re.IGNORECASE,
    ),
    "person": regex(
        r"(?<!都有)谁|哪位|何人|什么人|哪个人|(?:创始人|负责人|作者|记者|主席|董事长|经理|"
        r"冠军)(?:是|叫)|"
        r"叫什么名字"
        r"|\b(?:who(?:se|m)?|which person|what person|name of the (?:founder|author|mayor|director|"
        r"reporter|chairman|winner|president))\b",
        re.IGNORECASE,
    ),
    "list": regex(
        r"哪些|哪几|有什么|有啥|列出|列举|列一下|包括什么|分别是|都有谁|名单|清单"
        r"|\b(?:list|name (?:all|the|some|two|three|four|five)|enumerate|which \w+s (?:are|"
        r"were|have|"
        r"did|do|took|can|will)|what (?:kinds?|types?|sorts?) of|what are (?:all|the (?:two|"
        r"three|four|five|six|main))|"
        r"what (?!is\b|was\b|does\b)\w+s (?:are|were|does|do|did|can|will))\b",
        re.IGNORECASE,
    ),
    "place": regex(
        rf"哪里|哪儿|在哪|何地|何处|地点|地址|什么地方|(?:哪个?|什么){_PLACES_ZH}|位于哪|去哪"
        rf"|^(?:and |so |but |from |to )?where\b|[;,:.] (?:and )?where\b|\band where\b"
        rf"|\b(?:(?:which|what) (?:\w+ )?{_PLACES_EN}|{_PLACES_EN} of|whereabouts)\b",
        re.IGNORECASE,
    ),
    "number": regex(
        rf"{HOW_MANY_ZH}|多大|多长|多高|多远|多久|多重|多快|多宽|比例|百分之|增幅|"
        r"占比|价格|人数"
        r"|\b(?:how (?:many|much|long|large|big|far|old|fast|often|high|tall|wide|heavy|deep)|"
        r"what (?:percent|share|proportion|number|price|amount)|"
        r"what (?:is|are|was|were) (?:the |its |their )?[^?]{0,40}?(?:temperature|density|length|"
        r"height|weight|speed|area|size|capacity|cost|value|age|distance|depth|salary|score)|"
        r"percentage|number of|total|"
        r"price of|population|rate of)\b",
        re.IGNORECASE,
    ),
    "definition": regex(
        r"^(?:请问)?(?:什么是|何为|何谓|啥是|什么叫)|是什么意思|指的是什么|指什么|的(?:定义|含义)|"
        r"^[^谁的]{2,}是(?:个|一个|一种)?(?:什么|啥)(?:平台|系统|项目|东西|活动|概念|模式|[？?]?$)"
        r"|\b(?:what (?:is|are) meant by|what does .{1,60} mean|meaning of|definition of|define)\b"
        r"|^what (?:is|are) (?:an? |the )?(?![^?]* of )(?!(?:\w+ )?"
        r"(?:name|date|number|total|price|reason|address|difference|capital|size|percentage|share|time|year|venue|location|rate|value|cost|"
        r"population|length|height|age|title)\b)[^?]{1,60}\??$",
        re.IGNORECASE,
    ),
    "yes/no": regex(
        r"吗[？?]?$|是不是|有没有|是否|能不能|会不会|可不可以|对不对|有无|能否|可否|要不要"
        r"|^(?:so |and )?(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|"
        r"may|might|must)\b|\b(?:true|false)\?$|\bright\?$",
        re.IGNORECASE,
    ),
}


def kind_of(question: str) -> Kind | None:
    """Return the kind of ``question``; ``None`` for key words and what asks for no such thing.

    ``count`` counts articles of the corpus; ``number`` is a figure that an article states.
    """
    text = to_simplified(question.strip()[:MAX_READ_CHARS])
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), None)
