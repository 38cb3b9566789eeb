"""How newspapers say who wrote, photographed or sent an article.

As in ``index/forms.py``, the patterns name forms, for Simplified characters; they look at
short lines only.
"""

import re

from index.patterns import regex
from index.text import HAN, is_han

MAX_BYLINE_CHARS = 60
MAX_CREDITED_CHARS = 4  # of a name right before its credit, as in 张三摄

SURNAMES = frozenset(  # the characters that family names begin with
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁"
    "任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏傅方邹熊白孟秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴莫"
    "孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅"
    "童凌毕单裴霍涂成苗谷曲盛冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连"
    "芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞"
    "敖巩明佘池查麻苑迟邝萧付代闫郁楚闻翁蔺宓訾暴乌贝郜狄丛巴敬禹邸惠郗燕桂欧阳上官诸葛司马於锺尉裘楼应虞竺茅郏骆"
    "赖洪严季辜丘廉奚冀谈屠揭糜鄢井练封冼栗匡鞠荆谌银伏习胥"
)
TITLE = (  # of who writes
    r"(?:记者|通讯员|评论员|撰稿人?|特派员|作者|编译|整理|"
    r"摄影|撰文|执笔|实习生|编者)"
)
_CREDIT = (
    r"(?:文|图|摄|摄影|文图|图文|供图|供稿|报道|报导|综合报道|综合报导|整理|制图|漫画|插图|绘|"
    rf"[{HAN}]{{2}}(?:报导|报道|电))"
)
_BEFORE_TITLE = (  # of a title that no name follows
    rf"(?:[{HAN}]{{0,12}}(?:报|社|网|台|刊|中心|组|团|员|全媒体|融媒体|首席|见习|实习|特约|特派|"
    rf"摄影|图文|文字|体育|财经|高级|资深))?(?:驻[{HAN}]{{1,6}})?"
)
_TITLED = regex(rf"^[{HAN}]{{0,12}}?{TITLE}(?P<name>[{HAN}]{{0,4}})$")
_STATION = regex(rf"^[{HAN}]{{0,10}}(?:读者|律师)$")  # of who signs a letter or a column
_ONLY_TITLE = regex(rf"^{_BEFORE_TITLE}{TITLE}$")
_CREDITED = regex(rf"^(?P<name>[{HAN}]{{0,4}}?){_CREDIT}$")
_NAME = regex(rf"^[{HAN}]{{1,4}}$|^[{HAN}]{{1,6}}·[{HAN}]{{1,8}}$")
_MARKS = r"\s/／:：、，,;；|｜&（）()〔〕\[\]【】—-"
BETWEEN_NAMES = regex(rf"[{_MARKS}]+|和(?=[^和]{{2,4}}$)")
_BYLINE_MARKS = regex(rf"[·{_MARKS}]+|和(?=[^和]{{2,4}}$)")  # · stands in a name as well
_ORNAMENT = regex(r"^[□○●◎◇◆■△☆★]\s*")
_SIGNED_BY = regex(rf"^□\s*[{HAN}](?:[\s\u3000]*[{HAN}]){{1,2}}$")
_IN_BRACKETS = regex(rf"^[（(]([{HAN}\s]{{4,28}})[）)]$")
_DESK = regex(rf"^[{HAN}]{{0,10}}(?:评论员|编辑部|报道组|评论部|课题组|调查组)$")
_SOURCE = regex(
    rf"^[（(]?(?:(?:(?:数据|资料|图片)?来源|稿源|转自|摘自|原载)\s*[:：]?\s*《?[{HAN}\w]{{2,16}}》?"
    rf"|据\s*[:：]?\s*(?:《[{HAN}\w]{{2,16}}》|[{HAN}\w]{{1,12}}(?:[社报网刊]|电视台|新闻)))"
    rf"(?:报道|报导|客户端|微信公众号)?[）)]?$"
)
_AUTHOR_NOTE = regex(r"^[（(]?(?:作者(?:单位|系|为)|本文(?:作者|[为系]))[^。]{0,40}$")
_PHOTO_CREDIT = regex(r"[摄攝图圖]\s*[）)]?$|供[图圖]|摄影报[道导]$")


def is_byline(text: str) -> bool:
    """Return whether the line only names who wrote, photographed or sent the article."""
    if len(text) > MAX_BYLINE_CHARS or text.endswith("。"):
        return False
    if _DESK.match(text) or _AUTHOR_NOTE.match(text):
        return True
    if _SIGNED_BY.match(text) or _is_signed_in_brackets(text):
        return True
    marked = _ORNAMENT.match(text) or (len(text) <= 8 and text[0] in "（(" and text[-1] in "）)")
    titled = credited = False
    names: list[str] = []
    bare_titles = True
    for token in filter(None, _BYLINE_MARKS.split(_ORNAMENT.sub("", text))):
        title, credit = _TITLED.match(token), _CREDITED.match(token)
        if title:
            titled = True
            bare_titles = bare_titles and bool(_ONLY_TITLE.match(token))
            names.append(title["name"])
        elif _STATION.match(token):
            titled, bare_titles = True, False
        elif credit and len(credit["name"]) < MAX_CREDITED_CHARS:
            credited = True
            names.append(credit["name"])
        elif _NAME.match(token):
            names.append(token)
        else:
            return False
    named = [name for name in names if name]
    if titled and not named:
        return bare_titles
    if titled and bare_titles and len(names) > 1:
        return True
    if titled:
        return any(name[0] in SURNAMES for name in named)
    return bool(named) and named[0][0] in SURNAMES and (credited or bool(marked))


def credits_photo(text: str) -> bool:
    """Return whether the byline names who took or sent the picture."""
    return _PHOTO_CREDIT.search(text) is not None


def _is_signed_in_brackets(text: str) -> bool:
    """Return whether an office and a name or a credit stand in brackets: （宣传部 屈小桥）."""
    match = _IN_BRACKETS.match(text)
    if not match:
        return False
    *offices, last = match[1].split()
    signed = _CREDITED.match(last) or (len(last) <= 3 and last[0] in SURNAMES)
    return bool(offices and signed)


def is_names(text: str) -> bool:
    """Return whether the line may be one more name of a byline."""
    bare = re.sub(r"[\s\u3000]+", "", text)
    return 2 <= len(bare) <= 12 and all(map(is_han, bare)) and bare[0] in SURNAMES and (
        len(bare) <= 4 or " " in text or "\u3000" in text
    )  # fmt: skip


def is_source(text: str) -> bool:
    """Return whether the line credits the source of a reprint, as in 来源：浙江宣传."""
    return len(text) <= 30 and _SOURCE.match(text) is not None


def ends_article(text: str) -> bool:
    """Return whether the byline stands below its article: a source, who the author is."""
    return is_source(text) or _AUTHOR_NOTE.match(text) is not None
