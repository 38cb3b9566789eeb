"""A question that asks several things is taken apart; one that asks one thing is not."""

import pytest

from rag.parts import MAX_PARTS, parts_of
from tests.growth import grows_linearly


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("展会来了多少采购商？成交额是多少？", ["展会来了多少采购商", "成交额是多少"]),
        ("展会什么时候开幕，在哪里举办？", ["展会什么时候开幕", "在哪里举办"]),
        ("这家公司是谁创办的以及卖什么产品", ["这家公司是谁创办的", "卖什么产品"]),
        ("义乌和双峰分别卖什么农产品？", ["义乌卖什么农产品", "双峰卖什么农产品"]),
        ("义乌和金华的市长分别是谁？", ["义乌的市长是谁", "金华的市长是谁"]),
        ("义乌的进口和出口分别是多少？", ["义乌的进口是多少", "义乌的出口是多少"]),
        (
            "义乌、金华和杭州的GDP分别是多少？",
            ["义乌的GDP是多少", "金华的GDP是多少", "杭州的GDP是多少"],
        ),
        ("义乌和金华的GDP哪个更高？", ["义乌的GDP更高", "金华的GDP更高"]),
        ("去年与今年相比出口增长多少？", ["去年出口增长多少", "今年出口增长多少"]),
        (
            "How many buyers came and what deals did they sign?",
            ["How many buyers came", "what deals did they sign"],
        ),
        (
            "When does the fair open? Where is it held?",
            ["When does the fair open", "Where is it held"],
        ),
        (
            "What is the difference between the old market and the new hall",
            ["What is the difference the old market", "What is the difference the new hall"],
        ),
    ],
)
def test_each_part_can_be_looked_for(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "第20届文旅博览会来了多少采购商？",
        "为什么义乌的商人要学外语，还要学法律？",
        "何犁红，义乌外调委的律师，做了什么？",
        "How many buyers came to the culture and tourism fair?",
        "Who founded the mediation committee and its school?",
        "文旅博览会 采购商 人数",
        "？？",
        "",
        "十几年前还没有班列，义乌的货怎么出洋？",
        "几十家企业都来了，最大的是哪家？",
        "义乌和金华市长分别是谁？",
        "今年5月的出口与去年相比增长多少？",
        "How many different trains run between Yiwu and Madrid?",
    ],
)
def test_a_question_about_one_thing_has_no_parts(question: str) -> None:
    assert parts_of(question) == []


def test_no_more_than_a_few_parts_are_looked_for() -> None:
    assert len(parts_of("展会来了多少采购商？" * 50)) == MAX_PARTS


@pytest.mark.parametrize("unit", ["和", "谁，", "between a and ", "分别", "？", ", who"])
def test_time_grows_with_the_question_and_no_faster(unit: str) -> None:
    assert grows_linearly(lambda size: parts_of(unit * size), 2_000)
