"""A follow-up becomes the question that the asker means, in words that a reader can check.

The fairs, people and places are invented.
"""

import time

import pytest

from rag.filters import Facets, Period, filters_in
from rag.list_requests import Request, request_in
from rag.question import understand
from rag.topics import person_of, subject_of
from rag.types import Question
from tests.growth import grows_linearly

NO_FACETS = Facets({}, {}, {}, {}, {})
# A first question, then each follow-up with what it means; "" stands alone.
DIALOGUES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("第18届茶博会一共来了多少专业观众？", (
        ("那外国观众呢？", "第18届茶博会一共来了多少外国观众？"),
        ("成交额有多少？", "第18届茶博会的成交额有多少？"),
        ("设了多少个展位？", "第18届茶博会设了多少个展位？"),
        ("第17届呢？", "第17届茶博会设了多少个展位？"),
        ("那杭州灯会呢？", "杭州灯会设了多少个展位？"),
    )),
    ("云帆机器人的自动采茶机什么时候发布的？", (
        ("它的发明人是谁？", "云帆机器人的自动采茶机的发明人是谁？"),
        ("订单排到什么时候了？", "云帆机器人的自动采茶机的订单排到什么时候了？"),
        ("在哪里？", "云帆机器人的自动采茶机在哪里？"),
    )),
    ("赵月梅的手工灯笼卖到多少个国家？", (
        ("她是哪个协会的会长？", "赵月梅是哪个协会的会长？"),
        ("这个会是哪年成立的？", "赵月梅任会长的协会是哪年成立的？"),
        ("有多少会员？", "赵月梅任会长的协会有多少会员？"),
    )),
    ("青州调解中心的结案率是多少？", (
        ("受理量呢？", "青州调解中心的受理量是多少？"),
        ("累计受理了多少起？", "青州调解中心累计受理了多少起？"),
        ("那外籍调解员呢，都来自几个国家？", "青州调解中心的外籍调解员都来自几个国家？"),
        ("去年呢？", "去年青州调解中心的外籍调解员都来自几个国家？"),
    )),
    ("“慧巡”巡查平台是哪家公司研发的？", (
        ("这家公司在哪里？", "研发“慧巡”巡查平台的公司在哪里？"),
    )),
    ("“慧巡”巡查平台是哪家公司研发的？", (
        ("And how many lamps are connected to it?",
         "How many lamps are connected to “慧巡”巡查平台?"),
        ("那不合格的有多少个？", "“慧巡”巡查平台不合格的有多少个？"),
        ("What about foreign users?", "“慧巡”巡查平台: foreign users?"),
    )),
    ("谁创办了蓝海书店？", (
        ("她什么时候退休？", "创办蓝海书店的人什么时候退休？"),
        ("那里有多少本书？", "蓝海书店有多少本书？"),
        ("其总部在哪？", "蓝海书店的总部在哪？"),
    )),
    ("云溪镇有几家民宿？", (
        ("那青石镇呢？", "青石镇有几家民宿？"),
        ("当地有什么特产？", "青石镇有什么特产？"),
    )),
    ("青云山隧道有多长？", (
        ("该隧道什么时候通车？", "青云山隧道什么时候通车？"),
        ("花了多少钱？", "青云山隧道花了多少钱？"),
        ("造价呢？", "青云山隧道的造价是多少？"),
    )),
    ("李大明是哪年出生的？", (
        ("那王小红呢？", "王小红是哪年出生的？"),
        ("他在哪里上学？", "王小红在哪里上学？"),
    )),
    ("2024年云溪镇龙舟赛有几支队伍参加？", (
        ("2023年呢？", "2023年云溪镇龙舟赛有几支队伍参加？"),
        ("女子队伍呢？", "2023年云溪镇龙舟赛有几支女子队伍参加？"),
        ("冠军是谁？", "2023年云溪镇龙舟赛的冠军是谁？"),
    )),
    ("新图书馆几点开门？", (
        ("博物馆呢？", "博物馆几点开门？"),
        ("周一呢？", "周一博物馆几点开门？"),
    )),
    ("渡轮什么时候停航？", (("为什么？", "渡轮为什么停航？"),)),
    ("海昌集团的营业额增长了多少？", (("为什么？", "海昌集团为什么的营业额增长？"),)),
    ("How many companies took part in the 2024 Harbour Fair in Lisbon?", (
        ("And how much were the orders worth?",
         "The 2024 Harbour Fair in Lisbon: how much were the orders worth?"),
        ("How many visitors did they receive?",
         "How many visitors did the 2024 Harbour Fair in Lisbon receive?"),
        ("What about foreign companies?",
         "How many foreign companies did the 2024 Harbour Fair in Lisbon receive?"),
        ("成交额呢？", "the 2024 Harbour Fair in Lisbon的成交额是多少？"),
    )),
    ("How many people visited the Harbour Fair in 2023?", (
        ("and in 2024?", "How many people visited the Harbour Fair in 2024?"),
        ("children?", "How many children visited the Harbour Fair in 2024?"),
    )),
    ("When did the Coastal express from Alder to Brook make its first trip?", (
        ("Where did that one end up?",
         "Where did the Coastal express from Alder to Brook end up?"),
        ("Who paid for it?", "Who paid for the Coastal express from Alder to Brook?"),
    )),
    ("How long is the new harbour wall?", (
        ("What do they want to build behind it?",
         "What do they want to build behind the new harbour wall?"),
    )),
    ("When did the harbour traders meet?", (
        ("How much did they pay for it?", "How much did the harbour traders pay for it?"),
    )),
    ("What did Lin Meihua work in before opening her stall?", (
        ("What year did she move in?", "What year did Lin Meihua move in?"),
        ("And when did she get a full-size shop?", "When did Lin Meihua get a full-size shop?"),
        ("What about her husband?", "What about Lin Meihua's husband?"),
    )),
    ("How many buyers came to the 12th tea and silk fair?", (
        ("And the 11th?", "How many buyers came to the 11th tea and silk fair?"),
        ("foreign buyers?", "How many foreign buyers came to the 11th tea and silk fair?"),
        ("How many stalls were there?",
         "How many stalls were there at the 11th tea and silk fair?"),
        ("What about the turnover?", "What is the turnover of the 11th tea and silk fair?"),
        ("What is sold there?", "What is sold at the 11th tea and silk fair?"),
    )),
    ("Who founded the Blue Harbour bookshop?", (
        ("When did she retire?",
         "When did the person who founded the Blue Harbour bookshop retire?"),
    )),
    ("Who founded the Blue Harbour bookshop?", (
        ("When did it open?", "When did the Blue Harbour bookshop open?"),
        ("Its address?", "What about the Blue Harbour bookshop's address?"),
        ("它有多大？", "the Blue Harbour bookshop有多大？"),
    )),
    ("When was Wang Xiaohong born?", (
        ("And Zhao Yuemei?", "When was Zhao Yuemei born?"),
        ("Where did she study?", "Where did Zhao Yuemei study?"),
    )),
    ("Where was the lantern festival held last year?", (
        ("And this year?", "Where was the lantern festival held this year?"),
        ("When?", "When was the lantern festival held this year?"),
        ("How many lanterns?", "The lantern festival: how many lanterns?"),
    )),
    ("Is the Maritime Museum open on Mondays?", (
        ("On Sundays?", "Is the Maritime Museum open on Sundays?"),
        ("What about the Railway Museum?", "Is the Railway Museum open on Sundays?"),
        ("How do I get there?", "How do I get to the Railway Museum?"),
    )),
    ("What is the price of the ferry ticket?", (
        ("How many passengers does it carry?", "How many passengers does the ferry ticket carry?"),
    )),
    ("Why did the ferry stop running?", (("When?", "When did the ferry stop running?"),)),
    ("苍南县去年的海水养殖产量是多少万吨？", (
        ("产值呢？", "苍南县去年的产值是多少？"),
        ("主要养什么？", "苍南县主要养什么？"),
    )),
    ("哪些国家参加了第三届丝路音乐节？", (
        ("最远的来自哪里？", "第三届丝路音乐节最远的来自哪里？"),
        ("第四届什么时候办？", "第四届丝路音乐节什么时候办？"),
    )),
    ("市医院引进了什么设备？", (
        ("这台设备多少钱？", "市医院引进的设备多少钱？"),
        ("哪国生产的？", "市医院引进的设备哪国生产的？"),
    )),
    ("今年一季度全市出口额是多少？", (
        ("同比增长多少？", "今年一季度全市出口额同比增长多少？"),
        ("二季度呢？", "今年二季度全市出口额同比增长多少？"),
    )),
    ("新能源汽车产业园落户了几家企业？", (
        ("投资总额多少？", "新能源汽车产业园的投资总额多少？"),
        ("最大的一家是谁？", "新能源汽车产业园最大的一家是谁？"),
    )),
    ("How many passengers used Northport Airport in March?", (
        ("And in April?", "How many passengers used Northport Airport in April?"),
        ("Who runs it?", "Who runs Northport Airport?"),
    )),
    ("Who is Maria Keller?", (
        ("Where is her workshop?", "Where is Maria Keller's workshop?"),
        ("When was it opened?", "When was Maria Keller's workshop opened?"),
    )),
    ("What did the mayor say about the new tram?", (
        ("When will it run?", "When will the new tram run?"),
    )),
    ("What did the mayor say about the new tram?", (
        ("Does he ride it?", "Does the mayor ride it?"),
    )),
    ("How much did exports grow in the first quarter?", (
        ("And imports?", "How much did imports grow in the first quarter?"),
        ("What about the second quarter?", "How much did imports grow in the second quarter?"),
        ("Why?", "Why did imports grow in the second quarter?"),
    )),
    ("Did the city hospital buy a new scanner?", (
        ("How much was it?", "How much was the new scanner of the city hospital?"),
        ("Where was it made?", "Where was the new scanner of the city hospital made?"),
    )),
    ("Zhang Jianguo's new book", (
        ("When was it published?", "When was Zhang Jianguo's new book published?"),
    )),
    ("第18屆茶博會一共來了多少專業觀眾？", (
        ("那外國觀眾呢？", "第18屆茶博會一共來了多少外國觀眾？"),
        ("該茶博會什麼時候閉幕？", "第18屆茶博會什麼時候閉幕？"),
        ("成交额有多少？", "第18届茶博会的成交额有多少？"),
    )),
    ("海州最近有花展吗？", (
        ("什么时候办？", "海州的花展什么时候办？"),
        ("有多少种花？", "海州的花展有多少种花？"),
    )),
    ("请问有没有免费的书法课？", (("在哪里报名？", "免费的书法课在哪里报名？"),)),
    ("Is there a craft fair in Port Alder?", (
        ("When is it?", "When is the craft fair in Port Alder?"),
        ("Where will it be held?", "Where will the craft fair be held?"),
        ("Is there an entry fee?", "Is there an entry fee at the craft fair?"),
    )),
    ("海州有多少个友好港口？", (
        ("最近新增的是哪个？", "海州最近新增的友好港口是哪个？"),
    )),
    ("海州有多少个友好港口？", (("有哪些？", "海州的友好港口有哪些？"),)),
    ("灯会来了多少人？", (("灯会在哪里？", "灯会在哪里？"),)),
    ("What did Port Alder announce?", (
        ("When did it announce that?", "When did Port Alder announce that?"),
    )),
    ("How much did Alder's exports grow in 2025?", (
        ("And its imports?", "What about Alder's imports?"),
    )),
    ("How much did Alder's exports grow in 2025?", (
        ("imports?", "How much did Alder's imports grow in 2025?"),
    )),
    ("Is the fair very expensive?", (("Where is it?", "Where is the fair?"),)),
    ("How many sister ports does Alder have?", (
        ("Which one is the newest?", "Which of the sister ports of Alder is the newest?"),
    )),
    ("云溪镇有几家企业在建厂？", (
        ("投资了多少钱？", "云溪镇投资了多少钱？"),
        ("青石镇呢？", "青石镇投资了多少钱？"),
    )),
    ("李明是谁？", (
        ("他来海州干什么？", "李明来海州干什么？"),
        ("什么时候来的？", "李明什么时候来的？"),
    )),
    ("Who is the mayor of Alder?", (
        ("When did he visit Brook?", "When did the mayor of Alder visit Brook?"),
        ("What did he stress?", "What did the mayor of Alder stress?"),
    )),
    ("世界水日是哪天？", (("活动在哪举办的？", "世界水日的活动在哪举办的？"),)),
    ("海州到青州的轮渡多久能到？", (
        ("走哪条路线？", "海州到青州的轮渡走哪条路线？"),
        ("运费便宜多少？", "海州到青州的轮渡的运费便宜多少？"),
        ("到云州呢？", "海州到云州的轮渡的运费便宜多少？"),
    )),
    ("海州调解委拿了什么奖？", (("是第几批？", "海州调解委是第几批？"),)),
    ("蓝海书店开在哪里？", (("是谁建的？", "蓝海书店是谁建的？"),)),
    ("How many jobs will be offered at the recruitment fair?", (
        ("And how many companies?", "The recruitment fair: how many companies?"),
        ("Where?", "The recruitment fair: where?"),
    )),
    ("How did the city's bookshops do after the Spring Festival?", (
        ("How many reopened?", "The city's bookshops: how many reopened?"),
    )),
    ("陈小姐付了多少订金？", (
        ("警察抓人了吗？", "陈小姐警察抓人了吗？"),
        ("店里怎么说？", "陈小姐的店里怎么说？"),
    )),
    ("海州的洪水有多严重？", (
        ("政府做了什么？", "海州的洪水的政府做了什么？"),
        ("死了多少人？", "海州的洪水死了多少人？"),
    )),
    ("云帆汽车产能多少？", (
        ("比去年增加了吗？", "云帆汽车比去年增加了吗？"),
        ("有多少工人？", "云帆汽车有多少工人？"),
        ("比亚迪呢？", "比亚迪有多少工人？"),
    )),
    ("How do I get a free ticket for the Alder pool?", (
        ("When does it start?", "When does the free ticket for the Alder pool start?"),
    )),
    ("What happened to the tram in Alder?", (
        ("Were there children?", "Were there children at the tram in Alder?"),
        ("What caused it?", "What caused the tram in Alder?"),
    )),
    ("海州调解委员会有多少名调解员？", (
        ("他们的语言覆盖几大语系？", "海州调解委员会的语言覆盖几大语系？"),
        ("他们收费吗？", "海州调解委员会收费吗？"),
    )),
    # a part of a word or of a name is no pronoun
    ("第18届茶博会有多少专业观众？", (
        ("那其他观众呢？", "第18届茶博会有多少其他观众？"),
        ("其他展区有哪些？", "第18届茶博会其他展区有哪些？"),
        ("其它的在哪里？", "第18届茶博会其它的在哪里？"),
        ("维他奶有多少展位？", "第18届茶博会维他奶有多少展位？"),
        ("马耳他客商买了什么？", ""),
        ("吉他厂有几家？", ""),
        ("犹他州的客商有多少？", ""),
    )),
    ("李大明是谁？", (
        ("他处理了多少起纠纷？", "李大明处理了多少起纠纷？"),
        ("他处有分店吗？", "李大明的他处有分店吗？"),
    )),
    # thanks around a question are no part of it
    ("第18届茶博会有多少专业观众？", (
        ("谢谢，那外国观众呢？", "第18届茶博会有多少外国观众？"),
        ("好的，那成交额呢？", "第18届茶博会的成交额是多少？"),
        ("明白了，那外商有多少？", "第18届茶博会的外商有多少？"),
        ("展期呢，谢谢", "第18届茶博会的展期有多少？"),
    )),
    ("How many buyers came to the tea fair?", (
        ("Thanks, and the turnover?", "What is the turnover of the tea fair?"),
        ("I see. Where was it held?", "Where was the tea fair held?"),
        ("Ok thanks, and where was it held?", "Where was the tea fair held?"),
    )),
    # "it" of nothing points to nothing
    ("How many buyers came to the tea fair?", (
        ("Is it true that it grew by 5%?", "Is it true that the tea fair grew by 5%?"),
        ("What does it take to join?", "The tea fair: what does it take to join?"),
        ("Did it rain?", "The tea fair: did it rain?"),
        ("Is it possible to join?", "The tea fair: is it possible to join?"),
        ("How long does it take?", "How long does the tea fair take?"),
        ("Is it open?", "Is the tea fair open?"),
    )),
    ("Is it true that the tea fair was cancelled?", (
        ("Where was it held?", "Where was the tea fair held?"),
    )),
    # what was counted is called "they"
    ("How many buyers came to the tea fair?", (
        ("Where did they come from?", "Where did the buyers of the tea fair come from?"),
        ("What did they buy?", "What did the buyers of the tea fair buy?"),
        ("Where was it held?", "Where was the tea fair held?"),
        ("Their turnover?", "What about the tea fair's turnover?"),
    )),
    ("How many buyers came to the tea fair?", (
        ("How many of them were foreign?",
         "How many of the buyers of the tea fair were foreign?"),
        ("When did it open?", "When did the tea fair open?"),
    )),
    ("How many buyers came to the tea fair?", (
        ("How many buyers did they expect?", "How many buyers did the tea fair expect?"),
    )),
    ("How many workers does the Alder company employ?", (
        ("What do they make?", "What do the Alder company make?"),
    )),
    ("第18届茶博会有多少专业观众？", (
        ("他们从哪里来？", "第18届茶博会的专业观众从哪里来？"),
        ("他们买了什么？", "第18届茶博会的专业观众买了什么？"),
        ("它什么时候开幕？", "第18届茶博会什么时候开幕？"),
    )),
    ("第18届茶博会有多少专业观众？", (
        ("他们的成交额呢？", "第18届茶博会的成交额是多少？"),
    )),
    ("第18届茶博会有多少专业观众？", (("它们有多大？", "第18届茶博会有多大？"),)),
    ("海州有多少个友好港口？", (("它们在哪里？", "海州的友好港口在哪里？"),)),
    ("几内亚客商来了多少人？", (
        ("他们从哪里来？", "几内亚客商从哪里来？"),
    )),
    ("几内亚客商来了多少人？", (("那马里呢？", "马里客商来了多少人？"),)),
    ("十几年前茶博会有多少观众？", (("那外国观众呢？", "十几年前茶博会有多少外国观众？"),)),
    # articles on another name, or of other days
    ("有几篇报道提到渡轮？", (
        ("那提到AI的呢？", "有几篇报道提到AI？"),
        ("关于印尼的报道呢？", "有几篇报道提到印尼？"),
        ("那5月的呢？", "5月的报道有几篇提到印尼？"),
        ("那提到5月27日的呢？", "5月的报道有几篇提到5月27日？"),
    )),
    ("列出关于渡轮的报道", (
        ("关于印尼的呢", "列出关于印尼的报道"),
        ("5月27日的呢", "5月27日的报道哪几篇提到印尼？"),
    )),
    ("How many articles mention Jakarta?", (
        ("And about Hull?", "How many articles mention Hull?"),
        ("And those that mention the harbour?", "How many articles mention the harbour?"),
        ("And from May?", "How many articles from May mention harbour?"),
        ("On May 27?", "How many articles from May 27 mention harbour?"),
    )),
    ("List the articles about art", (
        ("And about trams?", "List the articles about trams"),
        ("And in May 2025?", "Which articles from May 2025 mention trams?"),
    )),
    # a new subject is taken up, and then kept
    ("第18届茶博会来了多少观众？", (
        ("成交额有多少？", "第18届茶博会的成交额有多少？"),
        ("云溪镇龙舟赛有几支队伍参加？", ""),
        ("奖金有多少？", "云溪镇龙舟赛的奖金有多少？"),
        ("它什么时候举行？", "云溪镇龙舟赛什么时候举行？"),
    )),
)  # fmt: skip


@pytest.mark.parametrize(
    ("first", "turns"), DIALOGUES, ids=[f"{n}" for n, _ in enumerate(DIALOGUES)]
)
def test_each_turn_is_read_as_it_is_meant(first: str, turns: tuple[tuple[str, str], ...]) -> None:
    history = [understand(first)]
    for text, meant in turns:
        question = understand(text, history)
        assert question.rewritten == meant
        assert question.search_text == (meant or text)
        history.append(question)


ALONE = (
    "海州有多少人口？", "红烧肉怎么做？", "跳绳比赛谁赢了？", "隧道什么时候通车，它有多长？",
    "该怎么办理营业执照？", "李大明是谁？", "北京冬奥会有几枚金牌", "新图书馆几点开门？",
    "什么是“河长制”？", "青云山隧道的造价是多少？", "王小红创办了哪家公司？",
    "When was the bridge built and who designed it?", "How many people live in Port Alder?",
    "Who built the tunnel, and when did it open?", "Is it true that the ferry stopped running?",
    "那位青州务工者为何会在海州候车时突然昏厥？", "李大明前妻说，她联系不上的那阵子去过哪里？",
    "How much does it cost to enter the old harbour museum?", "When did the city cancel its alarm?",
    "How many stations in the north broke their heat records?", "Where was He Jiayu born?",
    "What is the Spark Plan?", "Which company built the North Gate station?",
)  # fmt: skip


@pytest.mark.parametrize("text", ALONE)
def test_a_question_that_stands_alone_is_never_rewritten(text: str) -> None:
    history = [
        understand("第18届茶博会一共来了多少专业观众？"),
        understand("Who won the Harbour Cup?"),
    ]
    question = understand(text, history)
    assert (question.rewritten, question.context) == ("", "")
    assert question.search_text == text


@pytest.mark.parametrize(
    ("first", "follow_up", "words", "period"),
    [
        ("有几篇报道提到渡轮？", "那5月的呢？", "渡轮", Period("05-01", "05-31")),
        ("列出关于渡轮的报道", "2025年的呢？", "渡轮", Period("2025-01-01", "2025-12-31")),
        ("How many articles mention Hull?", "And from May?", "Hull", Period("05-01", "05-31")),
        ("List the articles about Hull", "And on May 27?", "Hull", Period("05-27", "05-27")),
    ],
)
def test_a_time_behind_a_list_of_articles_is_a_filter(
    first: str, follow_up: str, words: str, period: Period
) -> None:
    asked = understand(follow_up, [understand(first)]).standalone
    filters = filters_in(asked, NO_FACETS)
    assert filters.periods == (period,)
    assert request_in(asked, NO_FACETS, filters) == Request(words, filters=filters)


@pytest.mark.parametrize("follow_up", ["And since May?", "那今年的呢？"])
def test_a_time_that_no_filter_holds_is_no_name_to_look_for(follow_up: str) -> None:
    first = understand("How many articles mention Hull?")
    question = understand(follow_up, [first])
    assert (question.rewritten, question.context) == ("", first.text)


def test_the_json_tells_how_a_follow_up_was_read() -> None:
    from rag.types import Answer

    first = understand("第18届茶博会来了多少观众？")
    for question, told in ((understand("那外商呢？", [first]), True), (first, False)):
        answer = Answer(question, "", True, "extractive", 0.0, (), ())
        assert answer.to_json().get("rewritten") == (question.rewritten if told else None)


def test_a_new_subject_becomes_the_context_of_what_follows() -> None:
    first = understand("云溪镇有几家民宿？")
    second = understand("那青石镇呢？", [first])
    third = understand("当地有什么特产？", [first, second])
    assert (second.context, third.context) == (first.text, second.rewritten)


def test_without_a_subject_the_earlier_question_is_kept_as_context() -> None:
    first = Question("多少？", "zh")
    question = understand("那外商呢？", [first])
    assert question.rewritten == ""
    assert question.search_text == "多少？ 那外商呢？"


@pytest.mark.parametrize(
    ("question", "subject", "person"),
    [
        ("有多少人参加了云溪镇龙舟赛？", "云溪镇龙舟赛", ""),
        ("为什么青云山隧道推迟通车？", "青云山隧道", ""),
        ("海昌集团去年的营业额是多少？", "海昌集团", ""),
        ("哪家公司研发了“慧巡”平台？", "“慧巡”平台", ""),
        ("请问北岸小学的校长是谁？", "北岸小学", ""),
        ("李大明校长是哪年出生的？", "李大明", "李大明"),
    ],
)
def test_the_subject_of_a_chinese_question(question: str, subject: str, person: str) -> None:
    assert (subject_of(question, "zh"), person_of(question, "zh")) == (subject, person)


@pytest.mark.parametrize(
    ("question", "subject", "person"),
    [
        ("What is the capital of Peru?", "Peru", ""),
        ("What was Alder Bridge's length?", "Alder Bridge", ""),
        ("How much does a ticket for the ferry cost?", "the ferry", ""),
        ("How many people visited Lakeside Museum in 2023?", "Lakeside Museum", ""),
        ("How many shops does the old town have?", "the old town", ""),
        ("Where does Lin Meihua live?", "Lin Meihua", "Lin Meihua"),
        ("How did Alder's trade develop in May?", "Alder's trade", ""),
        ("What did Brook unveil at the fair?", "Brook", ""),
        ("Which tunnel did the old town first flood?", "the old town", ""),
        ("Did the fire alarms in Alder drop during the fair?", "the fire alarms in Alder", ""),
        ("Did the victim's family forgive the driver?", "the victim's family", ""),
        ("Is the fair expensive for visitors?", "the fair", ""),
        ("Was the fair a success?", "the fair", ""),
        ("Who heads Alder's Tea Association?", "Alder's Tea Association", ""),
    ],
)
def test_the_subject_of_an_english_question(question: str, subject: str, person: str) -> None:
    assert (subject_of(question, "en"), person_of(question, "en")) == (subject, person)


@pytest.mark.parametrize("unit", ["它", "那", "呢", "this ", "of the ", "it is ", "的", "第1届"])
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    first = understand("第18届茶博会来了多少观众？")
    assert grows_linearly(lambda size: understand("那" + unit * size, [first]), 30)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            ["How many firms came to the 12th Tea Fair?",
             "And the Book Fair in Hull, how many buyers went to that one?",
             "Where was it held?"],
            "Where was the Book Fair in Hull held?",
        ),
        (
            ["Who does Bao Yuefei work for?", "What about Feng Xubin, which firm does he chair?"],
            "Which firm does Feng Xubin chair?",
        ),
        (
            ["青石镇公布的茶叶零售点，短期经营的有几家？", "长期的呢？"],
            "青石镇公布的茶叶零售点，长期的有几家？",
        ),
        (
            ["青石镇公布的茶叶零售点，短期经营的有几家？", "长期的呢？", "去买要带什么？"],
            "青石镇公布的茶叶零售点去买要带什么？",
        ),
        (
            ["How many people sit on the Hull foreign-related committee?", "他们的语言有几种？"],
            "the Hull foreign-related committee的语言有几种？",
        ),
    ],
)  # fmt: skip
def test_a_subject_named_anew_and_a_part_of_the_old_one(asked: list[str], told: str) -> None:
    history: list[Question] = []
    for text in asked:
        history.append(understand(text, tuple(history)))
    assert history[-1].rewritten == told


def test_the_end_of_a_name_calls_it_again_in_english() -> None:
    first = understand("How many people sit on the Hull tea committee?")
    again = understand("How much money has the committee spent?", [first])
    assert again.rewritten == "How much money has the Hull tea committee spent?"
    for other in (
        "How much money has the committee of the port spent?",
        "How much money has the York committee spent?",
        "How many committees are there in Hull?",
        "Who chairs the committees of the county council of Hull?",
    ):
        assert understand(other, [first]).rewritten == ""


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("换个人问：李大明入行多少年了？", "李大明入行多少年了？"),
        ("再问一个问题，书市在哪里？", "书市在哪里？"),
        ("Another question: where was the book fair?", "where was the book fair?"),
        ("再问一下书市在哪里？", "再问一下书市在哪里？"),
    ],
)
def test_what_announces_a_question_is_no_part_of_it(typed: str, text: str) -> None:
    assert understand(typed).text == text


def test_a_long_conversation_keeps_its_topic_and_takes_no_time() -> None:
    history = [understand("Who runs the fair in Alder?")]
    started = time.perf_counter()
    for _ in range(60):
        history.append(understand("Is there a band?", history))
    assert time.perf_counter() - started < 2.0
    assert history[-1].rewritten == "Is there a band at the fair in Alder?"
