"""Printed Chinese quantities, and how English says them: 1.4975亿元 is CNY 149.75 million.

Numerals are read by :mod:`index.numbers`; here are the words around them: what is counted,
more or less than how much, up or down, from when to when. Everything is exact: what English
cannot say without rounding is marked "about" and stands in brackets behind the exact value.
Words that may mean something else in another sentence are left alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Literal

from index.numbers import EXACT, Figure, figures
from index.patterns import regex
from index.text import is_traditional, to_simplified

Half = Literal["", "a.m.", "p.m."]


@dataclass(frozen=True, slots=True)
class Moment:
    """A day or a time of day as far as it is printed; what is not printed is ``None``.

    ``hour`` is as printed; ``half`` says which half of the day, where that is printed.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    half: Half = ""


Value = Decimal | Moment


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity where it is printed: ``text[start:end]``.

    ``unit`` is its English name, empty where what is counted is not certain. ``modifier``
    is English too ("more than"). ``upper`` is the end of a range. ``trend`` is "up" or
    "down", ``basis`` against what ("year on year").
    """

    start: int
    end: int
    value: Value
    unit: str = ""
    modifier: str = ""
    upper: Value | None = None
    trend: str = ""
    basis: str = ""


PER_CENT, POINTS, TIMES, ORDINAL = "%", "percentage points", "times", "th"
MU, JIN, OF_PRICE, DOUBLINGS = "mu", "jin", "% of the price", "doublings"
# In Traditional print 元 may be a dollar of Taiwan or Hong Kong, and a 斤 is not half a kilogram.
YUAN, CATTIES = "yuan", "catties"

_CURRENCIES = {
    "元人民币": "CNY", "人民币": "CNY", "元": "CNY", "美元": "USD", "美金": "USD", "欧元": "EUR",
    "港元": "HKD", "港币": "HKD", "日元": "JPY", "英镑": "GBP", "韩元": "KRW", "卢布": "RUB",
    "新台币": "TWD", "台币": "TWD", "澳元": "AUD", "加元": "CAD", "泰铢": "THB", "卢比": "INR",
}  # fmt: skip
_LATIN_UNITS = "GWh MWh kWh GW MW kW km kg cm mm".split()
# Printed units, each with what may not follow: 元旦, 天津 and 人民 are no units.
_UNITS: Mapping[str, tuple[str, str]] = {
    **{name: (code, "旦宵素首件勋帅老气凶") for name, code in _CURRENCIES.items()},
    **{unit: (unit, "A-Za-z") for unit in _LATIN_UNITS},
    "亩": (MU, "产均"), "公顷": ("ha", ""), "平方米": ("m²", ""), "平米": ("m²", ""),
    "平方公里": ("km²", ""), "平方千米": ("km²", ""), "立方米": ("m³", ""),
    "公里": ("km", ""), "千米": ("km", ""), "海里": ("nautical miles", ""),
    "米": ("metres", "饭粉酒面兰其线高长宽深"), "厘米": ("cm", ""), "毫米": ("mm", ""),
    "吨": ("tonnes", "位"), "公斤": ("kg", ""), "千克": ("kg", ""), "斤": (JIN, ""),
    "克": ("g", "拉朗服隆莱里"), "千瓦时": ("kWh", ""), "千瓦": ("kW", "时"), "兆瓦": ("MW", "时"),
    "摄氏度": ("°C", ""), "℃": ("°C", ""),
    "标箱": ("TEU", ""), "标准箱": ("TEU", ""), "TEU": ("TEU", ""),
    "人次": ("person-times", ""), "户": ("households", "外口籍主型"),
    "人": ("people", "次民均大才工口士物员生气类们为事间心体行权力"),
    "小时": ("hours", ""), "分钟": ("minutes", ""), "秒": ("seconds", "杀针"),
    "天": ("days", "然津空气下使山猫鹅才生"), "周": ("weeks", "年边刊报末岁一二三四五六日"),
    "个星期": ("weeks", ""), "个月": ("months", ""), "岁": ("years old", "月末"),
    "年": ("years", "级代薪轻糕货度初底末中春夏秋冬会产均报"),
    "倍": (TIMES, "数"), "番": (DOUBLINGS, "茄"), "折": (OF_PRICE, "叠射合旧价腾磨"),
    "成": (PER_CENT, "立为功员本果长都交绩品效熟型就分年语因千套片了"), "‰": ("per mille", ""),
}  # fmt: skip
_DURATIONS = frozenset("hours minutes seconds days weeks months years".split())
_COMPARED = frozenset({PER_CENT, POINTS, TIMES})
_MEASURE_WORDS = "个家名位次项条座种场件台辆列艘架箱所栋间张份套块批只头棵株本部篇类支笔款趟班"
_UNIT = "|".join(
    f"{re.escape(name)}{f'(?![{barred}])' if barred else ''}"
    for name, (_, barred) in sorted(_UNITS.items(), key=lambda each: -len(each[0]))
)
_BEHIND = regex(
    rf"\s*(?P<vague>[余多来])?\s*(?:(?P<unit>{_UNIT})(?P<odd>余|多(?![少数年次种个]))?"
    rf"|(?P<counted>[{_MEASURE_WORDS}]))?"
    r"(?P<bound>(?:及|或)?以上|以下|[以之]内|左右|上下|内(?![容外部地陆]))?"
)
# 两天半, 三成五, 3元5角 and 1米75 are more than number and unit say; 3家半导体企业 is three.
_AND_MORE = regex(
    r"半(?![导岛数价决径程])|(?<=成)[一二三四五六七八九]"
    r"|(?<=[元币])[\d一二三四五六七八九]{1,2}[角毛分]|(?<=斤)[\d一二三四五六七八九]{1,2}[两钱]"
    r"|(?<=米)[\d一二三四五六七八九]{1,2}(?=[^\w.]|[的高长宽深左以]|$)"
)
# Before a number that shares its unit with it: only digits are read together, as in 3至5万.
_DIGITS_ZH = "零一二两三四五六七八九十百千万亿"
_SPELLED_BEFORE = rf"(?<![\d.点余多来几数{_DIGITS_ZH}])[几数{_DIGITS_ZH}]+"
_FIRST = "(?:首|头|(?<![此之目以日先])前)"  # 首4月: four of them
_SHARED = regex(rf"(?:\d、|{_SPELLED_BEFORE}(?:至|到)|(?:零下|{_FIRST})[\d.]+(?:至|到|[-–—~]))$")
_SHARED_SPELLED = regex(rf"{_SPELLED_BEFORE}(?:至|到|、|[-–—~]{{1,2}})$")
_SHARED_CHARS = 16
_GOES_ON = regex(rf"(?:至|到|、|[-–—~])(?!百分)[\d{_DIGITS_ZH}]")
_FIRST_MONTHS = regex(f"{_FIRST}$")
_LUNAR_DAY = regex("初[一二三四五六七八九十]|廿")
_BOUNDS = {"以上": "or more", "以下": "or less", "左右": "about", "上下": "about"}

_UP = "增长|增加|上升|提高|提升|上涨|扩大"
_DOWN = "下降|减少|降低|下跌|下滑|回落|缩减|缩短"
_CODES = {name: code for name, code in _CURRENCIES.items() if not name.startswith("元")}
_CODES |= {"RMB": "CNY", "CNY": "CNY", "US$": "USD", "USD": "USD", "EUR": "EUR", "€": "EUR"}
_CODE = "|".join(map(re.escape, sorted(_CODES, key=len, reverse=True)))
_BEFORE = regex(
    rf"(?:(?:(?<![、和及与])(?P<basis>同比|环比))?(?:均|分别|大幅|再|又|净)?"
    rf"(?:(?<![负少多])(?P<up>{_UP}|(?<=[同环]比)[增升涨])|(?P<down>{_DOWN}|(?<=[同环]比)[降跌减]))"
    r"(?:了|幅度?达)?)?"
    r"(?P<modifier>不超过|不高于|不少于|不低于|超过|超出|高于|多于|大于|(?<![赶反])超|逾|突破|"
    r"将近|接近|(?<![附最靠临邻新亲就])近|大约|约为|(?<![节合签预契条公相邀履违失特制简])约|"
    r"不到|不足|未满|低于|少于|至少|最少|最多|至多)?"
    # Not behind an amount of its own, and none that is changed into another: 1美元7元, 兑美元7.1.
    rf"(?:(?<![\d十百千万亿余多元兑对])(?P<code>{_CODE}))?\s*$"
)
_BEFORE_CHARS = 16
_MODIFIERS = {
    "more than": "超过 超出 高于 多于 大于 超 逾 突破",
    "nearly": "将近 接近 近",
    "about": "大约 约为 约",
    "less than": "不到 不足 未满 低于 少于",
    "at least": "至少 最少 不少于 不低于",
    "at most": "最多 至多 不超过 不高于",
}
_MODIFIER_OF = {word: said for said, words in _MODIFIERS.items() for word in words.split()}
_LETTER_CODES = ("RMB", "CNY", "USD", "EUR")
_BASES = {"同比": "year on year", "环比": "on the previous period", "": ""}

_HALF_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *map(ord, "％．：－～＄"))}
_HALF_WIDTH |= str.maketrans("∼〜", "~~")
_NUMBER = regex(r"(\d+(?:\.\d+)?)(?:%|pp)?")
# What tells that 20年 is a time of twenty years, behind it and before it.
_LASTS_BEHIND = regex(
    "以?来|间|时间|(?:之|以)?[内后前]|里|左右|以上|历史|历程|经验|时光|光阴|如一日"
)
_LASTS_BEFORE = regex(
    r"(?:达|历时|为期|连续|整整|满|持续|经过|过去|用[了时]?|花[了费]?|有着?|了|过|短短|时隔|今后|未来|"
    r"最近|以后|超过?|逾|至少|不到|不足|长约|\d[至到~-]|[一二三四五六七八九十][至到])(?:约|近|将近)?$"
)
_OLD_CALENDAR = regex("(?:农历|阴历|旧历|夏历)[^，。]{0,8}$|[一二三四五六七八九十元]年$")
_SCALES_ONLY = regex("[十百千万亿]+")
_CLOCK = regex(r"(?P<hour>\d+)[时点:](?:(?P<minute>\d+)|(?P<thirty>半))?")
_HALF_BEFORE = regex("(?:(?P<am>凌晨|清晨|早上|早晨|上午)|(?P<pm>下午|傍晚))\\s*$")
_TO = regex(r"\s*(?:[-–—~]{1,2}|至|到)\s*")
_DASHES = ("-", "−")
_MINUS = regex(r"(?:零下|(?:(?<![\d%℃\w.])|(?<=[至到]))[-−])$")
_SPELLED = regex(f"[{_DIGITS_ZH}]")


def quantities(text: str) -> list[Quantity]:
    """Return the quantities of a Chinese ``text`` in order; they do not overlap.

    Full-width and Traditional forms are read as well. Bare numbers are quantities without a
    unit. Numerals that may be part of a word (一个, 千万, 三峡) and vague ones (数十, 十几,
    五六十) are left out.
    """
    traditional = is_traditional(text)
    plain = to_simplified(text)
    if len(plain) != len(text):  # offsets would be wrong
        plain = text
    plain = plain.translate(_HALF_WIDTH)
    found: list[Quantity] = []
    for quantity in _read(plain):
        last = found[-1] if found else None
        if last and quantity.start < last.end:
            continue
        joined = _range(plain, last, quantity) if last else None
        if joined:
            found[-1] = joined
        elif not _follows_dash(plain, quantity):
            found.append(quantity)
    if traditional:
        found = [_as_in_taiwan(plain, quantity) for quantity in found]
    return found


def _follows_dash(text: str, quantity: Quantity) -> bool:
    """Return whether what stands before it is a minus or a dash: 收益-78万元."""
    return quantity.unit != "" and text[max(0, quantity.start - 1) : quantity.start] in _DASHES


def _as_in_taiwan(text: str, quantity: Quantity) -> Quantity:
    """Return what is certain of 元 and 斤 where they need not be those of the mainland."""
    if quantity.unit == JIN:
        return replace(quantity, unit=CATTIES)
    printed = text[quantity.start : quantity.end]
    if quantity.unit == "CNY" and not re.search("人民币|RMB|CNY", printed):
        return replace(quantity, unit=YUAN)
    return quantity


def _read(text: str) -> Iterator[Quantity]:
    """Yield the quantities of ``text`` one by one; neighbours may belong to one range."""
    same_place = groupby(figures(text), key=lambda figure: (figure.start, figure.end))
    groups = [(place, list(found)) for place, found in same_place]
    skip = -1
    for at, ((start, end), found) in enumerate(groups):
        if start < skip:
            continue
        values = [value for figure in found for value in figure.values]
        printed = text[start:end]
        if "年代" in printed or _is_shared(text, start):
            continue
        dated = _days(values)
        if any(value.startswith("---") for value in values):
            if printed[-1] == "日" and not re.match("[内以之夜均]", text[end:]):
                yield Quantity(start, end, Moment(day=int(printed[:-1])))
        elif dated:
            lunar = _SPELLED.match(printed) and _OLD_CALENDAR.search(
                text, max(0, start - 12), start
            )
            lunar = lunar or _LUNAR_DAY.match(text, end)
            counted = dated[0].day is None and _FIRST_MONTHS.search(text, max(0, start - 2), start)
            if "、" not in printed and not lunar and not counted:  # 3月4、5日 is no range
                upper = dated[1] if len(dated) > 1 else None
                yield Quantity(start, end, dated[0], upper=upper)
        elif any(value[0] == "t" for value in values):
            time = _time(text, start, end)
            if time:
                yield time
        else:
            number = _number(values, printed)
            if number is None:
                continue
            after = groups[at + 1] if at + 1 < len(groups) else None
            if after and after[0][0] == end and _is_scaled(printed, text[slice(*after[0])]):
                scale = _number([v for f in after[1] for v in f.values], "")
                number, end = EXACT.multiply(number, scale or Decimal(1)), after[0][1]
                skip = end
            quantity = _counted(text, start, end, number, found[0])
            if quantity:
                yield quantity


def _is_shared(text: str, start: int) -> bool:
    """Return whether the unit of the number at ``start`` is that of one before it too: 五到六万."""
    if text.startswith("百分之", start):
        return False
    pattern = _SHARED_SPELLED if _SPELLED.match(text, start) else _SHARED
    return pattern.search(text, max(0, start - _SHARED_CHARS), start) is not None


def _is_scaled(decimal: str, scale: str) -> bool:
    """Return whether 一点五 and 亿 are one numeral."""
    return "点" in decimal and _SCALES_ONLY.fullmatch(scale) is not None


def _days(values: list[str]) -> list[Moment]:
    """Return the days or months among ``values``, each with the year beside them."""
    years = [int(value) for value in values if value.isdigit() and len(value) == 4]
    year = years[0] if years else None
    found = []
    for value in values:
        if value.startswith("--") and value[2] != "-":
            month, _, day = value[2:].partition("-")
            found.append(Moment(year, int(month), int(day) if day else None))
    return found


def _time(text: str, start: int, end: int) -> Quantity | None:
    clock = _CLOCK.match(text, start, end)
    if not clock:
        return None
    minute = int(clock["minute"]) if clock["minute"] else 30 if clock["thirty"] else None
    hour = int(clock["hour"])
    before = _HALF_BEFORE.search(text, max(0, start - 4), start)
    if before is None and minute is None and "点" in text[start:end]:
        return None  # 9点建议: nine points
    half: Half = "" if before is None or hour > 12 else "a.m." if before["am"] else "p.m."
    moment = Moment(hour=hour, minute=minute, half=half)
    return Quantity(before.start() if before else start, end, moment)


def _number(values: list[str], printed: str) -> Decimal | None:
    """Return the one number among ``values``; that of a range as it shares the unit behind it."""
    numbers = [_NUMBER.fullmatch(value) for value in values]
    found = sorted(Decimal(number[1]) for number in numbers if number)
    return found[0] if found and "几" not in printed else None


def _counted(text: str, start: int, end: int, number: Decimal, figure: Figure) -> Quantity | None:
    """Return the number at ``start`` with the words around it; None where it may be a word."""
    printed = text[start:end]
    before = text[max(0, start - 1) : start]
    if before.isascii() and before.isalpha() and not text[:start].endswith(_LETTER_CODES):
        return None  # A12
    if re.match(r"/\d", text[end:]) or re.search(r"\d/$", text[:start][-2:]):
        return None  # 2/3
    behind = _BEHIND.match(text, end)
    assert behind is not None  # every part of it may be empty
    unit = _UNITS[behind["unit"]][0] if behind["unit"] else ""
    if printed.endswith("百分点"):
        unit = POINTS
    elif printed.startswith("百分之") or printed[-1] in "%％":
        unit = PER_CENT
    if not unit and re.match(r"[A-Za-z]|、\d", text[end:]):
        return None  # 约50Hz: a unit that is not known; 3、4亿: one that stands further on
    if printed.startswith("百分之") and _GOES_ON.match(text, end):
        return None  # 百分之二十到三十
    if before == "第" and number == int(number) and printed[0] not in "百千万亿":
        return Quantity(start - 1, end, number, ORDINAL)
    spelled = _SPELLED.match(printed) is not None and not printed.startswith("百分之")
    counted = bool(unit or behind["counted"])
    if spelled and not (counted and _is_quantity(text, start, printed, unit, figure)):
        return None
    if unit == "years" and _is_year(printed, number, behind):
        return Quantity(start, behind.end("unit"), Moment(year=int(number)))
    if unit == "years" and not _are_years(text, start, behind):
        return None
    if counted and _AND_MORE.match(text, max(behind.end("unit"), behind.end("counted"), end)):
        return None
    if behind["unit"] == "成":
        if len(printed) > 1:
            unit = ""
        else:
            number *= 10
    if unit == OF_PRICE:
        if number > 10:
            unit = ""
        number = EXACT.multiply(number, Decimal(10)) if unit else number
    if unit == DOUBLINGS and not re.search("翻了?$", text[:start]):
        unit = ""
    return _with_words(text, start, end, number, unit, behind)


def _with_words(
    text: str, start: int, end: int, number: Decimal, unit: str, behind: re.Match[str]
) -> Quantity | None:
    ends = [end, behind.end("vague")]
    if unit or behind["counted"]:
        ends += [behind.end("unit"), behind.end("counted"), behind.end("odd")]
    modifier = ""
    inside = re.search("[余多来]", text[start:end])
    vague = behind["vague"] or behind["odd"] or (inside[0] if inside else "")
    if vague:
        modifier = "about" if vague == "来" else "more than"
    if behind["bound"] and (unit in _DURATIONS or behind["bound"] != "内"):
        modifier = modifier or _BOUNDS.get(behind["bound"].lstrip("及或"), "within")
        ends.append(behind.end("bound"))
    minus = _MINUS.search(text, max(0, start - 3), start)
    if minus and unit:
        number, start = -number, minus.start()
    before = _BEFORE.search(text, max(0, start - _BEFORE_CHARS), start)
    if before and before["code"] and (behind["counted"] or unit not in ("", "CNY")):
        before = None  # 美元5%: no amount of money
    trend = basis = ""
    if before:
        word = before["modifier"] or ""
        if word == "近" and unit in _DURATIONS:
            return None  # 近3年 is the last three years, or nearly three
        said = _MODIFIER_OF.get(word, "")
        code = before["code"] or ""
        if code:
            unit = _CODES[code]
        if unit in _COMPARED and (before["up"] or before["down"]):
            trend = "up" if before["up"] else "down"
            basis = _BASES[before["basis"] or ""]
            start = before.start()
        elif said:
            start = before.start("modifier")
        elif code:
            start = before.start("code")
        modifier = said or modifier
    if unit == DOUBLINGS:
        start = text.rindex("翻", 0, start)
    return Quantity(start, max(ends), number, unit, modifier, None, trend, basis)


def _is_quantity(text: str, start: int, printed: str, unit: str, figure: Figure) -> bool:
    """Return whether a numeral in Chinese characters is a number here, not part of a word."""
    if printed[0] in "百千万亿":
        return False
    if printed[0] == "十" and text[start - 1 : start] and text[start - 1] in "几数上成好":
        return False
    if text[start + len(printed) :].startswith(("几", "周")) or printed == "一":
        return False  # 四周: all around
    if printed == "两" and unit in _DURATIONS and re.search("[这那前近头后]$", text[:start]):
        return False  # 这两天: these days
    if len(printed) > 1 and not re.search("[十百千万亿点]", printed) and len(printed) != 4:
        return False  # 两三天
    return figure.firm or bool(unit)


def _is_year(printed: str, number: Decimal, behind: re.Match[str]) -> bool:
    plain = not (behind["vague"] or behind["odd"] or behind["bound"])
    return plain and len(printed) == 4 and 1000 <= number < 3000 and "千" not in printed


def _are_years(text: str, start: int, behind: re.Match[str]) -> bool:
    """Return whether a short number before 年 counts years: 468年 and 永初五年 may name one."""
    if behind["vague"] or behind["odd"]:
        return True
    if text[:start].endswith("前"):
        return False  # 公元前591年
    after = text[behind.end() :]
    return bool(_LASTS_BEHIND.match(after) or _LASTS_BEFORE.search(text, max(0, start - 8), start))


def _range(text: str, low: Quantity, high: Quantity) -> Quantity | None:
    """Return the range from ``low`` to ``high`` if it is printed as one."""
    if low.upper or high.upper or not _TO.fullmatch(text, low.end, high.start):
        return None
    if high.modifier in ("more than", "nearly", "about") and text[high.start] not in "0123456789":
        return None
    first, last = low.value, high.value
    if isinstance(last, Moment):
        if isinstance(first, Decimal) and not low.unit:
            if last.month and not last.day and 1 <= first <= 12 and low.end - low.start <= 2:
                first = Moment(last.year, int(first))
            elif last == Moment(year=last.year) and 1000 <= first < 3000:
                first = Moment(year=int(first))
            else:
                return None
        if isinstance(first, Decimal) or _grain(last) not in (_grain(first), _grain(first)[1:]):
            return None
        return replace(low, value=first, end=high.end, upper=last)
    if isinstance(first, Moment) or (low.trend and high.trend):
        return None
    if low.unit not in ("", high.unit) or low.unit == ORDINAL or high.unit == ORDINAL:
        return None
    scaled = _scaled_alike(text, low, high, first, last)
    if scaled >= last:
        return None
    return replace(
        high, start=low.start, value=scaled, upper=last, modifier=low.modifier or high.modifier,
        trend=low.trend, basis=low.basis,
    )  # fmt: skip


def _scaled_alike(
    text: str, low: Quantity, high: Quantity, first: Decimal, last: Decimal
) -> Decimal:
    """Return the lower bound with the 万 or 成 of the upper one where it has none: 3至5万."""
    if low.unit or re.search("[十百千万亿]", text[low.start : low.end]):
        return first
    if re.search("[成折]", text[high.start : high.end]):
        return first * 10
    scale = re.search(r"\d[余多来]?([十百千万亿]+)", text[high.start : high.end])
    if not scale:
        return first
    shared = figures(f"{first}{scale[1]}")
    (value,) = shared[0].values
    return Decimal(value) if Decimal(value) < last else first


def _grain(moment: Moment) -> tuple[str, ...]:
    return tuple(n for n in ("year", "month", "day", "hour") if getattr(moment, n) is not None)
