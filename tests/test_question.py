"""The language of a question, and what a follow-up takes from the conversation."""

from dataclasses import replace

import pytest

from index.types import CorpusError
from rag.filters import filters_from
from rag.question import (
    MAX_QUESTION_CHARS,
    asks_for_adverts,
    language_of,
    leans_on_context,
    understand,
    wants_adverts,
)
from rag.types import Question


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("第20届文旅博览会来了多少采购商？", "zh"),
        ("義烏全球數貿中心有什麼？", "zh"),
        ("Chinagoods是什么平台？", "zh"),
        ("Yiwu Selection品牌集合店落地了几家", "zh"),
        ("How many buyers came to the culture and tourism fair?", "en"),
        ("What is the 浙智巡 inspection system?", "en"),
        ("义新欧 trains since 2014", "en"),
        ("1.4975？", "zh"),
        ("Elon Musk是谁", "zh"),
        ("iPhone 17 Pro Max多少钱", "zh"),
        ("Apple Watch貴嗎", "zh"),
        ("Made in China是什么", "zh"),
        ("IT产业发展情况", "zh"),
        ("What is 海铁联运?", "en"),
        ("And who founded 中国小商品城?", "en"),
        ("Tell me about 酒吧 street", "en"),
    ],
)
def test_the_language_is_that_which_asks_or_that_of_most_words(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "follow_up",
    [
        "那外商呢？",
        "成交额有多少？",
        "它什么时候发布的？",
        "她是谁",
        "会长是谁",
        "谁是会长",
        "嘉宾有谁",
        "什么是最大的亮点",
        "这几年成交额增加了多少",
    ],
)
def test_a_chinese_follow_up_takes_its_subject_from_the_question_before(follow_up: str) -> None:
    first = understand("第20届文旅博览会来了多少采购商？")
    assert understand(follow_up, [first]).context == first.text


@pytest.mark.parametrize(
    "follow_up", ["And the foreign buyers?", "How much were the deals worth?", "Who founded it?"]
)
def test_an_english_follow_up_does_too(follow_up: str) -> None:
    first = understand("How many buyers came to the 20th culture and tourism fair in Yiwu?")
    question = understand(follow_up, [first])
    assert question.context == first.text
    assert "20th culture and tourism fair" in question.search_text


@pytest.mark.parametrize(
    "standalone",
    [
        "恰缝科技的AI自动化缝纫系统什么时候发布的？",
        "义乌外调委聘请了来自多少个国家的外籍调解员？",
        "When did the Yixin'ou freight train make its first trip?",
        "Is it true that Yiwu has 51 sister cities abroad?",
        "什么是“工业上楼”？",
        "什么是海铁联运",
        "义乌市长是谁",
        "谁是马斯克",
        "这几年义乌国际友城增加到多少个",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(standalone: str) -> None:
    first = understand("第20届文旅博览会来了多少采购商？")
    assert understand(standalone, [first]).search_text == standalone


def test_a_question_is_as_long_as_may_be_and_has_words() -> None:
    assert understand("义" * MAX_QUESTION_CHARS).text == "义" * 2_000
    with pytest.raises(CorpusError, match="2,001 characters"):
        understand("义" * (MAX_QUESTION_CHARS + 1))
    with pytest.raises(CorpusError, match=r"^the question '？{20}' has no words"):
        understand("？" * 25)


def test_adverts_are_asked_for_by_name() -> None:
    assert asks_for_adverts("有哪些招聘广告？")
    assert asks_for_adverts("Which adverts were printed?")
    assert not asks_for_adverts("博览会哪天开幕？")


def test_adverts_are_asked_for_by_a_follow_up_too() -> None:
    first = understand("有哪些招聘信息？")
    assert wants_adverts(first)
    assert wants_adverts(understand("工资多少？", [first]))
    assert wants_adverts(Question("工资多少", "zh", context="哪家公司招聘司机"))
    assert wants_adverts(replace(first, text="灯会？", given=filters_from(genre="advert")))
    assert not wants_adverts(understand("那灯会呢？", [understand("渡轮有多少乘客？")]))


def test_thanks_before_a_question_are_kept_only_as_typed() -> None:
    first = understand("第20届文旅博览会来了多少采购商？")
    question = understand("谢谢，那外商呢？", [first])
    assert (question.text, question.typed) == ("那外商呢？", "谢谢，那外商呢？")


def test_what_was_typed_is_kept_where_it_is_more_than_the_question() -> None:
    assert understand("您好，请问博览会哪天开幕？").typed == "您好，请问博览会哪天开幕？"
    assert understand("博览会哪天开幕？").typed == ""


def test_a_second_follow_up_still_leans_on_the_question_that_named_the_subject() -> None:
    first = understand("何犁红的原创包装袋卖到多少个国家和地区？")
    second = understand("她是哪个协会的会长？", [first])
    assert understand("这个会是哪年成立的？", [first, second]).context == first.text


def test_a_follow_up_of_another_subject_is_what_the_next_one_leans_on() -> None:
    first = understand("谁创办了陈聪的工厂？")
    second = understand("那李明的呢？", [first])
    assert understand("它是哪年成立的？", [first, second]).context == second.rewritten


@pytest.mark.parametrize(
    ("question", "leans"),
    [("How many foreign buyers came?", True), ("How many foreign buyers came back?", False)],
)
def test_a_question_of_three_own_words_cannot_name_its_subject(question: str, leans: bool) -> None:
    assert leans_on_context(question, "en") is leans


def test_an_english_pronoun_before_a_name_points_back() -> None:
    assert leans_on_context("Did they Ali's shop visit last spring?", "en")
    assert not leans_on_context("Did Ali's uncle visit them last spring?", "en")


@pytest.mark.parametrize(("more", "leans"), [("", True), ("rural ", False)])
def test_a_pronoun_points_back_in_a_question_of_nine_words_and_not_of_ten(
    more: str, leans: bool
) -> None:
    question = (
        f"How many young foreign buyers and local {more}merchants visited it during spring week?"
    )
    assert leans_on_context(question, "en") is leans


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("那位辽宁工人为何在候车时昏厥", True),
        ("那位辽宁务工者为何在候车时昏厥", False),  # a character more tells who is meant
        ("义乌，它有多大？", True),
        ("义乌港，它有多大？", False),
        ("它今年一共签下了多少份采购合同？", True),
        ("它“义新欧”班列开了多少列？", True),
        ("“义新欧”为什么叫它班列？", False),
        ("今天的其它客商从哪座城市来到义乌？", False),
        ("去年的吉他厂商从哪座城市来到义乌？", False),
        ("港口，马耳他船队从哪座城市开到义乌？", False),
    ],
)
def test_a_chinese_pronoun_points_back_where_little_else_is_named(
    question: str, leans: bool
) -> None:
    assert leans_on_context(question, "zh") is leans


@pytest.mark.parametrize("text", ["", "   ", "？！", "👩‍👩‍👧", "\u200b"])
def test_a_question_without_words_is_refused(text: str) -> None:
    with pytest.raises(CorpusError, match="no words"):
        understand(text)


def test_a_question_that_is_too_long_is_refused() -> None:
    with pytest.raises(CorpusError, match="100,000 characters"):
        understand("的" * 100_000)
    assert understand("的" * MAX_QUESTION_CHARS).language == "zh"
