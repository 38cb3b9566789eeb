"""What a generated sentence owes its print: its quotes, its names, its language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.claims import foreign, linked, misquoted, mistitled, prose, quotes_in
from rag.config import load_settings
from rag.named import Lexicon, names_asked, unprinted_names, words_not_printed
from rag.names import load_names
from rag.translation import load_translations
from rag.types import Language

PRINTED = (
    "市图书馆馆长周晓兰介绍:“新馆建成后,读者更方便了。”新馆全天开放,市长张 健出席仪式。"
    "美国客商约翰逊和德国工程师穆勒参观了展厅,记者陈秋池采访了OpenAI的代表。"
    "活动由温州商会承办,《城市阅读条例》同日施行,从义乌发往乐清湾港区的班列照常开行。"
)


@pytest.mark.parametrize(
    "claim",
    [
        "她说“新馆建成后，读者更方便了。”",
        "她說「新館建成後，讀者更方便了」。",
        'She said, "新馆建成后,读者更方便了"',
        "“新馆建成后……更方便了”，她说。",
        "馆长说新馆“全天开放”。",
        "“新馆建成后,读者更",  # goes on in the next sentence
        "更方便了。”她说。",  # began in the one before
        "It’s the reader’s library, and it isn't the mayor's.",
        "没有引号的话。",
        "“……”",
        'She said "新馆全天开放',
        '读者更方便了。" she said',
    ],
)
def test_what_is_printed_word_for_word_may_be_quoted(claim: str) -> None:
    assert misquoted(claim, PRINTED) == []


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        ("她说“新馆建成后,读者更满意了。”", "新馆建成后,读者更满意了。"),
        ("她說「舊館已經拆除」。", "舊館已經拆除"),
        ('She said, "readers are happy".', "readers are happy"),
        ("She called it ‘a new era’.", "a new era"),
        ("“更方便了……新馆建成后”", "更方便了……新馆建成后"),  # the other way round
        ("“新馆全天开放”，“旧馆关闭”。", "旧馆关闭"),
        ("他说：“旧馆关闭。", "旧馆关闭。"),
        ("旧馆关闭。”他说。", "旧馆关闭。"),
        ('She said "the old one is closed', "the old one is closed"),
        ('it is closed" she said', "it is closed"),
    ],
)
def test_a_quote_that_is_not_printed_is_found(claim: str, wrong: str) -> None:
    assert misquoted(claim, PRINTED) == [wrong]


@pytest.mark.parametrize(
    ("text", "quotes", "rest"),
    [
        ('a "b" c "d" e', ["b", "d"], "a c e"),
        ('"b c" d "e', ["b c", "e"], "d"),  # the last goes on in the next sentence
        ('b" c "d" e', ["b", "d"], "c e"),  # the first began in the one before
        ('("b', ["b"], "("),
        ('好"', ["好"], ""),
    ],
)
def test_straight_marks_open_and_close_by_turns(text: str, quotes: list[str], rest: str) -> None:
    assert quotes_in(text) == quotes
    assert prose(text).replace('"', "").split() == rest.split()


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("见 http://a.cn/x 和 ![p](q)。", ["![", "](", "http://a.cn/x"]),
        ("写信到 a@b.cn，看<b>这里</b>。", ["<b>", "</b>"]),
        ("写信到 c@b.cn。", ["c@b.cn"]),
        ("新馆全天开放[1]。", []),
    ],
)
def test_markup_and_addresses_that_are_not_printed_are_found(claim: str, found: list[str]) -> None:
    assert linked(claim, "来信请寄 A@b.cn。") == found


def test_titles_are_held_against_the_print_too() -> None:
    assert mistitled("《城市阅读条例》施行。", PRINTED) == []
    assert mistitled("《图书馆法》与《城市閱讀條例》施行。", PRINTED) == ["图书馆法"]


@given(st.text(alphabet='“”「」‘’"《》 a新。…', max_size=30))
def test_any_marks_are_read_and_quotes_of_the_print_itself_are_printed(text: str) -> None:
    assert misquoted(text, text) == []
    assert mistitled(text, text) == []
    assert len(quotes_in(text)) <= len(text) + 1
    prose(text)


# Names

RIGHT = (
    "馆长周晓兰介绍，新馆全天开放。",
    "市长张健出席仪式。",
    "周晓兰表示，读者更方便了。",
    "官方表示，新馆全天开放。",
    "记者了解到，新馆已开放。",
    "，应当说，读者更方便了。",
    "方面介绍，仪式已经举行。",
    "OpenAI的代表接受了采访。",
    "Johnson参观了展厅。",
    "AI和GDP不算人名。",
    "德国工程师穆勒先生来了。",
    "《城市阅读条例》施行。",
    "Zhou Xiaolan, the head of the library, said it is open.",
    "Xiaolan Zhou said that readers are better served.",
    "Mayor Zhang Jian came to the ceremony.",
    "Mr. Johnson visited the hall.",
    "President Grzegorzewicz visited the hall.",  # nothing here can read it
    "The trains run from Yiwu to Yueqing Bay.",
    "Wenzhou Yiwu trains run.",
    "Hong Kong and Saudi Arabia are places.",
    "The Wenzhou Chamber said that it ran the event.",
    "The City Library (市图书馆) is open.",
    "Trains leave Yiwu (义乌).",
    "According to the Chen Qiuchi report, it is open.",
    "He Said So In May.",
)
WRONG = (
    ("馆长王建国介绍，新馆全天开放。", "王建国"),
    ("市长李明宣布，新馆开放。", "李明"),
    ("记者吴峰宇说，新馆开放。", "吴峰宇"),
    ("冯旭斌先生参观了展厅。", "冯旭斌"),
    ("赵建民表示，读者更方便了。", "赵建民"),
    ("据周晓梅透露，新馆开放。", "周晓梅"),
    ("Anthropic的代表接受了采访。", "Anthropic"),
    ("《图书馆法》施行。", "图书馆法"),
    ("Wang Wei said the library is open.", "Wang Wei"),
    ("The librarian, Zhou Xiaomei, said so.", "Zhou Xiaomei"),
    ("It was opened by Liu Qiang.", "Liu Qiang"),
    ("Mayor Smith opened the library.", "Smith"),
    ("Michael Smith said it is open.", "Michael Smith"),
    ("According to David Brown, it is open.", "David Brown"),
    ("The mayor (李明) opened it.", "李明"),
)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(load_names(load_settings().names), load_translations())


@pytest.mark.parametrize("claim", RIGHT)
def test_a_printed_name_passes_in_either_language(claim: str, lexicon: Lexicon) -> None:
    assert unprinted_names(claim, PRINTED, lexicon) == []


@pytest.mark.parametrize(("claim", "name"), WRONG)
def test_a_name_that_is_not_printed_is_found(claim: str, name: str, lexicon: Lexicon) -> None:
    assert name in unprinted_names(claim, PRINTED, lexicon)


# Language


@pytest.mark.parametrize(
    ("claim", "language"),
    [
        ("新馆全天开放。", "zh"),
        ("新馆由 Alibaba Cloud Intelligence 承建。", "zh"),
        ("CEO：Jack Ma", "zh"),
        ("他说：“Welcome to Yiwu, happy shopping!”", "zh"),
        ("采用 self-attention 的模型。", "zh"),
        ("58092", "zh"),
        ("新店今开 new shop", "zh"),
        ("The library is open around the clock.", "en"),
        ("Yiwu (义乌) has 51 sister cities (友城).", "en"),
        ("She said: “新馆建成后,读者更方便了。”", "en"),
        ("“新馆建成后,读者更方便了。”", "en"),
        ("《城市阅读条例》", "en"),
        ("Buyers came 58,092 times, up 4.7%.", "en"),
        ("Visitors: 58,092.", "en"),
        ("张健。", "en"),
        ("ville annonce nouveau projet ouvert", "en"),  # may be names
        ("馆open", "zh"),
        ("はい新馆开放", "zh"),
        ("One Two Three", "zh"),
        ("", "en"),
        ("", "zh"),
    ],
)
def test_names_and_quotes_make_no_foreign_sentence(claim: str, language: Language) -> None:
    assert not foreign(claim, language)


@pytest.mark.parametrize(
    ("claim", "language"),
    [
        ("The library is open around the clock.", "zh"),
        ("THE LIBRARY IS OPEN NOW.", "zh"),
        ("The library (图书馆) is open and free.", "zh"),
        ("図書館は終日開いています。", "zh"),
        ("Библиотека открыта круглосуточно.", "zh"),
        ("新馆全天开放,读者更方便了。", "en"),
        ("新館全天開放。", "en"),
        ("张健说。", "en"),
        ("ville annonce nouveau projet ouvert demain", "en"),
        ("馆open now", "zh"),
        ("はいよ新馆开放", "zh"),
        ("One Two Three Four", "zh"),
        ("La biblioteca nueva está abierta todo el día para los lectores.", "en"),
        ("La ville compte désormais cinquante villes jumelles dans le monde.", "en"),
        ("Библиотека открыта круглосуточно.", "en"),
    ],
)
def test_a_sentence_in_another_language_is_foreign(claim: str, language: Language) -> None:
    assert foreign(claim, language)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How many buyers came to the Yiwu Fair in São Paulo, Brazil?",
         ("Yiwu Fair", "São Paulo", "Brazil")),
        ("Will it rain in Beijing?", ("Beijing",)),
        ("Did Tesla open a shop in Yiwu?", ("Tesla", "Yiwu")),
        ("TEU shipped from Yiwu", ("TEU", "Yiwu")),
        ("Buyers from abroad", ()),
        ("how many buyers came", ()),
    ],
)  # fmt: skip
def test_the_names_of_a_question_are_its_capitals(question: str, names: tuple[str, ...]) -> None:
    assert names_asked(question) == names


@pytest.mark.parametrize(
    ("names", "printed", "missing"),
    [
        (["Hangzhou"], "义乌一月电子商务交易额增长。", ["hangzhou"]),
        (["Hangzhou's"], "杭州一月电子商务交易额增长。", []),
        (["Tokyo"], "班列从义乌开往马德里。", ["tokyo"]),
        (["Madrid"], "班列从义乌开往马德里。", []),
        (["He Lihong"], "何犁红的品牌出海。", []),
        (["Qqzzx Blorf"], "何犁红的品牌出海。", []),  # nobody can read it
        (["ABB"], "ABB 来了。", []),
        ([], "班列从义乌开往马德里。", []),
    ],
)
def test_a_name_that_can_be_read_is_printed_or_it_is_not(
    names: list[str], printed: str, missing: list[str], lexicon: Lexicon
) -> None:
    assert words_not_printed(names, printed, lexicon) == missing
