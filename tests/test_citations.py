"""Markers and figures are read in every form that models and newspapers write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.numbers import figures, numbers_in, unproved
from index.types import Article, Chunk
from rag.citations import (
    Marker,
    best_quote,
    markers,
    normalise_markers,
    proved_by,
    read_markers,
    render,
    statements,
)
from rag.types import Passage
from tests.fakes import article_of, newspaper, page_of

PAGE = (
    "友城\n"
    "目前我市友城数量从24国38城增至31国51城,居全省县级市前列。"
    "5月15日至17日,展会吸引采购商58092人次,同比增长4.7%。"
    "成交额共计1.4975亿元,培训已吸引千余名青年参与。\n"
)


def passage(text: str = PAGE, date: str | None = "2026-05-18") -> Passage:
    lines = text.splitlines(keepends=True)
    article = article_of(page_of("a.txt", text), lines[0].strip(), *lines[1:], date=date)
    return Passage(Chunk("c", article, 0, len(article.body.text)), 1.0)


# Markers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("共51城[1]。", [1]),
        ("共51城【1】居前列", [1]),
        ("共51城［１］。", [1]),
        ("共51城〔1〕。", [1]),
        ("51 cities [1][2].", [1, 2]),
        ("51 cities [1, 2].", [1, 2]),
        ("共51城[1、2]、[3，4]。", [1, 2, 3, 4]),
        ("共51城【1†source】。", [1]),
        ("共51城[来源 3]。", [3]),
        ("51 cities [^2] and [Passage 4]", [2, 4]),
        ("浙政发〔2026〕15号", []),
        ("in [2026] and [sic] and []", []),
        ("", []),
    ],
)
def test_a_marker_is_read_however_it_is_written(text: str, numbers: list[int]) -> None:
    assert markers(text) == numbers


def test_markers_are_rewritten_in_one_form() -> None:
    assert normalise_markers("共51城【１】,增长［2、3］。见〔2026〕15号") == (
        "共51城[1],增长[2][3]。见〔2026〕15号"
    )


def test_unknown_numbers_are_reported_and_removed() -> None:
    plain, found, unknown = read_markers("A [1]. B [7][0]. C [12, 2].", count=2)

    assert plain == "A. B. C."
    assert [marker.n for marker in found] == [1, 2]
    assert unknown == (7, 0, 12)
    assert normalise_markers("A [1]. B [7].", count=2) == "A [1]. B."


def test_a_marker_stands_once_at_a_place() -> None:
    found = [Marker(1, 1, False), Marker(1, 1, False), Marker(1, 2, False), Marker(3, 2, True)]
    assert render("好。行。", found) == "好[1][2]。行 [2]。"


def test_an_abbreviation_ends_no_sentence_but_that_of_its_line() -> None:
    for text, parts in (
        ("Good. The Co. opened.", ["Good. ", "The Co. opened."]),
        ("Good.\nThe Co. opened.", ["Good.\n", "The Co. opened."]),
        ("The Co.\nGood.", ["The Co.\n", "Good."]),
    ):
        assert [part.text for part in statements(text, ())] == parts


def test_a_link_target_behind_a_marker_goes_with_it() -> None:
    assert normalise_markers("A [1](https://example.org/x?y=1).") == "A [1]."
    assert normalise_markers("共51城[1](见图)。") == "共51城[1](见图)。"


@given(st.text(alphabet="a中。. \n[]【】［］〔〕(1２，,、9)", max_size=60))
def test_any_text_can_be_rewritten(text: str) -> None:
    plain, found, _ = read_markers(text)
    once = normalise_markers(text)
    assert once == render(plain, found)
    assert {marker.n for marker in found} <= set(markers(once))


@given(
    st.lists(st.integers(1, 999), min_size=1, max_size=5),
    st.sampled_from(["[{}]", "【{}】", "［{}］", "〔{}〕"]),
    st.sampled_from([",", "、", "，", ", "]),
    st.booleans(),
)
def test_any_bracket_and_width_gives_the_same_numbers(
    numbers: list[int], bracket: str, comma: str, wide: bool
) -> None:
    inside = comma.join(map(str, numbers))
    if wide:
        inside = inside.translate({48 + n: 0xFF10 + n for n in range(10)})
    assert markers(f"友城{bracket.format(inside)}居前列") == numbers


# Statements


def claims(text: str) -> list[tuple[str, tuple[int, ...]]]:
    plain, found, _ = read_markers(text)
    return [(statement.claim, statement.numbers) for statement in statements(plain, found)]


def test_a_marker_behind_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert claims("共51城。[1]展会有58092人次[2]。") == [
        ("共51城。", (1,)),
        ("展会有58092人次。", (2,)),
    ]
    assert claims("It has 51. [1] It grew [2][1][2].") == [
        ("It has 51.", (1,)),
        ("It grew.", (2, 1)),
    ]


def test_a_list_item_is_a_statement_without_its_number() -> None:
    assert claims("1. 共51城 [1]\n- 58092人次 [2]\n（3）完 [3]") == [
        ("共51城", (1,)),
        ("58092人次", (2,)),
        ("完", (3,)),
    ]


def test_an_abbreviation_ends_no_statement() -> None:
    assert claims("Mr. Gong of Yiwu Toys Co. Ltd. came at 9 a.m. today [1]. He left.") == [
        ("Mr. Gong of Yiwu Toys Co. Ltd. came at 9 a.m. today.", (1,)),
        ("He left.", ()),
    ]


@given(st.text(alphabet="a中。. \n[]【】12", max_size=60))
def test_the_statements_cover_the_text_and_keep_every_marker(text: str) -> None:
    plain, found, _ = read_markers(text)
    parts = statements(plain, found)
    assert "".join(part.text for part in parts) == plain
    if plain:
        assert "".join(render(part.text, part.markers) for part in parts) == render(plain, found)


# Figures


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("58,092", "58092"),
        ("58092", "５８，０９２"),
        ("1.4975亿", "149.75 million"),
        ("1.4975亿", "149750000"),
        ("1.2万", "12,000"),
        ("90亿元", "9 billion yuan"),
        ("1.5万亿", "1.5 trillion"),
        ("3亿2000万", "320 million"),
        ("3000余万", "30 million"),
        ("20万千瓦", "200 thousand kilowatts"),
        ("超亿元", "100 million"),
        ("千余名", "1,000"),
        ("百余个", "one hundred"),
        ("二十", "20"),
        ("一百零五", "105"),
        ("三千五", "3500"),
        ("二〇二六年", "2026"),
        ("十四五", "the 14th five-year plan"),
        ("三轮", "three rounds"),
        ("15.3%", "15.3 per cent"),
        ("百分之十五点三", "15.3％"),
        ("1.2个百分点", "1.2 percentage points"),
        ("5月15日", "May 15"),
        ("5月15日", "15th of May"),
        ("5月15日至17日", "May 15-17"),
        ("5月15日,17日", "May 17"),
        ("2026年5月15日", "2026-05-15"),
        ("十二月三十一日", "Dec. 31"),
        ("5月15日", "in May"),
        ("上世纪80年代", "the 1980s"),
        ("下午2时30分", "2:30 p.m."),
        ("14:30", "2:30 PM"),
        ("3至5万", "30,000 to 50,000"),
        ("3%-5%", "3-5%"),
        ("億", "亿"),
    ],
)
def test_a_figure_proves_its_other_spelling(one: str, other: str) -> None:
    assert figures(other)
    assert not unproved(other, numbers_in(one))


@pytest.mark.parametrize(
    ("printed", "stated"),
    [
        ("4.7%", "4.7"),
        ("4.7", "4.7%"),
        ("4.7%", "4.7 percentage points"),
        ("1.5亿", "1.5"),
        ("1.5亿", "1.5 billion"),
        ("90亿元", "90 billion"),
        ("58092", "58,093"),
        ("158092", "58092"),
        ("1.4975亿", "1.5亿"),
        ("5月15日", "15 companies"),
        ("5月15日", "May 16"),
        ("5月15日", "June 15"),
        ("2025年", "2026年"),
        ("三家", "四家"),
        ("三轮", "four rounds"),
        ("9:30", "9:45"),
        ("二十", "twenty-one"),
    ],
)
def test_a_figure_does_not_prove_another(printed: str, stated: str) -> None:
    assert unproved(stated, numbers_in(printed))


@pytest.mark.parametrize(
    "text", ["三峡 一个 万一 十分重要 千万不要", "one of the two sides may march on", "C919 B2B"]
)
def test_idioms_and_names_ask_for_no_proof(text: str) -> None:
    assert not unproved(text, frozenset())


def test_unproved_figures_are_returned_as_written() -> None:
    assert unproved("共５１城，增长９．９％。", numbers_in("51")) == ["９．９％"]


def test_the_date_of_issue_makes_yesterday_a_day() -> None:
    proved = numbers_in("昨日开幕,17日闭幕", "2026-06-01")
    assert not unproved("May 31, June 17", proved)
    assert unproved("May 30", proved)
    assert unproved("May 31", numbers_in("昨日开幕", "not a date"))


@given(st.integers(0, 10**30), st.integers(0, 4))
def test_an_amount_is_exact_in_every_spelling(amount: int, places: int) -> None:
    value = Decimal(amount).scaleb(-places, None) if amount < 10**20 else Decimal(amount)
    plain = f"{value:f}"
    exact = numbers_in(f"[{value:,f}]")
    assert numbers_in(f"[{plain}]") == exact
    wide = plain.translate({**{48 + n: 0xFF10 + n for n in range(10)}, 46: "．"})
    assert numbers_in(wide) == exact
    in_yi = numbers_in(f"{plain}亿元")
    assert numbers_in(f"{plain}00 million") == in_yi or "." in plain
    assert numbers_in(f"{plain} billion") == numbers_in(f"{value * 10:f}亿") or amount >= 10**20


def in_chinese(number: int) -> str:
    """Return the Chinese numeral of 1 to 99,999,999, written the long way."""

    def below_ten_thousand(rest: int, inner: bool) -> str:
        text, gap = "", inner and rest < 1000
        for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit, rest = divmod(rest, unit)
            if digit:
                text += ("零" if gap else "") + "零一二三四五六七八九"[digit] + name
                gap = False
            else:
                gap = gap or bool(text)
        return text

    high, low = divmod(number, 10_000)
    text = below_ten_thousand(high, inner=False) + "万" if high else ""
    return text + (below_ten_thousand(low, inner=bool(high)) if low else "")


@given(st.integers(1, 99_999_999))
def test_a_chinese_numeral_is_its_number(number: int) -> None:
    assert str(number) in numbers_in(in_chinese(number))


@given(st.integers(1, 12), st.integers(1, 31))
def test_a_day_is_the_same_day_in_both_languages(month: int, day: int) -> None:
    name = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[month - 1]
    assert numbers_in(f"{month}月{day}日") == numbers_in(f"{name} {day}")
    assert numbers_in(f"{month}月{day}日") == numbers_in(
        f"{in_chinese(month)}月{in_chinese(day)}日"
    )


@given(
    st.text(max_size=80)
    | st.text(alphabet="0１９.,:-/年月日点时半分%百分之十亿万〇零两几May pm", max_size=40)
)
def test_any_text_is_read_and_proves_its_own_figures(text: str) -> None:
    found = figures(text)
    assert all(0 <= figure.start < figure.end <= len(text) for figure in found)
    assert not unproved(text, numbers_in(text))


# Quotes


def test_the_quote_is_the_sentence_that_holds_the_figures() -> None:
    quote = best_quote("Buyers came 58,092 times, up 4.7%.", passage())

    assert quote.text == "5月15日至17日,展会吸引采购商58092人次,同比增长4.7%。"
    assert "".join(PAGE[span.start : span.end] for span in quote.spans) == quote.text


def test_the_quote_is_the_sentence_that_shares_the_words() -> None:
    assert best_quote("友城数量居全省县级市前列", passage()).text.startswith("目前我市友城")


def test_a_quote_spans_sentences_where_the_figures_do() -> None:
    quote = best_quote("58,092 visits and 149.75 million yuan", passage())

    assert quote.text.startswith("5月15日")
    assert quote.text.endswith("参与。")


def test_words_and_figures_are_found_in_as_few_sentences_as_hold_them() -> None:
    printed = passage(
        "题\n大桥通车了。灯会周五开幕。茶农采茶。票价8元。共9天。来了10人。有11家。第12届。"
    )
    for statement, quote in (
        ("灯会周五开幕", "灯会周五开幕。"),
        ("灯会周五开幕，茶农采茶", "灯会周五开幕。茶农采茶。"),
        ("票价8元，共9天，来了10人，有11家", "票价8元。共9天。来了10人。有11家。"),
        ("8元、9天、10人、11家、12届", "票价8元。共9天。来了10人。有11家。"),  # four at most
        ("大桥通车", "大桥通车了。"),
    ):
        assert best_quote(statement, printed).text == quote


def test_without_any_signal_the_whole_passage_is_quoted() -> None:
    assert best_quote("Many friends abroad", passage()).text == PAGE.split("\n")[1]


def test_likeness_finds_the_sentence_across_languages() -> None:
    def like_buyers(_: str, texts: object) -> list[float]:
        return [0.9 if "采购商" in text else 0.1 for text in list(texts)]  # type: ignore[call-overload]

    quote = best_quote("Many buyers came", passage(), like_buyers)
    assert quote.text.startswith("5月15日")
    assert quote.text.endswith("4.7%。")


def test_every_quote_of_the_small_newspaper_is_verbatim() -> None:
    paper = newspaper()
    for chunk in paper.chunks:
        quote = best_quote("义乌 58092人次", Passage(chunk, 1.0))
        page = paper.pages[chunk.article.file].text
        assert quote.text == "".join(page[span.start : span.end] for span in quote.spans)
        assert quote.text in chunk.excerpt.text


def test_headline_and_date_prove_figures_too() -> None:
    article: Article = newspaper().articles["fair.txt#1"]
    whole = Passage(Chunk("c", article, 0, len(article.body.text)), 1.0)

    proved = proved_by([whole])
    assert not unproved("The 20th fair, near 150 million yuan, closed on May 11, 2026", proved)
    assert unproved("The 21st fair", proved)
