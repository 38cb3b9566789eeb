"""The forms in which newspapers set their lines: datelines, page jumps, notices and the rest.

Newspapers have kept to much the same forms for decades. The patterns name forms, never the
words of a page; all are for Simplified characters (``Piece.text``), and each is matched
against a short line or from the start of a long one, so that any text is read in linear time.
"""

import re
from functools import lru_cache

from index.bylines import TITLE
from index.patterns import regex
from index.text import HAN, is_han

REMEMBERED_LINES = 2_000  # whose ends are asked for again and again
MAX_HEAD_CHARS = 60
MAX_QUESTION_HEAD_CHARS = 30
MAX_SHORT_CHARS = 60  # of a line, or of the part of one, that a pattern may look through
MAX_CAPTION_CHARS = 160
MAX_QR_CHARS = 20
MAX_CONTACT_HAN = 18  # Chinese characters of a line that gives a telephone number

_PAGE = r"第?\s*[A-Za-z]?\s*[\d０-９一二三四五六七八九十]{1,3}\s*[版页頁面]"
TAKEN_UP = rf"(?:上接|[紧緊]接|承?接(?=\s*自?\s*{_PAGE}))"  # in received text as well
_JUMP = regex(
    rf"^[^\w]{{0,3}}(?:(?:全文|详见|文)?(?:下转|转|续|接(?=[至到]))|(?P<taken_up>{TAKEN_UP}))\s*"
    rf"(?:自|至|到)?\s*{_PAGE}(?:[·•\s]?[^。，]{{0,8}})?[^\w]{{0,3}}$"
)
_TRAILING_JUMP = regex(r"[（(【\[▶►→]\s*(?:下转|转第)[^。，]{1,16}[)）】\]]?\s*$")
_LEADING_JUMP = regex(rf"^[（(【\[◀◄←▲]\s*{TAKEN_UP}[^。，]{{1,16}}[)）】\]]")

_NUMERAL = r"[\d０-９〇○零一二三四五六七八九十]"
_DAY = (
    rf"(?:{_NUMERAL}{{4}}|民国\s*{_NUMERAL}{{2,4}})\s*[年./-]\s*{_NUMERAL}{{1,3}}"
    rf"\s*[月./-]\s*{_NUMERAL}{{1,3}}\s*日?"
)
_DESKS = (
    r"(?:责任?\s*编\s*辑?|发\s*行\s*人|社\s*长|值班|版\s*式|美\s*编|校\s*对|编\s*辑|主编|组版|视觉|制图|"
    r"电\s*话|邮箱|国内统一|邮发代号|社址|印刷|零售|定价)"
)
_WEEKDAY = r"(?:星期|周|礼拜)[一二三四五六日天]"
_BEFORE_DAY = (  # the end of a name or a number; a word that a sentence goes on from is none
    r"(?:[（(]|(?:(?:出版|发行|发布|刊发|见报)(?:日期|时间)|日期)[:：]?\s*"
    r"|[^，。]{0,23}(?:(?<!日期|时间|截止)[\s·•|｜/／》)）】]|[报刊社期]"
    rf"|{_WEEKDAY}|创刊于|公元|中华))?"
)
_BEHIND_DAY = (  # nothing, or the next name or number
    rf"(?:[（(\s]{{0,2}}{_WEEKDAY}[)）]?+)?+"
    rf"(?:[^\w，。]{{0,4}}(?:$|农历|[{HAN}]{{2}}年|总?第?\s*[A-Z]?{_NUMERAL}{{1,6}}\s*[期版]|今日|出版|创刊)"
    rf"|[^\w，。]{{1,4}}(?:[{HAN}]{{1,4}}(?![{HAN}])|[A-Za-z\d]|[{HAN}]{{2,8}}[报刊]))"
)
_FURNITURE = regex(
    rf"^(?:{_BEFORE_DAY}{_DAY}{_BEHIND_DAY}[^，。]{{0,40}}"
    r"|第?\s*[A-Z]?[\d０-９一二三四五六七八九十]{1,3}\s*版(?:[\s·:：/|｜]{1,3}[^，。\d]{0,8})?"
    rf"|[A-Z]?\d{{1,2}}(?:[\s·:：/|｜]{{1,3}}[{HAN}]{{2,4}}(?:新闻|版)?)?|[A-Z]\d{{1,2}}[{HAN}]{{2,4}}"
    rf"|[{HAN}]{{2,4}}(?:新闻|版)?[\s·:：/|｜]{{0,3}}[A-Z]?\d{{1,2}}\s*版?"
    rf"|[{HAN}]{{0,3}}(?:新闻|要闻|综合|副刊|时政|经济|社会|文体|体育|国际|理论|广告|民生|视点)(?:新闻|版)?"
    rf"|[^\w]*(?:本版|本期|本报)?{_DESKS}[\s:：/／].{{0,80}}"
    r"|[^，。]{0,24}(?:总?第\s*\d+\s*期|今日\s*\d+\s*版|主管主办|出版日期)[^，。]{0,24}"
    r"|(?:零售|定价|售价|每份)[^，。]{0,16}|本报(?:网址|地址|社址|电话).{0,60}"
    r"|[^，。]{0,4}(?:地址|邮编|信箱|零售价|定价|订阅)[:： ][^，。]{0,60}"
    r"|(?:今[日天]|明[日天])?\s*(?:最[高低]|气温)[^，。]{0,8}\d+\s*[℃°度][^，。]{0,24}"
    r"|[^，。]{0,24}(?:责编|统一刊号|邮发代号|CN\s?\d\d|星期[一二三四五六日].{0,12}农历)[^。]{0,60}"
    r"|(?:https?:|www\.)\S+"
    rf"|20\d{{6}}\s[^，。]{{2,24}}"
    r"|(?:下期|明日)预告[:：].{0,60}|[^，。]{0,4}声明[:：]本[版报刊].{0,80}"
    r"|(?:星期|周)[一二三四五六日](?:\s.{0,20})?|农历[^，。]{1,20}"
    rf"|[{HAN}]{{2,8}}(?:日报|晚报|时报|商报|早报|周报|周刊|都市报|导报|快报|晨报)"
    r"|[\d\W_]{1,16})$"
)
_WEATHER = regex(
    rf"^(?:[{HAN}]{{0,4}}(?:今[日天晚明]|[明后][日天]|夜间|白天|天气)[^{HAN}]{{0,2}})?\s*"
    r"(?:局部|有)?(?:晴|多云|阴|阵雨|雷阵雨|[小中大暴]雨|[小中大暴]雪|雨夹雪|雾|霾)"
    r"[^。]{0,50}(?:\d\s*[℃°度级]|[℃°]\s*\d)"
)
_WEATHER_HEAD = regex(r"天气|气象|气温")
_CONTACT = regex(
    r"(?:热线|专线|电话|邮箱|信箱|网址|投稿|订阅|传真)[^，。]{0,6}?"
    r"(?:\d[\d—－ -]{5,}|[\w.-]+@|www\.)"
)
_END_MARK = regex(r"^[（(](?:完|终|未完|待续|未完待续)[）)]$")
_SCANNED_FOR = (  # what a code is there for, as in 查看完整名单
    r"(?:即可|可|来)?(?:看(?![病诊守护])|观看|查看|阅读|浏览|收听|关注|加入|添加|下载|了解|进入|获取|参与|订阅|识别)"
)
_QR = regex(
    rf"^[^\w]{{0,3}}(?:(?:更多|详情|完整|精彩)[{HAN}]{{0,6}}\s?)?请?用?(?:手机|微信)?"
    r"(?:(?:扫一扫|扫[码描]|长按(?:识别)?)\s?(?:[上下左右][方图侧边]?)?"
    r"(?:二维码|QR(?:码| ?[Cc]ode)?)?|二维码)"
    rf"(?:[^\w，。]{{0,3}}{_SCANNED_FOR}[^，。]{{0,16}})?[^\w，。]{{0,3}}$"
)
_SCANNED = regex(rf"^{_SCANNED_FOR}[^，。]{{0,16}}$")
_AGENCY = (
    r"(?:据?\s*(?:本报|本刊|本社|新华社|中新社|中新网|中央社|央视|人民网|法新社|路透社|美联社|国防报)"
    r"|[〔\[（(【]\s*本[报台网])"
)
_WIRE = (  # of an agency or a paper anywhere, as in 法新社巴黎3月26日电
    rf"[\[【〔（(]?\s*[{HAN}]{{1,8}}[社报网台][{HAN}·\s]{{0,14}}(?:\d{{1,2}}月)?\d{{1,2}}日(?:电|讯)"
)
_DATELINE = regex(
    rf"^(?:[\[【〔（(]?\s*{_AGENCY}[{HAN}\d０-９\s]{{0,16}}?(?:讯|电|消息)(?!力|话|影|视|脑|商|器|子|网|梯|动|台|站|价|池|缆|机)"
    rf"|[〔\[（(【]?\s*[{HAN}]{{0,4}}(?:记者|特派员)[^，。]{{2,24}}(?:报道|报导|电)[〕\]）)】]"
    rf"|据[{HAN}]{{2,8}}(?:报道|消息)|{_WIRE})"
)
_BEHIND_DATELINE = regex(r"[\]】〕）)]?\s*(?:[（(][^（()）]{2,30}[）)])?[\s，,：:]*")
_DATELINE_ONLY = regex(
    rf"^(?:[\[【〔（(]?\s*{_AGENCY}[{HAN}\d０-９\s]{{0,16}}?(?:讯|电|消息)[\]】〕）)]?"
    rf"\s*(?:[（(][^，。）)]{{2,30}}[）)])?)$"
)
_CAPTION = regex(
    r"^(?:(?:上|下|左|右|本|题|大|小|①)?图(?:[①-⑨一二三1-9]?(?:为|[:：]))|[左右上下]图|资料图|"
    r"[▲▼◀▶↑↓←→].{12,}[。）)]|[▲▼◀▶△▽↑↓←→].*(?:图|摄))"
)
_CAPTION_CREDIT = regex(
    rf"[。！？”）)\s（(](?:[{HAN}]{{0,10}}{TITLE})?\s*[{HAN}]{{1,3}}\s?[{HAN}]{{1,2}}\s*[/／]?"
    r"(?:摄|供图|摄影|图|提供)\s*[）)]?。?$"
)
_NOTICE_HEAD = regex(
    r"^(?!.*(?:发布|联合|回应|印发|出台|接到))"
    r"(?:[^，。]{0,46}(?:公告|公示|启事|讣告|通告|告示|遗失声明|公示栏)"
    r"|关于[^，。]{2,40}的(?:通知|通报|函)"
    r"|(?:遗失|郑重|严正|特别|作废|挂失|免责)?声明"
    rf"|[{HAN}]{{0,6}}(?:停水|停电|停气|检修|放假)?通知|遗失|更正)"
    r"(?:栏|书|信息)?[）)】]?$"
)
_ADVERT_HEAD = regex(
    r"^[^，。]{0,16}(?:招聘|诚聘|招租|出租|出售|转让|广告|促销|招商|热卖|特卖|大促|直销|让利|特惠|甩卖|清仓|优惠|征婚|搬家|家政|分类信息|便民信息|急售|旺铺转让|旺铺|诚征)(?:启事|信息|公告|热线|专栏|中心)?[！!]?$"
)
_NOTICE = regex(
    r"作废|讣闻|泣启|吊唁|特此(?:公告|声明|公示|通知|通告)|^证券代码[:：]|(?:公示期|报名时间|公告期)|不慎遗失|遗失.{0,30}(?:证|票|章|执照|号)"
)
_PHONE = regex(
    r"(?:电话|热线|手机|联系|咨询|TEL|Tel|☎|洽)[^，。]{0,12}\d{3,4}[-－\s]?\d{3,8}|1[3-9]\d{9}|0\d{2,3}-\d{7,8}"
)
_ADVERT = regex(
    r"招聘|诚聘|招租|出租|出售|转让|月薪|包吃住|面议|租金|特价|促销|优惠|惊爆|现房|首付|八折|五折|价格优"
)
_OFFER = regex(r"全场|买一送一|地址[:：]|联系人|\d折|送货上门|包邮|待遇|\d元[、，,！!起]|若干名")
_LISTED = regex(rf"^[{HAN}]{{2,6}}[:：]")
_DATE_ONLY = regex(rf"^(?:{_DAY}|{_NUMERAL}{{1,3}}月{_NUMERAL}{{1,3}}日)$")
_SIGNED = regex(
    r"(?:公司|局|委员会|法院|政府|中心|管理处|大队|办公室|银行|支行|学校|大学|学院|医院|村委会|"
    r"董事会|监事会|协会|学会|公会|商会|基金会|合作社|集团|本人|启)$"
)
_SALUTATION = regex(
    rf"^[{HAN}]{{0,10}}(?:同志|同学|编辑|编辑部|先生|女士|老师|朋友|代表|你好|您好)们?[:：！]$"
)
_TABLE_HEAD = regex(
    r"^[（(]?(?:计量)?单位[:：]\s*[万亿千百]*"
    r"(?:美?元|吨|公?斤|人次?|个|件|辆|台|亩|公里|平方米|米|户|家|[%％])(?:[\s/／）)].*)?$"
)
_NUMBERED = regex(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,2}[）)]"
    r"|\d{1,2}[、.．](?!\d)|第[一二三四五六七八九十]{1,2}[,，、 ]|[①-⑳])"
)
_KICKER = regex(
    r"^[■◆●▲★◎□◇▌▍┃│|]|^(?:证券|股票|债券)代码[:：]"
    r"|^(?:特别报道|系列报道|专题报道|深度|视点|聚焦|时评|社论|专栏|特别报导|人物侧写|读者投书|读者来信|编读往来|短波|简讯|快讯|.{0,8}系列报[道导])\s*[①-⑳\d（(）)一二三四五六七八九十]*$"
    r"|^(?:深入)?学习(?:宣传)?贯彻|(?:大会|会议|讲话|全会)精神$"
    r"|^[【\[][^】\]]{2,10}[】\]]$"
    r"|^(?:聚焦|走基层|直击|关注).{2,6}$|^.{2,12}(?:进行时|在身边|调研行|万里行|面对面|直通车|大家谈|启示录|看台|见闻录)$|^.{2,4}(?:论坛|茶座|广角|之窗|之声|沙龙|时评|漫笔)$"
    r"|[①-⑳]$|(?:系列|专栏|报道|述评|专版|特刊)(?:之[一二三四五六七八九十]+|[（(][一二三四五六七八九十\d]+[）)])$"
)
_EXHORTS = regex(
    r"(?:深入|认真|全面|坚决|坚持|加快|奋力|全力|扎实|大力|着力|努力|牢记|踔厉|凝心|聚力|高举|弘扬|争当|争做|打造|"
    r"推进|推动|贯彻|学习|实干|奋战|奋进|喜迎|庆祝|热烈|讲文明|勇|锚定|砥砺|同心|争创|强党性)"
)
_SERIES = regex(r"[年”》]\s*[·•]|[·•]\s*[“《]|^[^，。\s]{2,10}[·•|｜][^，。\s]{2,10}$")
_DOT_IN_QUOTES = regex(r"[“「《][^”」》]*[·•|｜]")
_CLOSERS = "”’」』）)》〉】〕]\"'"
_PAIRS = {
    "“": "”",
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "《": "》",
    "【": "】",
    "〔": "〕",
}
_ASIDE = regex(r"(?<=[。！？!?…”’」』])\s*[（(〔【][^（()）〔〕【】]{1,40}[）)〕】]\s*$")
_FINAL = "。！？!?…"


def is_furniture(text: str) -> bool:
    """Return whether the line is page furniture: page numbers, date lines, editors, hotlines."""
    return _FURNITURE.match(text) is not None or _is_contact(text)


def _is_contact(text: str) -> bool:
    """Return whether the line only tells how to reach the newsroom: a telephone, an address."""
    if len(text) > MAX_SHORT_CHARS or "。" in text or not _CONTACT.search(text):
        return False
    return sum(map(is_han, text)) <= MAX_CONTACT_HAN


def is_end_mark(text: str) -> bool:
    """Return whether the line only says that a dispatch ends, as （完） does."""
    return _END_MARK.match(text) is not None


def is_qr(text: str) -> bool:
    """Return whether the line asks to scan a code."""
    return len(text) <= MAX_QR_CHARS and _QR.match(text) is not None


def goes_on_from_qr(text: str) -> bool:
    """Return whether the line may say below 扫一扫 what there is to see."""
    return len(text) <= MAX_QR_CHARS and _SCANNED.match(text) is not None


def is_date(text: str) -> bool:
    """Return whether the line is only a day, as under a notice."""
    return _DATE_ONLY.match(text) is not None


def heads_notice(text: str) -> bool:
    """Return whether the line heads a notice, as in 遗失声明 or 关于…的公告."""
    bare = _unspaced(text)
    return len(bare) <= 50 and _NOTICE_HEAD.match(bare) is not None


def heads_advert(text: str) -> bool:
    """Return whether the line heads an advertisement."""
    bare = _unspaced(text)
    return len(bare) <= 24 and _ADVERT_HEAD.match(bare) is not None


def _unspaced(text: str) -> str:
    return re.sub(r"[\s\u3000]+", "", text) if len(text) <= 12 else text


def is_notice(text: str) -> bool:
    """Return whether the words are those of a notice."""
    return _NOTICE.search(text) is not None


def is_advert(text: str) -> bool:
    """Return whether the words are those of an advertisement."""
    if len(text) > 400:
        return False
    offers = len(_OFFER.findall(text)) >= 2 and len(text) <= 80
    return offers or bool(_PHONE.search(text) and (_ADVERT.search(text) or len(text) <= 40))


def is_listed(text: str) -> bool:
    """Return whether the line begins with what it offers, as classified advertisements do."""
    return len(text) <= 80 and _LISTED.match(text) is not None


def is_offer(text: str) -> bool:
    """Return whether the line could stand in an advertisement: prices, an address."""
    return _OFFER.search(text) is not None


def is_signature(text: str) -> bool:
    """Return whether the line names who signs a notice: a firm, an office."""
    return _SIGNED.search(text) is not None


def is_weather(text: str) -> bool:
    """Return whether the line tells the weather."""
    return len(text) <= 80 and _WEATHER.search(text) is not None


def is_weather_head(text: str) -> bool:
    """Return whether the line heads a weather report."""
    return len(text) <= 12 and _WEATHER_HEAD.search(text) is not None


def is_caption(text: str) -> bool:
    """Return whether the line describes a photograph."""
    if len(text) > MAX_CAPTION_CHARS:
        return False
    return bool(_CAPTION.match(text)) or (len(text) > 12 and bool(_CAPTION_CREDIT.search(text)))


def is_jump(text: str) -> bool:
    """Return whether the line says only that an article goes on elsewhere."""
    return len(text) <= 24 and _JUMP.match(text) is not None


def jumps_in(text: str) -> bool:
    """Return whether the line starts the second half of an article (上接…)."""
    jump = _JUMP.match(text) if is_jump(text) else None
    return bool(jump and jump["taken_up"]) or _LEADING_JUMP.match(text) is not None


def jumps_out(text: str) -> bool:
    """Return whether the line ends the first half of an article (下转…)."""
    return bool(_TRAILING_JUMP.search(text)) or (is_jump(text) and not jumps_in(text))


def has_dateline(text: str) -> bool:
    """Return whether a news item starts here, as in 本报讯 or 新华社北京5月1日电."""
    return _DATELINE.match(text[:MAX_SHORT_CHARS]) is not None


def dateline_end(text: str) -> int:
    """Return where the dateline that ``text`` starts with ends: 4 in 本报讯 昨日; 0 without one."""
    match = _DATELINE.match(text[:MAX_SHORT_CHARS])
    rest = _BEHIND_DATELINE.match(text, match.end()) if match else None
    return rest.end() if rest else 0


def is_dateline(text: str) -> bool:
    """Return whether the line is only a dateline."""
    return len(text) <= MAX_SHORT_CHARS and _DATELINE_ONLY.match(text) is not None


def is_salutation(text: str) -> bool:
    """Return whether the line opens a letter, as in 编辑同志： does."""
    return len(text) <= 16 and _SALUTATION.match(text) is not None


def heads_table(text: str) -> bool:
    """Return whether the line tells the unit of the table below it, as in 单位：万元."""
    return len(text) <= 30 and _TABLE_HEAD.match(text) is not None


def is_numbered(text: str) -> bool:
    """Return whether the line is numbered as section heads and list items are."""
    return _NUMBERED.match(text) is not None


def is_ornamented(text: str) -> bool:
    """Return whether the line starts with a number or an ornament, as section heads do."""
    return is_numbered(text) or bool(re.match(r"[◆●▶◇■▲★◎○□△※>]", text))


def exhorts(text: str) -> bool:
    """Return whether the line calls upon its readers, as the slogans over a page do."""
    return any(_EXHORTS.match(half) for half in text.split())


def is_kicker(text: str) -> bool:
    """Return whether the line has the form of a series banner or a column label."""
    series = len(text) <= 25 and _SERIES.search(text) and not _DOT_IN_QUOTES.search(text)
    return bool(_KICKER.search(text) or series)


def is_deck(text: str) -> bool:
    """Return whether the line is a second headline after a dash."""
    return text.startswith(("——", "―", "--", "──", "—"))


def is_head_like(text: str) -> bool:
    """Return whether the line could be a headline: short, no full stop, nothing left open."""
    return (
        len(text) <= (MAX_QUESTION_HEAD_CHARS if text[-1] in "？！?!" else MAX_HEAD_CHARS)
        and "。" not in text
        and not has_dateline(text)
        and text[-1] not in "，、；：,;:"
        and not is_open(text)
    )


@lru_cache(maxsize=REMEMBERED_LINES)
def is_open(text: str) -> bool:
    """Return whether a quote or bracket that ``text`` opens is still open at its end."""
    return any(text.count(opener) > text.count(closer) for opener, closer in _PAIRS.items())


def is_finished(text: str) -> bool:
    """Return whether a sentence ends here: final punctuation, nothing left open."""
    return stops(text) and not is_open(text)


@lru_cache(maxsize=REMEMBERED_LINES)
def stops(text: str) -> bool:
    """Return whether the text ends with a full stop, a question or an exclamation mark.

    Quotes and brackets may close after it, and a credit may follow, as in 。（记者 张三）.
    """
    bare = _ASIDE.sub("", text[-MAX_SHORT_CHARS:]).rstrip(_CLOSERS + " ")
    return bool(bare) and (
        bare[-1] in _FINAL or (bare[-1] == "." and not is_han(bare[-2:-1] or "."))
    )


def closes(text: str) -> bool:
    """Return whether the text closes a quote or bracket that it did not open."""
    for opener, closer in _PAIRS.items():
        first = text.find(closer)
        if first >= 0 and opener not in text[:first]:
            return True
    return False
