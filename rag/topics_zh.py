"""What a Chinese question is about: its subject stands before the verb or the question word."""

import re

from index.patterns import regex
from index.text import HAN, is_han
from rag.kinds import HOW_MANY_ZH, MAX_READ_CHARS

ASKS_ZH = regex(
    rf"什么|谁|哪|{HOW_MANY_ZH}|为何|为啥|为什么|怎|如何|何时|何地|是否|能否|有没有|是不是|"
    r"能不能|会不会|"
    r"多长|多高|多大|多久|多远|多重|多快|多宽|几时"
)
TIME_ZH = regex(
    r"(?:\d{4}|[一二〇零三四五六七八九]{4})年(?:\d{1,2}月(?:\d{1,2}[日号])?)?|"
    r"\d{1,2}月(?:\d{1,2}[日号])?"
    r"|(?:去|今|前|明|后|当)年|上半年|下半年|[一二三四]季度|(?:上|下|本|这)个?(?:月|周|季度)|"
    r"(?:周|星期|礼拜)[一二三四五六日天末]|昨[天日]|今天|明天"
)
ORDINAL_ZH = regex(r"(?:第[\d一二三四五六七八九十百]+|[上下]一?|首|本|这一|那一)[届次期批季轮场]")
# Words that end a Chinese subject, and verbs that have a subject before and an object behind.
_AFTER_SUBJECT = frozenset(
    (
        "是 有 在 共 一共 总共 累计 已 已经 将 都 也 还 才 就 被 把 从 由 "
        "向 对 比 跟 为 因 因为 能 可以 可 会 要 应该 没 没有 不 又 再 卖 来 去 "
        "到 用 开 设 建 达 达到 排 获 花 收 占 值 叫 属于 吸引 达成 实现 "
        "获得 举办 举行 发布 成立 创办 推出 设立 设有 拥有 包括 参加 接待 位于 "
        "来自 受理 建成 请 给 让 得到 需要 提供 增长 下降 签约 赢 输 主要 大概 "
        "大约 一般 通常 具体 同比 环比 运 养 种 做 生产 引进 演 拍 写 讲 说 "
        "买 推迟 取消 停止 开始 结束 通车 开业 开馆 开幕 停航 涨价"
    ).split()
)
_MEASURES = frozenset("个家名位条座次件篇支")
_WORDS_OF_TRUST = frozenset("委派 委任 委托 委以 委身".split())
_SITED = "开建设办住坐放站落摆卖停"  # verbs before 在
_PLACES = ("ns", "nz", "nt")  # jieba's tags of names that one goes to
_WORDS_OF_BEING = frozenset(
    "没有 只有 还有 拥有 具有 设有 享有 共有 占有 持有 含有 富有 所有 都是 就是 还是 也是 只是 "
    "正是 不是 正在 存在 "
    "实在 现在 不在".split()
)
_LEADS_ZH = regex(
    r"^(?:请问|我想知道|想知道|我想问一?下?|请告诉我|告诉我|你知道|那么|另外|还有|关于|对于|"
    r"至于|顺便问一?下?|[，,\s])+"
)
_ASKS_FIRST_ZH = regex(
    rf"^(?:(?:是|有|由|被)?(?:谁|哪[{HAN}]{{0,4}}?|什么(?!时候)[{HAN}]{{0,4}}?|"
    rf"(?:{HOW_MANY_ZH})[{HAN}]{{0,4}}?))"
    r"(?=[^的]*[了过]|\S{0,6}(?:创办|设计|研发|发明|举办|参加|写|负责|主办|建造|拍摄|赢得))"
)
_VERB_FIRST_OBJECT = regex(
    r".*?(?:了|过|创办|设计|研发|发明|举办|参加|写|负责|主办|建造|拍摄|赢得)+(?:了|过)?(.+)$"
)
_MAKER_ZH = regex(r"(?:创办|创立|设计|研发|发明|举办|主办|建造|拍摄|赢得)(.{2,20}?)的人")
# 烟花零售点，短期经营的: a thing, and the part of it that is asked about.
_PARTED_ZH = regex(rf"^([^，,]{{3,}})[，,](?:其中[，,]?)?[{HAN}]{{1,8}}$")
# 海州到青州的轮渡 is one thing.
_LEADS_TO = regex(r"(?:到|至|往|去(?!年)|飞往|开往|通往|驶往)[^的了，,]{2,12}的")
# 海州最近有花展吗 is about the flower show.
_EXISTS_ZH = regex(
    rf"^(?P<place>[{HAN}]*?)(?:最近|近期|近来|现在|目前|{TIME_ZH.pattern})?"
    rf"(?:有没有(?P<asked>[{HAN}“”]{{2,}}?)[吗呢]?|(?:会|要)?[有办](?P<told>[{HAN}“”]{{2,}}?)(?:吗|没有|么))$"
)
_WHY_FIRST_ZH = regex(r"^(?:为什么|为何|为啥|怎么|如何|什么时候|何时|哪一?年)")
# What belongs to a thing, and is no thing to talk about by itself.
_RELATIONAL = regex(
    r"(?:[额率量数值价费款票期限址点径长宽高深重积]|员|者|[商客户方]|(?<![工法商])人|时间|日期|"
    r"地点|地址|价格|成本|"
    r"面积|人数|订单|展位|奖金|会员|规模|速度|成果|结果|效果|进展|原因|目的|名字|名称|标准|"
    r"特点|优势|企业|总部|"
    r"业绩|收入|利润|工资|票房|门票|产品|客流|主题|内容|情况|冠军|队伍|嘉宾|品牌|投资|同比|"
    r"增幅|出口|进口|寿命|"
    r"(?:产|商|展)品|观众|选手|单位|仪式|[式场处物曲]|校长|市长|会长|院长|馆长|经理|总裁|主席|"
    r"作者|记者|主任|书记|学生|老师|员工|活动|作用|功能|意义|语言|背景|历史|职责|任务|经验)$"
)
# X的Y是多少 asks for something of X.
ATTRIBUTE_ZH = regex(
    rf"(?:是|有|叫|达到?)?(?:多少|几|谁|什么|哪|怎么样|如何|多[长高大久远重快宽])[{HAN}]{{0,2}}$"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施"
    "洪翁倪骆楼虞应柳章俞"
)
_NO_NAME_END = regex(
    r"[镇市县区村省州国馆店厂院校会赛节站港山河江湖桥路街岛园城社寺塔队局所委部司团盟]$|公司|"
    r"集团|大学|科技"
)
_PERSON_ZH = regex(
    rf"(?<![{HAN}])(?:[{_SURNAMES}][{HAN}]{{1,2}})(?=的|是|在|有|什|哪|几|为|怎|一|从|获|创|写|"
    rf"说|去|来|卖|开|当|毕|"
    r"出生|担|对|把|将|也|还|都|$|[，？?,])"
)


def is_relational(noun: str) -> bool:
    """Return whether a Chinese noun belongs to some thing: 成交额, 创始人, 展位."""
    return _RELATIONAL.search(noun) is not None


def begins_predicate(word: str) -> bool:
    """Return whether a Chinese word stands behind a subject: 是, 主要, 一共, 卖."""
    return word in _AFTER_SUBJECT


def tagged(text: str) -> list[tuple[str, str]]:
    """Return the words of Chinese ``text`` with jieba's tags: n a noun, v a verb, t a time."""
    import rjieba

    found: list[tuple[str, str]] = []
    cut = rjieba.tag(text[:MAX_READ_CHARS])
    for at, (word, tag) in enumerate(cut):
        next_word, following = cut[at + 1] if at + 1 < len(cut) else ("", "")
        if tag == "v" and len(word) == 2 and word[1] in "有是在" and word not in _WORDS_OF_BEING:
            # 青石|镇有: the name goes on; 书店|开在: it does not
            found += [(word[0], "v" if word[0] in _SITED else "n"), (word[1], "v")]
        elif tag == "nr" and len(word) > 2 and word[-1] in "来去到在" and following in _PLACES:
            found += [(word[:-1], "nr"), (word[-1], "v")]  # 李明来|海州: the name has ended
        elif next_word == "在" and tag in ("n", "ad") and len(word) > 1 and word[-1] in _SITED:
            found += [(word[:-1], "n"), (word[-1], "v")]  # 书|店开|在: open in
        elif tag == "v" and word[0] == "委" and word not in _WORDS_OF_TRUST:
            found += [("委", "n"), (word[1:], "v")]  # 调解|委|拿: a committee
        else:
            found.append((word, tag))
    return found


def subject_zh(text: str, whole: bool) -> str:
    """Return what a question without its end mark is about (:func:`rag.topics.subject_of`)."""
    text = _LEADS_ZH.sub("", text)
    text = _WHY_FIRST_ZH.sub("", text)
    exists = _EXISTS_ZH.match(text)
    thing = exists and (exists["asked"] or exists["told"])
    if exists and thing and not ASKS_ZH.search(thing):
        place = exists["place"].removeprefix("在")
        return f"{place}的{thing}" if place else thing
    if _ASKS_FIRST_ZH.match(text):
        behind = _VERB_FIRST_OBJECT.match(text)
        if behind and not ASKS_ZH.search(behind[1]):
            return behind[1].rstrip("吗呢吧啊的")
    end = _subject_end(text)
    subject = _without_last_time(text[:end])
    if (parted := _PARTED_ZH.match(subject)) and not ASKS_ZH.search(parted[1]):
        subject = parted[1]
    subject = re.sub(r"^在(?=.{2})", "", subject).strip("，, 的").rstrip("来去到")
    if whole:
        return subject
    if maker := _MAKER_ZH.fullmatch(subject):
        return maker[1]
    head, of, aspect = subject.rpartition("的")
    attribute = ATTRIBUTE_ZH.match(text[end:]) is not None
    made = bool(of and tagged(head)[-1:] and tagged(head)[-1][1] == "v")  # 引进的设备 is one thing
    made = made or _LEADS_TO.search(subject) is not None
    belongs = not made and (is_relational(aspect) or (attribute and len(aspect) <= 8))
    if of and len(head) >= 2 and belongs:
        return _without_last_time(head)
    bare = _without_aspect(subject)
    return _without_last_time(bare) if not of and (attribute or len(bare) >= 3) else subject


def _subject_end(text: str) -> int:
    """Return where the subject ends: before its verb, or before the question word."""
    offset = 0
    words = tagged(text)
    for at, (word, tag) in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ("", "")
        behind = words[at + 2] if at + 2 < len(words) else ("", "")
        goes_on = behind[1][:1] in tuple("nvjlz") and behind[0] != "是"
        relative = following[0] == "的" and goes_on
        verb = tag == "v" and (len(word) == 1 or following[1][:1] not in ("n", "j"))
        verb = verb and not (at and words[at - 1][0] == "的")  # 海州的轮渡
        done = following[0] in ("了", "过")
        ends = word in _AFTER_SUBJECT or verb or done or word in "了过"
        ends = ends and not relative and not _leads_to_its_noun(text, offset)
        if offset and (ASKS_ZH.match(word) or word.startswith("最") or ends):
            return offset
        offset += len(word)
    return len(text)


def _leads_to_its_noun(text: str, start: int) -> bool:
    """Return whether a way and 的 stand at ``start``, as of the ferry in 海州到青州的轮渡."""
    leads = _LEADS_TO.match(text, start)
    return leads is not None and not ASKS_ZH.search(leads[0])


def _without_last_time(subject: str) -> str:
    """Return the subject without a time behind it: 龙舟赛今年; one before it stays."""
    return re.sub(rf"(?<=.{{2}})(?:{TIME_ZH.pattern})$", "", subject)


def _without_aspect(subject: str) -> str:
    """Return the subject without a relational noun at its end: 灯会成交额 is about 灯会."""
    words = [word for word, _ in tagged(subject)]
    while len(words) > 1 and is_relational(words[-1]) and len("".join(words[:-1])) >= 2:
        words.pop()
    return "".join(words)


def person_zh(text: str) -> str:
    """Return the person that ``text`` names; empty where it names none."""
    if maker := _MAKER_ZH.match(text):
        return maker[0]
    for match in _PERSON_ZH.finditer(text):
        name = match[0]
        if not _NO_NAME_END.search(name):
            return name
    words = tagged(text)
    for at, (word, tag) in enumerate(words):
        following = words[at + 1][0] if at + 1 < len(words) else ""
        if word in _SURNAMES and tag == "nr" and 1 <= len(following) <= 2 and is_han(following):
            word += following
        named = tag == "nr" and 2 <= len(word) <= 4 and word[0] in _SURNAMES
        if named and not _NO_NAME_END.search(word):
            return word
    return ""


def counted_zh(text: str) -> slice | None:
    """Return where ``text`` names what it counts, behind 多少 or 几."""
    match = re.search(HOW_MANY_ZH, text)
    if not match:
        return None
    end = start = match.end()
    words = tagged(text[start:])
    measured = len(words) > 1 and (words[0][1] == "q" or words[0][0] in _MEASURES)
    if measured and words[1][1][:1] in ("n", "a", "b", "j", "v", "l", "z"):
        end = start = start + len(words[0][0])
        words = words[1:]
    for word, tag in words:
        if tag[:1] not in ("n", "a", "b", "j", "l", "z") and tag != "vn":
            break
        end += len(word)
    return slice(start, end) if end > start else None
