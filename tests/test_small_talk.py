"""Small talk gets a friendly line; a question that begins with a greeting is still answered."""

import pytest

from rag.answering import Answerer
from rag.small_talk import Talk, talk_in, without_talk
from rag.wording import SMALL_TALK
from tests.growth import grows_linearly

TALK: dict[Talk, tuple[str, ...]] = {
    "greeting": ("你好", "您好！", "嗨～", "早上好", "Hello!", "hi there", "Good morning.",
                 "你好，问报", "hello WenBao", "哈喽呀"),
    "thanks": ("谢谢", "多谢你啦", "謝謝！", "辛苦了", "Thanks a lot", "thank you very much!",
               "ok, thanks", "好的谢谢", "ok thanks", "谢谢你，帮大忙了", "Thanks, that helps"),
    "farewell": ("再见", "拜拜～", "晚安", "Bye", "good night", "谢谢，再见", "See you later!"),
    "identity": ("你是谁？", "你叫什么名字", "问报是什么？", "你好，你是谁？", "你是机器人吗？",
                 "Who are you?", "What's your name?", "Hi, what are you?", "Are you a robot?",
                 "介绍一下你自己", "谁开发了你？", "你是谁做的", "Who made you?"),
    "abilities": ("你能做什么？", "你会什么", "我可以问什么问题？", "怎么用你", "帮助",
                  "What can you do?", "what can I ask", "How does this work?", "help",
                  "What can WenBao do for me?", "讲个笑话听听", "tell me a joke", "唱首歌吧"),
    "courtesy": ("你好吗？", "How are you today?", "明白了", "OK", "没关系", "got it",
                 "Well done, you're great 👍", "你真棒！", "回答得很好", "赞👍",
                 "That's a great answer",
                 "这个系统真聪明", "太好了"),
}  # fmt: skip


@pytest.mark.parametrize(("talk", "text"), [(t, text) for t, each in TALK.items() for text in each])
def test_small_talk_is_known_as_what_it_is(talk: Talk, text: str) -> None:
    assert talk_in(text) == talk


@pytest.mark.parametrize(
    "text",
    [
        "你好，灯会来了多少游客？", "谢谢你花卉公司是谁创办的？", "你好李焕英是什么电影",
        "再见列宁",
        "你能做什么样的包装？", "好的产品有哪些？", "帮助残疾人的项目有哪些", "你是谁的粉丝",
        "感谢信是谁写的？", "早安隆回", "Who are you in the photo with?", "Hello Kitty",
        "Hi-tech exports in May", "Thanks to whom did the fair succeed?", "help for farmers",
        "What can you do in Port Alder?", "Goodbye Lenin", "How are you paid as a mediator?",
        "Hello, when does the ferry leave?", "What is your capital city's population?", "灯会",
        "？", "专业", "smart", "great bridge", "义乌真棒吗", "不错的项目有哪些",
        "Is the app useful?",
        "这个系统是谁开发的？", "Who made this app?", "Who made you the offer?",
        "How good is it?", "真牛馆在哪里", "good news", "讲个好故事的活动有哪些",
        "Tell me a story of the bridge",
        "你好" * 40,
    ],
)  # fmt: skip
def test_a_question_is_never_taken_for_small_talk(text: str) -> None:
    assert talk_in(text) is None


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("你好，灯会来了多少游客？", "灯会来了多少游客？"),
        ("您好！请问隧道什么时候通车", "请问隧道什么时候通车"),
        ("你好请问隧道什么时候通车", "请问隧道什么时候通车"),
        ("Hello, when does the ferry leave?", "when does the ferry leave?"),
        ("Hi there! Good morning. Who won?", "Who won?"),
        ("你好李焕英是什么电影", "你好李焕英是什么电影"),
        ("Hi-tech exports in May", "Hi-tech exports in May"),
        ("Hello Kitty是什么", "Hello Kitty是什么"),
        ("Hello, Kitty wins?", "Kitty wins?"),
        ("Hi Who won?", "Who won?"),
        ("Hello WenBao how many came?", "how many came?"),
        ("你好！", "你好！"),
        ("灯会，你好", "灯会，你好"),
        ("谢谢，灯会在哪里？", "灯会在哪里？"),
        ("好的，明白了。灯会在哪里？", "灯会在哪里？"),
        ("你好，谢谢！换个问题：灯会在哪里？", "灯会在哪里？"),
        ("灯会在哪里？谢谢！再见", "灯会在哪里？"),
        ("灯会在哪里，谢谢", "灯会在哪里"),
        ("Ok thanks. Who won?", "Who won?"),
        ("Great, who won? Thanks a lot! Bye.", "who won?"),
        ("好的，谢谢", "好的，谢谢"),
        ("《谢谢，再见》是谁写的？", "《谢谢，再见》是谁写的？"),
        ("谁写了“再见，谢谢”？", "谁写了“再见，谢谢”？"),
        ("Who are you? Who won?", "Who are you? Who won?"),
        ("增长1.5？", "增长1.5？"),
        ("灯会在哪里…", "灯会在哪里…"),
    ],
)
def test_only_talk_around_a_question_is_taken_off(text: str, question: str) -> None:
    assert without_talk(text) == question


def test_small_talk_is_answered_without_documents(answerer: Answerer) -> None:
    for text in ("你好", "What can you do?"):
        answer = answerer.ask(text)
        assert answer.refused
        assert (answer.citations, answer.passages, answer.confidence) == ((), (), 0.0)
        assert answer.text in {each[answer.question.language] for each in SMALL_TALK.values()}


def test_a_greeted_question_is_answered_as_if_it_were_not(answerer: Answerer) -> None:
    plain = answerer.ask("第20届文旅博览会来了多少采购商？")
    greeted = answerer.ask("你好！第20届文旅博览会来了多少采购商？")
    assert greeted.text == plain.text
    assert greeted.to_json()["question"] == "你好！第20届文旅博览会来了多少采购商？"


def test_small_talk_between_two_questions_is_no_context(answerer: Answerer) -> None:
    first = answerer.ask("第20届文旅博览会来了多少采购商？").question
    thanks = answerer.ask("谢谢", [first]).question
    assert answerer.ask("那外商呢？", [first, thanks]).question.context == first.text


def test_small_talk_between_two_questions_keeps_their_filters(answerer: Answerer) -> None:
    first = answerer.ask("记者龚盈盈写的报道里谁获评学雷锋标兵？").question
    thanks = answerer.ask("谢谢", [first]).question
    assert first.filters
    assert answerer.ask("什么时候？", [first, thanks]).question.filters == first.filters


@pytest.mark.parametrize("unit", ["你好", "hi ", "hello, ", "谢谢！", "另外问一下，"])
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    assert grows_linearly(lambda size: (talk_in(unit * size), without_talk(unit * size)), 500)


def test_small_talk_and_lists_speak_traditional_to_who_asks_so(answerer: Answerer) -> None:
    assert "報紙" in answerer.ask("你是誰？").text
    assert "共收錄" in answerer.ask("一共收錄了多少篇報道？").text
