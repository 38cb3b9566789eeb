"""Printed quantities, in English and back, exactly."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.in_english import conversions, from_english, in_english
from rag.quantities import Moment, quantities

MIXED = "0123456789.,%十百千万亿两一三点月日时年元人亩倍余多近超约至-第折成翻番个以上下内 A"
DIGITS = "零一二三四五六七八九"


def said(text: str) -> list[tuple[str, str]]:
    return [(text[q.start : q.end], in_english(q)) for q in quantities(text)]


@pytest.mark.parametrize(
    ("printed", "english"),
    [
        ("1.4975亿元", "CNY 149.75 million"),
        ("1550亿元", "CNY 155 billion"),
        ("1.5万亿元", "CNY 1.5 trillion"),
        ("31.4亿美元", "USD 3.14 billion"),
        ("人民币1.5亿元", "CNY 150 million"),
        ("1.4975亿元人民币", "CNY 149.75 million"),
        ("港币300万元", "HKD 3 million"),
        ("港币5亿元", "HKD 500 million"),
        ("日元500万元", "JPY 5 million"),
        ("欧元2亿", "EUR 200 million"),
        ("超过美元300万", "more than USD 3 million"),
        ("1岁", "1 year old"),
        ("58092人次", "58,092 person-times"),
        ("51292标箱", "51,292 TEU"),
        ("53.16万平方米", "531,600 m²"),
        ("12公里", "12 km"),
        ("20万千瓦", "200,000 kW"),
        ("约50GWh", "about 50 GWh"),
        ("300亩", "300 mu (20 ha)"),
        ("100亩", "100 mu (about 6.67 ha)"),
        ("9000余斤", "more than 9,000 jin (4,500 kg)"),
        ("1.5万余列", "more than 15,000"),
        ("950余万元", "more than CNY 9.5 million"),
        ("十来个", "about 10"),
        ("1.2个百分点", "1.2 percentage points"),
        ("百分之三点五", "3.5%"),
        ("三成以上", "30% or more"),
        ("8折", "80% of the price"),
        ("翻两番", "2 doublings (4 times as much)"),
        ("增长3倍", "up 3 times"),
        ("提升了1倍", "up 1 time (doubled)"),
        ("同比增长4.7%", "up 4.7% year on year"),
        ("环比下降3%", "down 3% on the previous period"),
        ("同比增长约31.42%", "up about 31.42% year on year"),
        ("超1.5万列", "more than 15,000"),
        ("不到5%", "less than 5%"),
        ("近3万人", "nearly 30,000 people"),
        ("不少于60天", "at least 60 days"),
        ("20天左右", "about 20 days"),
        ("18天内", "within 18 days"),
        ("60岁上下", "about 60 years old"),
        ("60岁及以上", "60 years old or more"),
        ("5%以下", "5% or less"),
        ("3个月之内", "within 3 months"),
        ("40多年", "more than 40 years"),
        ("3至5万元", "CNY 30,000 to 50,000"),
        ("3000-5000元", "CNY 3,000 to 5,000"),
        ("3%～5%", "3% to 5%"),
        ("2到3个月", "2 to 3 months"),
        ("3至5成", "30% to 50%"),
        ("7到8折", "70% to 80% of the price"),
        ("-5℃至-1℃", "-5 to -1 °C"),
        ("百分之二十到百分之三十", "20% to 30%"),
        ("三亿元至五亿元", "CNY 300 million to 500 million"),
        ("1至4月", "January to April"),
        ("2026至2028年", "the years 2026 to 2028"),
        ("3月4日", "March 4"),
        ("七八月份", "July to August"),
        ("2023年十一二月", "November 2023 to December 2023"),
        ("五月十一二日", "May 11 to May 12"),
        ("十二月二十三日", "December 23"),
        ("2025年5月27日", "May 27, 2025"),
        ("2025年1月至12月", "January 2025 to December"),
        ("5月22日至24日", "May 22 to May 24"),
        ("上午9时30分", "9:30 a.m."),
        ("下午3时", "3 p.m."),
        ("下午  3时", "3 p.m."),
        ("３．５万元", "CNY 35,000"),
        ("三百二十万元", "CNY 3.2 million"),
        ("一点五亿元", "CNY 150 million"),
        ("零下5℃", "-5 °C"),
        ("第三", "3rd"),
    ],
)
def test_a_quantity_is_said_in_english_from_its_first_word_to_its_last(
    printed: str, english: str
) -> None:
    assert said(printed) == [(printed, english)]


@pytest.mark.parametrize(
    "text",
    ["一个", "千亿元产业", "数十家", "上百万元", "十几家", "两三天", "五六十人", "近3年", "三峡",
     "30日内", "约50Hz", "晚上9点建议", "A12万", "80年代", "四季"],
)  # fmt: skip
def test_a_word_and_a_vague_figure_are_no_quantity(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("3元旦", ""),
        ("3天津人", ""),
        ("5人民币", "CNY"),
        ("3人均", ""),
        ("2米饭", ""),
        ("6年级", ""),
    ],
)
def test_a_unit_is_not_the_beginning_of_another_word(text: str, unit: str) -> None:
    assert [quantity.unit for quantity in quantities(text)] == [unit]


@pytest.mark.parametrize("text", ["签约5000万元", "节约5000万元", "附近30家", "反超20分"])
def test_a_modifier_is_not_the_end_of_another_word(text: str) -> None:
    assert [quantity.modifier for quantity in quantities(text)] == [""]


def test_only_the_figure_that_a_comparison_stands_before_is_compared() -> None:
    text = "出口、进口同比、环比分别增长4.7%、5%"
    assert said(text) == [("分别增长4.7%", "up 4.7%"), ("5%", "5%")]


@pytest.mark.parametrize(
    "text",
    ["增长三成五", "三成半", "增长三倍半", "两天半", "3小时半", "3个半小时", "两个半月", "3年半来"],
)
def test_what_a_half_or_a_tenth_follows_is_not_said_without_it(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    ["五到六万元", "三到五倍", "七至八成", "百分之二十到三十", "百分之三、四",
     "五—六万元", "三万至五万元", "3、4亿元", "三、四亿元", "5、6月",
     "七、八月", "一至四月", "三至五年来", "几十至500人", "3.5、4%"],
)  # fmt: skip
def test_a_range_or_a_list_that_shares_a_unit_is_not_said_by_one_end(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    "text", ["三元五角", "三斤五两", "五月初五", "五月廿三", "首4月", "前4月", "首1至4月"]
)
def test_a_tail_a_lunar_day_and_the_first_months_leave_nothing_to_say(text: str) -> None:
    assert said(text) == []


def test_a_part_is_not_said_for_the_whole_but_what_stands_beside_it_is() -> None:
    assert said("3元5角") == [("5", "5")]
    assert said("身高1米75，") == [("75", "75")]
    assert said("零下5至10℃") == [("5", "5")]
    assert said("100米9.8秒") == [("100米", "100 metres"), ("9.8秒", "9.8 seconds")]
    assert said("2小时30分钟") == [("2小时", "2 hours"), ("30分钟", "30 minutes")]
    assert said("二、300亩") == [("300亩", "300 mu (20 ha)")]
    assert said("此前4月27日") == [("4月27日", "April 27")]
    assert said("增长20%、30%") == [("增长20%", "up 20%"), ("30%", "30%")]


def test_a_half_of_another_word_takes_nothing_away() -> None:
    assert said("3家半导体企业") == [("3家", "3")]
    assert said("2025半年报") == [("2025", "2,025")]
    assert said("上午9点半") == [("上午9点半", "9:30 a.m.")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1美元7元", ["USD 1", "CNY 7"]),
        ("人民币兑美元7.1", ["7.1"]),
        ("人民币5%", ["5%"]),
        ("港币300万美元", ["USD 3 million"]),
        ("100万元人民币300份", ["CNY 1 million", "300"]),
    ],
)
def test_a_currency_before_another_amount_is_not_its_own(text: str, found: list[str]) -> None:
    assert [english for _, english in said(text)] == found


def test_negative_growth_is_not_up() -> None:
    assert said("负增长5%") == [("5%", "5%")]


def test_a_minus_counts_where_it_can_be_nothing_else() -> None:
    assert said("净利润，-78.2万元") == [("-78.2万元", "CNY -782,000")]
    assert said("投资收益-78.2万元") == []


def test_a_bare_day_has_no_month_and_a_fraction_is_no_number() -> None:
    assert said("7月开工，10日竣工") == [("7月", "July"), ("10日", "the 10th")]
    assert said("约2/3") == []
    assert said("这两天") == []


@pytest.mark.parametrize(
    "text",
    [
        "468年起",
        "永初五年，",
        "康熙二十一年五月",
        "农历五月",
        "四周都是水",
        "25年的计划",
        "前591年间",
    ],
)
def test_a_year_of_a_reign_and_a_lunar_month_are_no_quantity(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize("text", ["20年来", "为期20年", "20年间", "连续20年", "20年后", "超20年"])
def test_years_are_counted_where_the_words_around_them_say_so(text: str) -> None:
    ((_, english),) = said(text)
    assert english.endswith("20 years")


def test_a_year_is_one_before_3000() -> None:
    assert said("2999年") == [("2999年", "the year 2999")]
    assert said("3000年") == []


def test_days_that_are_listed_are_no_range() -> None:
    assert said("3月4、5日") == []
    assert said("十三月") == said("九九月") == []


@pytest.mark.parametrize(
    ("printed", "english"),
    [
        ("近3至5人", "nearly 3 to 5 people"),
        ("3至5余人", "more than 3 to 5 people"),
        ("3人至5万人", "3 to 50,000 people"),
        ("同比增长3%至5%", "up 3% to 5% year on year"),
        ("1000至2026年", "the years 1000 to 2026"),
        ("1月至４月", "January to April"),
    ],
)
def test_a_range_has_what_either_end_says(printed: str, english: str) -> None:
    assert said(printed) == [(printed, english)]
    assert said(f"来了8人，{printed}") == [("8人", "8 people"), (printed, english)]


def test_a_half_and_what_stands_before_an_hour_belong_to_it() -> None:
    assert said("上午9点半") == [("上午9点半", "9:30 a.m.")]
    assert said("下午  3点20分") == [("下午  3点20分", "3:20 p.m.")]
    assert said("下午   3点20分") == [("3点20分", "3:20")]
    assert said("下午12点20分") == [("下午12点20分", "12:20 p.m.")]
    assert said("下午13点20分") == [("下午13点20分", "13:20")]
    assert said("5月3日9点20分") == [("5月3日", "May 3"), ("9点20分", "9:20")]


@pytest.mark.parametrize("digit", range(1, 10))
def test_full_width_digits_are_digits(digit: int) -> None:
    assert said(f"{chr(0xFF10 + digit)}０％") == [(f"{chr(0xFF10 + digit)}０％", f"{digit}0%")]


def test_a_discount_is_of_ten_parts_at_most() -> None:
    assert said("8.5折") == [("8.5折", "85% of the price")]
    assert said("10折") == [("10折", "100% of the price")]
    assert said("11折") == [("11", "11")]


def test_a_range_grows() -> None:
    assert said("12至2026年") == [("12", "12"), ("2026年", "the year 2026")]
    assert said("增长3%至下降5%") == [("增长3%", "up 3%"), ("下降5%", "down 5%")]
    assert said("3至5人") == [("3至5人", "3 to 5 people")]
    assert said("5至5人") == [("5", "5"), ("5人", "5 people")]
    assert said("5至3人") == [("5", "5"), ("3人", "3 people")]


def test_a_number_before_a_month_is_one_only_up_to_twelve() -> None:
    assert said("12至4月") == [("12至4月", "December to April")]
    assert said("1至十二月") == [("1至十二月", "January to December")]
    assert said("12至一月") == [("12至一月", "December to January")]
    assert said("001至四月") == [("001", "1"), ("四月", "April")]
    assert said("13至四月") == [("13", "13"), ("四月", "April")]
    assert said("01至4月") == [("01至4月", "January to April")]
    assert said("00至4月") == [("00", "0"), ("4月", "April")]
    assert said("13至4月") == [("13", "13"), ("4月", "April")]


def test_the_yuan_of_a_traditional_text_need_not_be_those_of_the_mainland() -> None:
    assert said("總額達3.5億元") == [("3.5億元", "350 million yuan")]
    assert said("總額達人民幣3.5億元") == [("人民幣3.5億元", "CNY 350 million")]
    assert said("產量達20斤") == [("20斤", "20 catties")]


def test_a_sentence_gives_its_conversions_and_leaves_out_what_reads_the_same() -> None:
    sentence = "2025年3月4日，639家企业到会，2.2万人次参观，第20届成交1.4975亿元，增速4.7%。"
    assert conversions(sentence) == [
        ("2025年3月4日", "March 4, 2025"),
        ("2.2万人次", "22,000 person-times"),
        ("1.4975亿元", "CNY 149.75 million"),
    ]


# Both ways, for any value


def in_chinese_numerals(number: int) -> str:
    """Write ``number`` below 10**12 as a Chinese would: 一万零二百."""
    if number == 0:
        return DIGITS[0]
    parts: list[str] = []
    for name, size in (("亿", 10**8), ("万", 10**4), ("", 1)):
        section, number = divmod(number, size)
        if not section:
            continue
        if parts and section < 1000:
            parts.append("零")
        parts.append(_section(section) + name)
    return "".join(parts).replace("零零", "零")


def _section(number: int) -> str:
    written = ""
    for name, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, size)
        if digit:
            written += DIGITS[digit] + name
        elif written and not written.endswith("零") and number:
            written += "零"
    return written


def assert_both_ways(printed: str, *values: Decimal | Moment) -> None:
    (quantity,) = quantities(printed)
    assert (quantity.start, quantity.end) == (0, len(printed))
    assert tuple(v for v in (quantity.value, quantity.upper) if v is not None) == values
    assert from_english(in_english(quantity)) == values


numbers = st.decimals("0.0001", "999999", places=4).map(lambda d: d.normalize())
units = st.sampled_from(["元", "美元", "亩", "公顷", "平方米", "公里", "米", "吨", "标箱", "人次",
                         "户", "个", "家", "天", "倍", "斤"])  # fmt: skip


@given(numbers, st.sampled_from(["", "万", "亿", "万亿"]), units)
def test_digits_with_any_scale_and_unit_come_back(number: Decimal, scale: str, unit: str) -> None:
    size = {"": 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}[scale]
    assert_both_ways(f"{number:f}{scale}{unit}", number * size)


@given(st.integers(2, 10**12 - 1), st.sampled_from(["元", "人次", "公里", "吨"]))
def test_chinese_numerals_come_back(number: int, unit: str) -> None:
    assert_both_ways(f"{in_chinese_numerals(number)}{unit}", Decimal(number))


@given(st.integers(0, 10**8), st.integers(1, 9), st.sampled_from(["万", "亿"]))
def test_a_chinese_decimal_with_a_scale_comes_back(whole: int, tenth: int, scale: str) -> None:
    size = {"万": 10**4, "亿": 10**8}[scale]
    printed = f"{in_chinese_numerals(whole % 1000)}点{DIGITS[tenth]}{scale}元"
    assert_both_ways(printed, (whole % 1000 + Decimal(tenth) / 10) * size)


@given(numbers, st.sampled_from(["%", "个百分点"]))
def test_percentages_come_back(number: Decimal, unit: str) -> None:
    assert_both_ways(f"同比下降{number:f}{unit}", number)


@given(numbers, numbers, st.sampled_from(["万", "亿"]), st.sampled_from("至到-~—"))
def test_ranges_come_back(first: Decimal, second: Decimal, scale: str, to: str) -> None:
    low, high = sorted((first, second))
    if low < high:
        size = {"万": 10**4, "亿": 10**8}[scale]
        assert_both_ways(f"{low:f}{to}{high:f}{scale}元", low * size, high * size)


@given(st.dates())
def test_days_come_back(day: object) -> None:
    year, month, number = (int(part) for part in str(day).split("-"))
    assert_both_ways(f"{month}月{number}日", Moment(None, month, number))
    if year >= 1000:
        assert_both_ways(f"{year}年{month}月{number}日", Moment(year, month, number))


@given(st.integers(0, 24), st.integers(0, 59))
def test_times_come_back(hour: int, minute: int) -> None:
    assert_both_ways(f"{hour}时{minute:02}分", Moment(hour=hour, minute=minute))
    if hour <= 12:
        assert_both_ways(f"下午{hour}时", Moment(hour=hour, half="p.m."))


@given(st.text(alphabet=MIXED))
def test_any_text_has_quantities_in_order_that_can_be_said(text: str) -> None:
    found = quantities(text)
    for one, other in pairwise(found):
        assert one.end <= other.start
    for quantity in found:
        assert text[quantity.start : quantity.end].strip()
        assert from_english(in_english(quantity))[:1] == (quantity.value,)


@given(st.text(st.characters(categories=["L", "N", "P", "Z", "S", "C"])))
def test_any_character_may_stand_in_the_text(text: str) -> None:
    for quantity in quantities(text):
        assert in_english(quantity)


few_digits = st.text("一二三四五六七八九十", min_size=1, max_size=3)


@given(
    few_digits, few_digits, st.sampled_from(["{}月", "{}月份", "{}月{}日", "2026年{}月{}至{}日"])
)
def test_no_month_and_no_day_is_beyond_the_calendar(one: str, other: str, form: str) -> None:
    assert all(english for _, english in said(form.format(one, other, one)))
