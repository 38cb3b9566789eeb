"""Questions made from printed sentences: each is answered by the sentence it was made from.

Templates only. A Chinese question keeps the printed words and cuts out the figure, the day,
the place or the name; where the words would not stand alone (他, 该公司, 今年), or no template
fits, there is none. An English question about a Chinese sentence is made only where every
word of it is certain: names of the list, pinyin of persons, and the small tables below.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from index.bylines import SURNAMES
from index.glossary import load_glossary
from index.text import HAN, fold, is_han, sentences, tagged_words, to_simplified
from index.types import Article
from rag.names import Names
from rag.speakers import speakers, spelled
from rag.types import Language

Form = Literal["figure", "date", "place", "office", "quote", "definition", "count", "about"]

MAX_SENTENCE_CHARS = 160
MAX_BODY_CHARS = 6000  # of an article that are read
OPENING_CHARS = 150  # what an article names here it is about
CHARS_ZH, WORDS_EN = (7, 30), (4, 16)  # of a question that reads well


@dataclass(frozen=True, slots=True)
class Made:
    """A question and the sentence it was made from: ``article.body.slice(start, end)``.

    ``merit``, 0 to 1, tells how natural it is likely to sound. Where the article may answer
    as well with another sentence, ``about`` is the printed name that it must hold.
    """

    text: str
    form: Form
    article: Article
    start: int
    end: int
    merit: float
    about: str = ""


def made_from(article: Article, language: Language, names: Names) -> Iterator[Made]:
    """Yield the questions that ``article`` answers, in the order of its sentences."""
    body = article.body.text[:MAX_BODY_CHARS]
    topic = _topic(article.headline, names)
    for start, end in sentences(body):
        printed = body[start:end].strip()
        if not 6 <= len(printed) <= MAX_SENTENCE_CHARS or not _paired(printed):
            continue
        if not topic and start < OPENING_CHARS:
            topic = _topic(_tidy(to_simplified(printed)), names)
        opening = body if start < OPENING_CHARS else ""
        for form, text, merit, *named in _questions(printed, language, names, topic, opening):
            if _in_shape(text, language):
                merit -= _too_long(text, language)
                yield Made(text, form, article, start, end, merit, *named)


Questions = Iterator[tuple[Form, str, float] | tuple[Form, str, float, str]]


def _questions(
    printed: str, language: Language, names: Names, about: str, opening: str
) -> Questions:
    """Yield the questions of one sentence.

    ``about`` is the topic of the article, where its headline or first sentence names it;
    ``opening`` is its body where the sentence is one of its first.
    """
    chinese = sum(map(is_han, printed))
    if chinese * 3 < len(printed):
        if language == "en":
            yield from _en_of_english(printed)
        return
    if _NO_NEWS.search(printed):
        return
    plain = _tidy(to_simplified(printed))
    clauses = [_led(clause) for clause in _CLAUSE.findall(plain)]
    if language == "zh":
        yield from _zh(clauses, plain, names, about)
    else:
        yield from _en(clauses, plain, names, opening)


def _in_shape(text: str, language: Language) -> bool:
    """Return whether a question is neither too short nor too long, and its marks are paired."""
    low, high = CHARS_ZH if language == "zh" else WORDS_EN
    length = len(text) if language == "zh" else len(text.split())
    return low <= length <= high and _paired(text) and "\n" not in text


def _too_long(text: str, language: Language) -> float:
    """Return what a question loses for each character, or word, over a comfortable length."""
    return (
        max(0, len(text) - 20) * 0.03 if language == "zh" else max(0, len(text.split()) - 10) * 0.05
    )


_PAIRS = ("“”", "‘’", "（）", "()", "《》", "「」", "『』", "【】", "[]", "〈〉")


def _paired(text: str) -> bool:
    """Return whether every bracket and quotation mark of ``text`` has its partner."""
    depth = dict.fromkeys(_PAIRS, 0)
    for character in text:
        for pair in _PAIRS:
            if character == pair[0]:
                depth[pair] += 1
            elif character == pair[1] and pair != "‘’":  # ’ is an apostrophe too
                depth[pair] -= 1
                if depth[pair] < 0:
                    return False
    return not any(depth.values()) and text.count('"') % 2 == 0


# Chinese clauses

_CLAUSE = re.compile(
    r"(?:“[^”]*”|（[^）]*）|\([^)]*\)|《[^》]*》|「[^」]*」|(?<=\d),(?=\d{3})|[^，。；：！？!?;,…])+"
)
_NO_NEWS = re.compile(
    r"供图|[图文]/|/[摄文]|某某?[^一-鿿]|[一-鿿]某|某[一-鿿]|责任?编辑|版权|扫码|二维码|点击"
)
_SPACE = re.compile(
    rf"(?<=[{HAN}，。；：“”（）《》])[ \t　]+|[ \t　]+(?=[{HAN}，。；：“”（）《》])"
)
_CREDIT = re.compile(
    r"^(?:本报讯|本报[^，。]{0,4}电|[^，。]{1,8}\d+月\d+日[电讯])|^（[^）]*记者[^）]*）|^■|^●"
)
_LEAD = re.compile(
    r"^(?:昨[日天](?:上午|下午|晚上?)?|日前|近日|目前|今[日天]|截至目前|时至今日|如今|据悉|据了解|据介绍|"
    r"其中|此外|同时|另外|而|但是?|不过|因此|所以|于是|随后|此后|然而|并且?|且|也|还|随着|"
    r"值得一提的是|数据显示|统计显示|记者了解到|记者获悉|消息称|报道称|早在|当时|尤其是|特别是|"
    r"按照|根据|对此|一直以来|多年来|近年来|现如今|至今)+"
)
_LEANS = re.compile(
    r"[他她它这那该此其彼咱俺我你您]|本(?:次|届|市|报|人|店|村|厂|校|院|月|年|周|季|公司|轮|届|赛|案)|"
    r"当[天日晚时月年]|[昨今前明次后]日|昨[天晚]|今[天年晚早]|去年|前年|明年|上(?:年|月|周|述|季|半年)|下半年|同期|"
    r"近日|日前|双方|两者|前者|后者|两[人家地]|两国|记者|笔者|图为|以上|如下|下面|上面|之[前后一]|"
    r"前三|同[样]期|首[日先]|期间|目前|分别|依次|其余|另[一有外]|再次|又|仍|还有|同样|则|预计|据|合计|各"
)
_BARE = re.compile(
    r"(?:公司|企业|集团|单位|部门|学校|医院|工厂|项目|活动|大会|会议|论坛|平台|产品|村里|全市|全省|全国|"
    r"现场|全村|全县|全区|总额|数量|价格|比赛|男子|女子|警方|法院|被告人?|团队|医生|孩子|老人|网友|"
    r"系统|手机|电脑|汽车|机器人|消费者|市场|用户|家长|学生|老师)"
)
_SERIES = re.compile(r"第[\d一二三四五六七八九十]+[届次期]")
_MEDIUM = re.compile(r"^《|(?:报|社|网|电视台|媒体|之家|记者|客户端|博客|文章)$")
_BODY = re.compile(
    r"(?:公司|集团|银行|股份|街道|[届年]\w*[会展节赛]|博览会|班列|系统|学院|大学|医院|协会|中心|法院)$"
)
_NAMES_FOR = (  # what the body of an article calls its topic, and topics that may be meant
    (r"(?:为期.{1,3}天的|本届|该|此次|本次)?(?:展会|博览会|大会|会议|活动|论坛|赛事|招聘会)",
     "[会展节赛坛]$"),
    (r"(?:该|这家)?(?:公司|企业|集团|银行)", "(?:公司|集团|银行|股份|科技)$"),
    (r"(?:该|这趟|这条|这列)?(?:班列|线路|专列)", "(?:班列|线|专列)$"),
    (r"(?:该|这个)?(?:项目|工程|中心|平台|系统|街道|村|社区|学校|医院|协会)",
     "(?:项目|工程|中心|平台|系统|街道|村|社区|学校|小学|中学|医院|协会)$"),
)  # fmt: skip
_NOUNS = (
    "n",
    "ns",
    "nr",
    "nt",
    "nz",
    "nrt",
    "nrfg",
    "j",
    "l",
    "vn",
    "an",
    "b",
    "s",
    "i",
    "eng",
    "x",
)
_PREDICATE = ("v", "vd", "vi", "d", "ad", "p", "c", "vq", "r", "zg", "uj", "ul")
_NAMES_OF = ("ns", "nt")
_HAN_RUN = re.compile(rf"[{HAN}]+")


def _tidy(text: str) -> str:
    """Return ``text`` without the credit before it and the spaces that print alone needs."""
    text = _SPACE.sub("", text.replace("\r", "").replace("\n", ""))
    while True:
        shorter = _CREDIT.sub("", text).strip()
        if shorter == text:
            return text
        text = shorter


def _led(clause: str) -> str:
    """Return ``clause`` without the words that join it to what went before."""
    return _LEAD.sub("", clause.strip())


def _tagged(text: str) -> list[tuple[str, str]]:
    """Return the words of ``text`` with their parts of speech; ``x`` what is not Chinese."""
    found: list[tuple[str, str]] = []
    series = _SERIES.match(text)
    at = 0
    if series:
        found.append((series[0], "x"))
        at = series.end()
    for run in _HAN_RUN.finditer(text, at):
        if run.start() > at:
            found.append((text[at : run.start()], "x"))
        found += tagged_words(run[0])
        at = run.end()
    if at < len(text):
        found.append((text[at:], "x"))
    return found


def _subject(text: str, names: Names) -> str:
    """Return the words before the first verb of ``text`` if they name a thing; or nothing.

    It must be named so that it can stand alone: by a name, a title in marks, a number of a
    series or Latin letters.
    """
    listed = next(
        (name for name, english in names.find_chinese(text)
         if text.startswith(name) and _CAPITAL.match(english[0])), ""
    )  # fmt: skip
    words = [(listed, "nz")] if listed else []
    words += _tagged(text[len(listed) :])
    subject, naming = "", bool(listed)
    for word, tag in words:
        ends = tag in _PREDICATE or word in ("正式", "首次", "成功", "圆满", "顺利", "联合")
        if ends and not _inside(subject):
            break
        subject += word
        naming = naming or _is_name(word, tag)
    subject = subject.strip()
    naming = naming or _SERIES.search(subject) is not None
    if not naming or len(subject) < 2 or _LEANS.search(subject) or _BARE.fullmatch(subject):
        return ""
    cut = r"\d[月日]|^[\d一二三四五六七八九十]+(?!届)|^[的等和与及、在从对]"
    return "" if re.search(cut, subject) else subject


def _topic(words: str, names: Names) -> str:
    """Return the body or event that ``words`` (a headline, a first sentence) begin by naming."""
    for line in _CLAUSE.findall(re.sub(r"\s+", "，", words)):
        subject = _subject(_led(line), names)
        listed = names.english(subject) or ""
        known = len(subject) > 2 and subject not in names.people and _CAPITAL.match(listed)
        if subject and not _MEDIUM.search(subject) and (known or _BODY.search(subject)):
            return subject
    return ""


def _is_thing(words: str, names: Names) -> bool:
    """Return whether ``words`` as a whole name one thing that can be asked about."""
    tagged = _tagged(words)
    if _LEANS.search(words) or _BARE.fullmatch(words) or not _paired(words) or not tagged:
        return False
    if re.search(r"\d[月日]|[、的]|^[\d一二三四五六七八九十]+(?!届)", words) or tagged[-1][1] in (
        "v",
        "d",
        "p",
        "f",
    ):
        return False
    if any(tag in ("p", "d", "r", "ul", "uj") for _, tag in tagged):
        return False
    listed = any(_CAPITAL.match(english[0]) for _, english in names.find_chinese(words))
    return bool(listed or _SERIES.search(words) or any(_is_name(word, tag) for word, tag in tagged))


def _resolved(clause: str, topic: str) -> str:
    """Return ``clause`` with ``topic`` for what calls it by a common noun: 展会, 该公司."""
    for called, meant in _NAMES_FOR:
        if topic and len(topic) <= 20 and re.search(meant, topic):
            match = re.match(called, clause)
            if (
                match
                and _tagged(clause[match.end() :])[:1]
                and _tagged(clause[match.end() :])[0][1] in ("v", "d", "p")
            ):
                return topic + clause[match.end() :]
    return clause


def _is_name(word: str, tag: str) -> bool:
    """Return whether a word names one thing; what jieba takes for a person needs a family name."""
    if tag.startswith("nr"):
        return len(word) == 3 and word[0] in SURNAMES
    return tag in _NAMES_OF or re.search(r"[A-Za-z]{2}|[》”]", word) is not None


def _inside(text: str) -> bool:
    """Return whether ``text`` ends within brackets or quotation marks."""
    return any(text.count(pair[0]) > text.count(pair[1]) for pair in ("“”", "（）", "《》"))


def _stands_alone(clause: str) -> bool:
    return (
        not _LEANS.search(clause) and _paired(clause) and not re.search(r"[、…—]$|^[、…—]", clause)
    )


# Figures in Chinese clauses

_MEASURES = (
    "平方公里|平方千米|平方米|立方米|公里|千米|海里|厘米|毫米|公斤|千克|公顷|千瓦时|千瓦|兆瓦|摄氏度|"
    "标准箱|标箱|人次|架次|美元|欧元|港元|日元|英镑|韩元|元|个月|个小时|小时|分钟|个百分点|吨|亩|米|克|"
    "人|名|位|个|家|条|项|件|台|辆|列|艘|架|座|所|间|套|种|款|箱|户|只|头|棵|场|次|倍|天|岁|篇|部|"
    "张|份|批|枚|颗|株|趟"
)
_SMALL = "一二三四五六七八九十百千两"
_FIGURE = re.compile(
    rf"(?P<before>.*?[^\d.,，第{_SMALL}])(?P<more>超过|将近|接近|超|近|约|逾|达|突破|至少|最多|不到)*"
    rf"(?P<number>\d[\d,.]*[百千万亿]*[余多]?|[{_SMALL}]+[万亿]?[余多]?)"
    rf"(?P<unit>%|％|{_MEASURES})(?:[余多]|左右|以上|人民币)?(?P<rest>[^\d]*)"
)
_DATED = re.compile(r"(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?")
_NO_FIGURE_AFTER = re.compile(
    r"(?:第|每|从|到|在|以|用|按|比|较|由|等|和|与|及|、|之|的|某|另|前|后|近|这|哪|几|于|下|多|数|小|"
    r"大|半|最|且|或|给|让|把|被|为了|任何|同|随|有史|占地)$"
)
_MOVES = r"(?:增长|下降|上涨|提高|提升|减少|增加|上升|降低|下跌|下滑|缩短|增)"


def _zh_figure(clause: str, names: Names) -> Questions:
    match = _FIGURE.fullmatch(re.sub(r"（[^）]*\d[^）]*）", "", clause))
    if not match:
        return
    before, unit, rest = match["before"], match["unit"], match["rest"]
    before = re.sub(r"(?:超过|将近|接近|超|近|约|逾|突破|至少|最多|不到|大约)+$", "", before)
    before = re.sub(r"已累计", "累计", before)
    if re.search(r"\d", re.sub(r"第\d+[届期次]|\d{4}年(?:\d+月)?|[A-Za-z][\w.-]*", "", before)):
        return
    if re.search(r"[一二三四五六七八九十]\S{0,2}$", before):
        return
    if _NO_FIGURE_AFTER.search(before) or not _stands_alone(clause):
        return
    if len(match["number"]) == 1 and match["number"] in "一两":
        return  # 一个 is an article
    rest = re.sub(r"^(?:左右|以上|以内|人民币|之多)", "", rest)
    if (
        rest
        and rest != "国家和地区"
        and (
            len(rest) > 8
            or re.search(r"[的等了和与及、“”（）《》以后前内外间里中来]", rest)
            or any(tag not in _NOUNS for _, tag in _tagged(rest))
        )
    ):
        return
    subject = _subject(before, names)
    if not subject:
        return
    said = before[len(subject) :]
    moved = re.search(rf"{_MOVES}了?(?:至|到|达)?$", before)
    verb = any(tag in ("v", "vn", "vi") for _, tag in _tagged(said))
    if unit in "%％个百分点" and not rest:
        if moved:
            asked = (
                f"{before.removesuffix('了')}了多少？"
                if not before.endswith(("至", "到", "达"))
                else f"{before}多少？"
            )
        elif re.search(r"(?:率|比例|占比|比重)(?:已|高)*(?:达到?|为|是|至)?$", before):
            asked = re.sub(r"(?:已|高)*(?:达到?|为|是|至)?$", "", before) + "是多少？"
        elif share := re.fullmatch(r"(.+?)占(.+?)的?", before):
            asked = f"{share[1]}占{share[2]}的比例是多少？"
        else:
            return
        yield "figure", asked, 0.8
        return
    if re.search(r"(?:价格|金额|总额|成交额|收入|营收|投资|产值|面积|长|高|重量|人数|销量|产量|"
                 r"利润|票价|售价)"
                 r"(?:已|高|累)*(?:达到?|为|是|至)?$", before) and not rest:  # fmt: skip
        asked = re.sub(r"(?:已|高)*(?:达到?|为|是|至)?$", "", before)
        size = re.search(r"[长高]$", asked)
        yield "figure", f"{asked}多少{unit}？" if size else f"{asked}是多少？", 0.9
        return
    if not verb and not said.endswith("有"):
        return
    if unit in ("岁", "倍", "期", "单", "本") and rest:
        return
    words = f"{before}多少{unit}{rest}？"
    merit = (
        0.95
        if re.search(r"(?:有|共|累计|开通|吸引|投资|设|建成|达|举办|覆盖|销售|出口)", said)
        else 0.75
    )
    yield "figure", words, merit


_ATTRIBUTE = re.compile(
    rf"(?P<what>[{HAN}]{{0,8}}(?:面积|成交额|金额|总额|人数|产值|销售额|营收|收入|利润|票价|售价|价格|投资额|总投资|"
    rf"成功率|合格率|覆盖率|占有率|占比|入住率|就业率|时速|全长|总长|容量|产量|销量|里程|总量|票房|"
    rf"交易额|出口额|进口额|进出口额|进出口总值|货运量|吞吐量|客流量|起价|起售价|年薪|奖金|得票率|支持率|市值|"
    rf"发行价|续航|续航里程|学费|租金))"
    rf"(?:已|共|总计|共计|约|近|超过?|突破|高|可)*(?:达到?|为|是|至)?(?:约|近|超过?|突破|逾)?"
    rf"\d[\d,.]*[百千万亿]*[余多]?(?:%|％|{_MEASURES})(?:人民币|[余多]|左右|以上)?"
)


def _zh_of_topic(clause: str, topic: str) -> Questions:
    """Yield the question of a clause that says how large something of ``topic`` is."""
    match = _ATTRIBUTE.fullmatch(clause)
    if not match or not topic or len(topic) > 16 or _MEDIUM.search(topic):
        return
    what = re.sub(r"^(?:累计|达成|实现|共)+", "", match["what"])
    if _stands_alone(what) and not re.match("全[市省国球县]|同比|归属|[在从对由为]", what):
        yield "figure", f"{topic}的{what}是多少？", 0.9


# Days in Chinese clauses

_DAY = r"(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}年(?:\d{1,2}月)?"
_DAY_ALONE = re.compile(
    rf"(?:于|在|早在)?({_DAY})(?:上午|下午|晚上?|晚间|凌晨)?"
    rf"|[^，。\d]{{0,8}}?(\d{{1,2}}月\d{{1,2}}日)(?:消息|电|讯)"
)
_DAY_FIRST = re.compile(
    rf"({_DAY})(?:上午|下午|晚上?|晚间)?(?!消息|电|讯|至|到|起|前|后|[—-])(?P<what>.+)"
)
_DAY_WITHIN = re.compile(
    rf"(?P<who>.+?)(?:已|正式|将)?[于在]({_DAY})(?:上午|下午|晚上?)?(?!至|到|起|前|后|[—-])(?P<what>.+)"
)
_EVENT = re.compile(
    r"(?:举行|举办|召开|开幕|闭幕|启动|揭牌|成立|开业|开通|通车|首发|首飞|开工|竣工|落成|投产|上线|上市|"
    r"发布|启程|开行|签约|收官|亮相|开学|开馆|落户|首映|上映|公布|印发|颁布|实施|投入使用|投入运营|出版|"
    r"诞生|去世|逝世|出生|获批|挂牌|宣布|推出|当选|夺冠|发射|升空|首次|正式)"
)
_UNDONE = re.compile(
    r"(?:宣布|表示|指出|称|说|显示|要求|获悉|报道|介绍|透露|回应|强调|后|前|时|以来|中|期间|内|之际)$"
)
_STATE = re.compile(r"[是为有]|将|可以?|需|应|能|如果|若|曾|会(?!议|展|所|场|长)|拟|预计|计划")


def _asked_day(day: str) -> str:
    if "日" in day:
        return "哪一天"
    return "哪年哪月" if "月" in day else "哪一年"


def _zh_date(clauses: list[str], names: Names) -> Questions:
    for at, clause in enumerate(clauses):
        alone = _DAY_ALONE.fullmatch(clause)
        first = _DAY_FIRST.fullmatch(clause)
        within = _DAY_WITHIN.fullmatch(clause)
        if alone and at + 1 < len(clauses):
            yield from _zh_event(alone[1] or alone[2], clauses[at + 1], names)
        elif within and not alone:
            who, what = within["who"], within["what"].removesuffix("了")
            event = _EVENT.search(what)
            figures = re.search(r"\d", what)
            if _is_thing(who, names) and event and not figures and len(what) <= 12:
                whole = _stands_alone(clause) and not re.search(r"[月日]$|\d[月日]", who)
                if (
                    whole
                    and not _UNDONE.search(what)
                    and not _STATE.search(what)
                    and "、" not in what
                ):
                    yield "date", f"{who}是{_asked_day(within[2])}{what}的？", 1.0
        elif first and not alone:
            yield from _zh_event(first[1], _led(first["what"]), names)


def _zh_event(day: str, clause: str, names: Names) -> Questions:
    what = re.sub(r"[今当][日天]|刚刚|顺利|圆满", "", clause).removesuffix("了")
    subject = _subject(what, names)
    said = what[len(subject) :]
    if not subject or re.search(r"\d{2}|[、“”《》]", said) or not 2 <= len(said) <= 14:
        return
    if _STATE.search(said) or not _stands_alone(what) or re.match("正在|[的在已对与和同向]", said):
        return
    if not any(tag in ("v", "vn") for _, tag in _tagged(said)):
        return
    if _UNDONE.search(said):
        return
    yield "date", f"{subject}是{_asked_day(day)}{said}的？", 1.0 if _EVENT.search(said) else 0.7


# Places, persons and things in Chinese clauses

_PLACE = re.compile(
    r"(?P<who>.+?)[于在](?P<place>[^，的]{2,16}?)(?P<verb>(?:圆满|正式|隆重|盛大|成功)?"
    r"(?:举行|举办|召开|开幕|闭幕|启动|揭牌|成立|开业|收官|落成|首发|揭幕|开赛|落户|亮相|投产|上演))"
)
_OFFICE_NAMES = (
    "党委书记|党支部书记|村党支部书记|副总经理|总经理|副董事长|董事长|总裁|局长|主任|书记|市长|院长|校长|"
    "会长|主席|秘书长|理事长|创始人|负责人|馆长|站长|厂长|所长|行长|首席执行官|教授|总监|店长|队长"
)
_OFFICE = re.compile(
    rf"(?P<home>[{HAN}（）A-Za-z“”]{{3,22}}?(?:公司|局|集团|协会|商会|学院|大学|医院|中心|委员会|学校|中学|小学|"
    rf"市场|村|社区|研究院|研究所|银行|馆|厂|店|法院|办公室|联盟|镇|街道|市|县|酒店|俱乐部|合作社|基金会))"
    rf"(?P<office>{_OFFICE_NAMES})"
)
_TITLE = re.compile(
    rf"(?:{_OFFICE_NAMES}|经理|部长|处长|科长|镇长|县长|工程师|研究员|老师|医生|律师|设计师|经营户|"
    r"采购商|员工|志愿者|教练|导演|演员|球员|站长|党员|调解员|海关关员|分析师|研究所所长)$"
)
_DEFINED = re.compile(
    r"(?P<who>[^，]{2,16}?)是(?:指|一[种个家项座位款部支名条]|我国|中国|全国|全球|世界|国内|浙江)(?P<what>.{4,})"
)


def _zh(clauses: list[str], plain: str, names: Names, about: str) -> Questions:
    first = _subject(clauses[0], names) if clauses else ""
    clauses = [_resolved(clause, about) for clause in clauses]
    for at, clause in enumerate(clauses):
        yield from _zh_figure(clause, names)
        yield from _zh_of_topic(clause, first if at and _topic(first, names) else about)
        if 0 < at < 3 and first and len(first) <= 14 and _begins_with_a_verb(clause):
            yield from ((q[0], q[1], q[2] - 0.1) for q in _zh_figure(first + clause, names))
        place = _PLACE.fullmatch(re.sub(rf"^(?:{_DAY})", "", clause))
        if place and _stands_alone(clause) and _is_place(place["place"]):
            who = place["who"]
            if _is_thing(who, names):
                yield "place", f"{who}在哪里{place['verb']}？", 1.0
        defined = _DEFINED.fullmatch(clause)
        if defined and _stands_alone(clause) and clause == clauses[0]:
            who = defined["who"]
            tags = [tag for _, tag in _tagged(who)]
            if _is_thing(who, names) and tags and tags[-1] in (*_NOUNS, "x") and "的" not in who:
                person = len(tags) == 1 and tags[0].startswith("nr")
                yield "definition", f"{who}是谁？" if person else f"{who}是什么？", 0.8
    yield from _zh_date(clauses, names)
    speaking = dict(speakers(plain, names))
    for name, home, office in _officers(plain, names):
        if office != "教授":
            yield "office", f"{home}{office}是谁？", 0.95
        if name in speaking:
            yield "quote", f"{home}{office}{name}说了什么？", 0.85, name
    for name in speaking:
        title = _TITLE.search(plain[: plain.index(name)])
        if title:
            yield "quote", f"{title[0]}{name}说了什么？", 0.6, name
        elif name in names.people or len(name) == 3:
            yield "quote", f"{name}说了什么？", 0.4, name


def _begins_with_a_verb(clause: str) -> bool:
    tagged = [tag for _, tag in _tagged(clause)[:2]]
    return tagged[:1] in (["v"], ["vn"]) or tagged == ["d", "v"]


def _is_place(words: str) -> bool:
    tags = [tag for _, tag in _tagged(words)]
    return (
        bool(tags)
        and tags[-1] in (*_NOUNS, "x")
        and any(tag in ("ns", "nt", "nz", "s", "n") for tag in tags)
        and not re.search(r"[期间时]$|上$|下$|中$|\d年|、", words)
    )


def _officers(plain: str, names: Names) -> Iterator[tuple[str, str, str]]:
    """Yield ``(name, home, office)`` of each person told with both: 张三, 某公司, 董事长."""
    for clause in re.split(r"[，。；：！？”、…]|记者|据(?!点)|对此", plain):
        match = _OFFICE.match(_led(clause))
        if not match or _LEANS.search(match[0]) or not _paired(match[0]):
            continue
        home, behind = match["home"], _led(clause)[match.end() :]
        if _BARE.fullmatch(home) or any(
            tag in ("r", "p", "c", "ul", "uj") for _, tag in _tagged(home)
        ):
            continue
        name = next((behind[:n] for n in (4, 3, 2) if behind[:n] in names.people), "")
        word, tag = next(iter(_tagged(behind)), ("", ""))
        if not name and tag.startswith("nr") and 2 <= len(word) <= 3 and word[0] in SURNAMES:
            name = word
        if name:
            yield name, home, match["office"]


# English questions about Chinese sentences

_OFFICES_EN: Mapping[str, str] = {
    "董事长": "chairman", "总经理": "general manager", "副总经理": "deputy general manager",
    "总裁": "president", "市长": "mayor", "会长": "president", "主席": "chairman",
    "秘书长": "secretary-general", "创始人": "founder", "校长": "head", "院长": "head",
    "馆长": "director", "局长": "director",
}  # fmt: skip
_EVENTS_EN: Mapping[str, tuple[str, str]] = {
    "举行": ("was", "held"), "举办": ("was", "held"), "召开": ("was", "held"),
    "开幕": ("did", "open"), "闭幕": ("did", "close"), "开业": ("did", "open"),
    "成立": ("was", "founded"), "开通": ("was", "opened"), "启动": ("was", "launched"),
    "上市": ("did", "go on sale"), "发布": ("was", "released"), "收官": ("did", "end"),
    "首次启程": ("did", "first run"), "首次开行": ("did", "first run"),
    "开行": ("did", "start running"),
    "揭牌": ("was", "inaugurated"), "落成": ("was", "completed"),
    "通车": ("did", "open to traffic"),
}  # fmt: skip
_DONE_EN: Mapping[str, str] = {
    "开通": "opened", "吸引": "attracted", "出口": "exported", "培训": "trained", "服务": "served",
    "建成": "built", "新增": "added", "接待": "received", "生产": "produced", "销售": "sold",
    "招聘": "hired", "举办": "held", "汇聚": "brought together", "覆盖": "covered", "开行": "run",
    "发运": "shipped", "调解": "mediated", "受理": "accepted",
    "完成": "completed", "接待了": "received",
    "种植": "planted", "引进": "brought in", "培育": "fostered",
    "发放": "given out", "投入": "invested",
}  # fmt: skip
_THINGS_EN: Mapping[str, str] = {
    "条线路": "routes", "条航线": "air routes",
    "个国家": "countries", "个国家和地区": "countries and regions",
    "家企业": "companies", "名员工": "employees", "名学生": "pupils",
    "人": "people", "人次": "visits",
    "列": "trains", "个岗位": "jobs", "个就业岗位": "jobs",
    "个项目": "projects", "个展位": "booths",
    "场招聘会": "job fairs", "场活动": "events", "标箱": "TEU", "个标箱": "TEU", "万标箱": "TEU",
    "起纠纷": "disputes", "件纠纷": "disputes", "家门店": "shops",
    "家商户": "merchants", "户": "households",
    "名采购商": "buyers", "家参展商": "exhibitors", "辆": "vehicles",
    "种语言": "languages", "台": "units",
    "亩": "mu of land", "名志愿者": "volunteers", "所学校": "schools", "家公司": "companies",
}  # fmt: skip
_HAS = re.compile(r"(?:已|共|现|总共|一共|累计|目前)*(?:拥有|设有|有|共有|现有)$")
_COMMON_NOUN_EN = re.compile(
    r"\b(?:fair|expo|exhibition|conference|bureau|committee|association|festival|market|museum|river|"
    r"train|express|railway|platform|centre|center|hub|zone|forum|summit|port|station|line|system|"
    r"project|initiative|road|company|group|district|delta|policy|plan|programme|program|league|"
    r"federation|union|court|bank|office|park|bridge|school|government|council|commission|service|"
    r"index|ministry|department|society|academy|university|college|hospital|alliance|co\.,? ltd|"
    r"index|award|games|cup|team|corridor|mart|sea|islands|ocean|bay|city people's court)s?$",
    re.IGNORECASE,
)
_LATIN_NAME = re.compile(
    r"(?<![A-Za-z0-9.])[A-Z][a-z]+[A-Z]?[a-z]+(?: [A-Z][a-z]+)*(?![A-Za-z0-9. ]|\d)"
)
_LABELS = frozenset("Pro Lite Plus Max Ultra Mini Pre Beta Plan Design Fund Are Word Edge".split())
_NO_NAME_EN = re.compile(r"^(?:our|the|this|that|these|it|they|we)\b", re.IGNORECASE)
_CAPITAL = re.compile(r"[A-Z]")


def _en(clauses: list[str], plain: str, names: Names, opening: str) -> Questions:
    speaking = dict(speakers(plain, names))
    for name, home, office in _officers(plain, names):
        known = names.english(home)
        if known and office in _OFFICES_EN:
            yield "office", f"Who is the {_OFFICES_EN[office]} of {with_article(known)}?", 1.0
        yield "office", f"Who is {names.english(name) or spelled(name)}?", 0.75
    for name, english in speaking.items():
        if len(name) >= 2 and not english.startswith("M"):
            yield "quote", f"What did {english} say?", 0.7, name
    for clause in clauses:
        yield from _en_figure(clause, names)
        yield from _en_definition(clause, names)
        place = _PLACE.fullmatch(re.sub(rf"^(?:{_DAY})", "", clause))
        if place and _is_place(place["place"]):
            yield from _en_event("Where", "place", place["who"], place["verb"], names)
    for at, clause in enumerate(clauses):
        alone, first = _DAY_ALONE.fullmatch(clause), _DAY_FIRST.fullmatch(clause)
        within = _DAY_WITHIN.fullmatch(clause)
        event = clauses[at + 1] if alone and at + 1 < len(clauses) else ""
        if first and not alone:
            event = _led(first["what"])
        if within and not alone and not event:
            event = within["who"] + within["what"]
        subject = _subject(event, names) if event else ""
        if subject:
            yield from _en_event("When", "date", subject, event[len(subject) :], names)
    if opening:
        for english, named in dict(_told_of(plain, opening, names)).items():
            merit = 0.6 if " " in english else 0.45
            yield "about", f"What does the paper say about {english}?", merit, named


def _told_of(plain: str, opening: str, names: Names) -> Iterator[tuple[str, str]]:
    """Yield what ``plain`` names and English has a certain name for, with the name as printed.

    Bodies and events of the list, countries of the dictionary, names printed in Latin letters.
    """
    for chinese, all_english in names.find_chinese(plain):
        english = all_english[0]
        if chinese in names.people or not _CAPITAL.match(english) or len(english.split()) < 2:
            continue
        if _COMMON_NOUN_EN.search(english) or english.endswith("Ltd."):
            yield with_article(english), chinese
    for match in _LATIN_NAME.finditer(plain):
        if opening.count(match[0]) >= 3 and match[0] not in _LABELS:
            yield match[0], match[0]
    glossary = load_glossary()
    for word, tag in _tagged(plain):
        if tag == "ns" and opening.count(word) >= 2 and word != "中国" and not names.english(word):
            english = glossary.gloss(word)
            if re.fullmatch(r"[A-Z][a-z]+(?: [A-Z][a-z]+)?", english):
                yield with_article(english), word


def _en_event(asked: str, form: Form, who: str, said: str, names: Names) -> Questions:
    english = _english_of(who, names)
    verb = re.sub(r"^(?:圆满|正式|隆重|盛大|成功)", "", said.removesuffix("了"))
    if english and verb in _EVENTS_EN:
        helper, done = _EVENTS_EN[verb]
        if asked == "Where" and verb in ("收官", "闭幕"):
            helper, done = "was", "held"
        yield form, f"{asked} {helper} {with_article(english)} {done}?", 1.0


def _en_figure(clause: str, names: Names) -> Questions:
    match = _FIGURE.fullmatch(re.sub(r"（[^）]*\d[^）]*）", "", clause))
    if not match:
        return
    before = re.sub(r"(?:超过|将近|接近|超|近|约|逾|突破|达)+$", "", match["before"])
    subject = next(
        (before[:n] for n in range(len(before), 1, -1) if _english_of(before[:n], names)), ""
    )
    english = _english_of(subject, names) if subject else ""
    if not english or english.islower():
        return
    said, thing = before[len(subject) :], f"{match['unit']}{match['rest']}"
    moved = re.fullmatch(rf"(?:同比|环比)?(?P<way>{_MOVES})了?", said)
    if match["unit"] in "%％" and moved and not match["rest"]:
        way = "grow" if re.match("增|上|提", moved["way"]) else "fall"
        yield "figure", f"By what percentage did {with_article(english)} {way}?", 0.9
        return
    asked = _THINGS_EN.get(thing)
    if asked is None:
        return
    if _HAS.fullmatch(said):
        yield "figure", f"How many {asked} does {with_article(english)} have?", 1.0
    verb = re.sub(r"^(?:已|共|累计|总共|一共|先后|成功|新)+|了$", "", said)
    if verb in _DONE_EN:
        yield "figure", f"How many {asked} has {with_article(english)} {_DONE_EN[verb]}?", 0.95


def _en_definition(clause: str, names: Names) -> Questions:
    defined = _DEFINED.fullmatch(clause)
    if defined and _stands_alone(clause):
        english = _english_of(defined["who"].strip("“”"), names)
        if english and _CAPITAL.match(english):
            yield "definition", f"What is {with_article(english)}?", 0.85


def _english_of(chinese: str, names: Names) -> str:
    """Return ``chinese`` in English where names of the list cover it: Yiwu's foreign trade."""
    known = names.english(chinese)
    if known:
        return "" if _NO_NAME_EN.match(known) or "(" in known else known
    found = names.find_chinese(fold(chinese))
    if len(found) == 2 and "".join(name for name, _ in found) == fold(chinese):
        owner, thing = found[0][1][0], found[1][1][0]
        if _CAPITAL.match(owner) and thing.islower() and not thing.endswith("ly"):
            return f"{owner}'s {thing}"
    return ""


def with_article(english: str) -> str:
    """Return an English name as it stands in a sentence: the Yiwu Fair, but Yiwu."""
    if "'s " in english or _NO_NAME_EN.match(english) or not _COMMON_NOUN_EN.search(english):
        return english
    return f"the {english}"


# English questions about English sentences

_NAME_EN = r"(?:[A-Z][\w'’-]+|[A-Z]{2,})(?: (?:of |and )?[A-Z][\w'’-]+){0,4}"
_SAID_EN = re.compile(rf"[”\",] (?:said|says) ({_NAME_EN})\b|^({_NAME_EN}) (?:said|told)\b")
_HAS_EN = re.compile(
    rf"^(?:The )?({_NAME_EN}) (?:now |already )?(has|have|had|employs|operates) (?:about |"
    rf"more than |over |nearly |some )?\d[\d,.]*(?: (?:thousand|million|billion))? "
    r"([a-z]+(?: [a-z]+)?s)\b"
)
_SINCE_EN = re.compile(
    rf"^(?:The )?({_NAME_EN}) (?:was (founded|established|opened|built|launched|born)|(opened)) "
    rf"(?:in|on) (?:[A-Z][a-z]+ )?(?:\d{{1,2}},? )?\d{{4}}"
)
_IS_EN = re.compile(rf"^({_NAME_EN}),? (?:is|was) (an?|the) [a-z]")
_PRONOUN_EN = re.compile(
    r"^(?:He|She|It|They|We|This|That|These|Those|There|I|You|But|And|In|The)\b"
)


def _en_of_english(printed: str) -> Questions:
    said = _SAID_EN.search(printed)
    if said and not _PRONOUN_EN.match(said[1] or said[2]):
        yield "quote", f"What did {said[1] or said[2]} say?", 0.7, said[1] or said[2]
    if _PRONOUN_EN.match(printed) and not printed.startswith("The "):
        return
    the = "the " if printed.startswith("The ") else ""
    has = _HAS_EN.match(printed)
    if has:
        verb = {"has": "have", "have": "have", "had": "have", "employs": "employ"}
        did = "did" if has[2] == "had" else "do" if has[2] == "have" else "does"
        yield (
            "figure",
            f"How many {has[3]} {did} {the}{has[1]} {verb.get(has[2], 'operate')}?",
            0.95,
        )
    since = _SINCE_EN.match(printed)
    if since:
        asked = f"was {the}{since[1]} {since[2]}" if since[2] else f"did {the}{since[1]} open"
        yield "date", f"When {asked}?", 1.0
    defined = _IS_EN.match(printed)
    if defined and not the:
        yield "definition", f"What is {defined[1]}?", 0.6
