"""Every question has one kind, the same in Chinese and English."""

import pytest

from rag.evidence import focus_of, wanted_kinds
from rag.kinds import Kind, kind_of
from rag.parts import parts_of
from rag.topics_zh import ASKS_ZH, counted_zh
from tests.growth import grows_linearly

EXAMPLES: dict[Kind, tuple[str, ...]] = {
    "number": (
        "灯会一共来了多少游客？", "青云山隧道有多长？", "图书馆有几层？", "这座桥多高？",
        "出口占比是百分之几", "门票价格是多少", "从码头到机场要多久？", "参赛人数是多少",
        "How many visitors came to the lantern fair?", "How much did the bridge cost?",
        "What percentage of the tea was exported?", "How long is the tunnel?",
        "What was the total of the donations?", "The number of new shops, please",
    ),
    "date": (
        "青云山隧道什么时候通车？", "蓝海书店哪一年开业？", "龙舟赛是几月几号？", "动漫节何时开幕",
        "报名截止日期？", "运动会哪天举行？", "展览的结束时间", "星期几休馆？",
        "When did the tunnel open?", "What year was the school founded?",
        "On which day is the market closed?", "What date did the strike end?",
        "Since when has the ferry been running?", "What is the opening date of the museum?",
    ),
    "person": (
        "谁创办了蓝海书店？", "哪位老师得了奖？", "救人的是什么人？", "镇长叫什么名字？",
        "茶社的创始人是谁", "这篇通讯的作者是谁？", "冠军是谁", "是谁设计了这座桥？",
        "Who founded the bookshop?", "Whose design won?", "Who was the first mayor of Port Alder?",
        "By whom was the bridge designed?", "Which person gave the money?",
        "What was the name of the winner?",
    ),
    "place": (
        "龙舟赛在哪里举行？", "新馆建在什么地方", "茶叶卖到哪个国家？", "渡轮从哪个港口出发？",
        "书店的地址", "他老家在哪儿？", "比赛地点", "船队去哪了？",
        "Where is the new museum?", "In which city was the fair held?",
        "What country does the tea go to?", "Which port did the ferry leave from?",
        "What is the location of the new hall?", "Where do the students come from?",
    ),
    "organisation": (
        "隧道是哪家公司修的？", "哪个部门负责检查？", "主办单位是什么", "她在哪所大学教书？",
        "展会的主办方是？", "什么机构发布了报告？", "他是哪个协会的会长？", "哪几家银行参与了？",
        "Which company built the tunnel?", "What agency published the report?",
        "Which university does she teach at?", "Which local bank gave the loan?",
        "What organisation runs the shelter?", "By what firm was the ferry built?",
    ),
    "list": (
        "古镇有哪些景点？", "列出获奖的队伍", "展会有什么活动？", "获奖名单", "列举三种茶",
        "都有谁参加了？", "哪几种茶最贵", "四个展区分别是？",
        "List the winning teams", "Name all the bridges over the river",
        "What kinds of tea are sold?", "Which villages took part?",
        "What are the four halls?", "What events are planned?",
    ),
    "reason": (
        "隧道为什么推迟通车？", "为何渡轮停航？", "涨价的原因", "书店为啥关门？",
        "怎么会停电？", "缘何爆红", "游客减少是因为什么", "居民何以反对？",
        "Why was the tunnel delayed?", "How come the ferry stopped?",
        "For what reason did he resign?", "What caused the power cut?",
        "What made the town famous?", "What led to the strike?",
    ),
    "definition": (
        "什么是“共享菜园”？", "何为匠人？", "“河长制”是什么意思？", "“慢递”指的是什么？",
        "星火计划是什么？", "云上村是个什么项目？", "何谓绿道", "“绿码”的含义",
        "What is a sponge city?", "What does 'slow post' mean?", "What is meant by a river chief?",
        "Define shared garden", "What is the Spark Plan?", "The meaning of greenway",
    ),
    "quote": (
        "镇长怎么评价龙舟赛？", "王校长怎么说？", "市长对停航如何回应", "他的原话",
        "教练说了什么？",
        "她对涨价的看法是什么", "专家表示了什么", "店主怎样形容这条街？",
        "What did the mayor say?", "What does the coach think of the team?",
        "How did the owner describe the street?", "In her own words, please",
        "What has the minister promised?", "The mayor's opinion of the ferry",
    ),
    "yes/no": (
        "隧道通车了吗？", "门票是不是免费", "渡轮是否停航？", "有没有停车场？", "书店周一开门吗",
        "外地人能不能报名？", "会不会下雨", "老人能否免票？",
        "Is the museum free?", "Did the ferry stop?", "Are dogs allowed?",
        "Has the tunnel opened?", "Can visitors park there?", "Will it rain?",
    ),
    "comparison": (
        "新桥和老桥哪个更长？", "和去年相比游客多了吗", "绿茶与红茶有什么区别？",
        "两个馆相差多少？",
        "对比两支队伍", "谁更早到？", "今年的票价比去年更贵吗", "南馆和北馆一样吗",
        "Is the new bridge longer than the old one?", "Compare the two teams",
        "What is the difference between green and black tea?", "How do the two halls differ?",
        "Green tea versus black tea", "Which hall is bigger, north or south?",
    ),
    "summary": (
        "概括一下龙舟赛的报道", "这篇文章讲了什么", "总结一下会议", "简述隧道工程",
        "介绍一下蓝海书店", "报告的主要内容是什么？", "说说灯会", "这条新闻的大意",
        "Summarise the report on the ferry", "Give me an overview of the fair",
        "What is the article on the bridge about?", "Tell me about the bookshop",
        "The gist of the speech", "Sum up the meeting",
    ),
    "count": (
        "有几篇报道提到龙舟赛？", "多少篇文章写到隧道", "关于灯会的有几篇？",
        "提到渡轮的报道有多少篇",
        "记者李大明写了几篇访谈", "一共有多少篇", "有几条新闻说到茶叶", "库里有多少文章？",
        "How many articles mention the ferry?", "How many reports are there?",
        "How many stories talk about the bridge?", "How many interviews are in the paper?",
        "How many news stories cover the strike?", "How many editorials discuss the tunnel?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "kind"),
    [(question, kind) for kind, questions in EXAMPLES.items() for question in questions],
)
def test_a_question_has_the_kind_that_an_editor_would_name(question: str, kind: Kind) -> None:
    assert kind_of(question) == kind


def test_key_words_and_statements_have_no_kind() -> None:
    for text in ("龙舟赛 奖金", "灯会", "ferry tickets", "青云山隧道"):
        assert kind_of(text) is None


def test_traditional_characters_ask_the_same() -> None:
    assert kind_of("隧道為什麼推遲通車？") == "reason"
    assert kind_of("有幾篇報導提到龍舟賽？") == "count"


@pytest.mark.parametrize("question", ["有多少新闻记者到场？", "几乎没人来"])
def test_people_are_not_articles_and_hardly_is_no_number(question: str) -> None:
    assert kind_of(question) != "count"
    assert kind_of("几乎没人来") is None


@pytest.mark.parametrize("text", ["几乎没人来", "几内亚客商", "十几年前的渡轮", "几近完工"])
def test_what_is_not_counted_has_the_same_exceptions_everywhere(text: str) -> None:
    assert kind_of(text) is None
    assert wanted_kinds(text) == ()
    assert focus_of(f"{text}，几艘渡轮") == "艘渡轮"
    assert counted_zh(text) is None
    assert ASKS_ZH.search(text) is None
    assert parts_of(f"{text}还好吧，渡轮开了") == []


@pytest.mark.parametrize("unit", ["哪", "what is ", "which a ", "什么", "how did "])
def test_time_grows_with_the_question_and_no_faster(unit: str) -> None:
    assert grows_linearly(lambda size: kind_of(unit * size), 500)
