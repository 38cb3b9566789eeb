"""A speaker is named where the sentence leaves no doubt."""

import pytest

from rag.names import Names
from rag.speakers import speakers, spelled

NAMES = Names((("钱若水", "Ruoshui Qian"), ("湖心岛", "Lake Isle")), frozenset({"钱若水"}))


@pytest.mark.parametrize(
    ("sentence", "name", "english"),
    [
        ("公司总经理陈志远说，今年的茶叶卖得好。", "陈志远", "Chen Zhiyuan"),
        ("陈志远表示：“今年卖得好。”", "陈志远", "Chen Zhiyuan"),
        ("市商务局局长王强告诉记者，外商增多了。", "王强", "Wang Qiang"),
        ("“今年卖得好。”陈志远说。", "陈志远", "Chen Zhiyuan"),
        ("湖边，钱若水说，水涨了。", "钱若水", "Ruoshui Qian"),
        ("居民梁先生说，路修好了。", "梁先生", "Mr Liang"),
        ("公司總經理陳志遠說，今年的茶葉賣得好。", "陳志遠", "Chen Zhiyuan"),
    ],
)
def test_who_says_it_is_named_as_printed_and_in_english(
    sentence: str, name: str, english: str
) -> None:
    assert speakers(sentence, NAMES) == [(name, english)]


@pytest.mark.parametrize(
    "sentence",
    [
        "湖心岛介绍，水涨了。",
        "蓝皮书表示，全国增长。",
        "有关方面表示，路修好了。",
        "美国总统乔治·华盛顿说，路修好了。",
        "嫌疑人付某称，他不知情。",
        "记者高兴地说，路修好了。",
        "大家向陈志远介绍了情况。",
        "会上陈志远强调。",
        "",
    ],
)
def test_what_is_no_person_or_no_speech_names_no_one(sentence: str) -> None:
    assert speakers(sentence, NAMES) == []


def test_two_speakers_are_named_in_order_and_each_once() -> None:
    text = "厂长陈志远说，好。居民王建国说，很好。厂长陈志远说，真好。"
    assert [name for name, _ in speakers(text, NAMES)] == ["陈志远", "王建国"]


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("欧阳修", "Ouyang Xiu"),
        ("单雄信", "Shan Xiongxin"),
        ("曾志", "Zeng Zhi"),
        ("吕方", "Lü Fang"),
        ("王安安", "Wang An'an"),
        ("张女士", "Ms Zhang"),
    ],
)
def test_a_name_is_spelled_family_name_first(name: str, english: str) -> None:
    assert spelled(name) == english
