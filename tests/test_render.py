"""The HTML of the chat: printed words stay inert, marks stand where the quote stands."""

import re
from collections import defaultdict
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Chunk, Excerpt, Span
from rag.gloss import Gloss
from rag.types import Answer, Citation, Passage, Question
from rag.wording import refusing, resolved_notice
from tests.fakes import FakeAnswerer, article_of, excerpt, page_of
from ui import render
from ui.render import Exchange, answer_html, highlights, inert, messages, panel_html, question_html
from ui.strings import STRINGS

ZH, EN = STRINGS["zh"], STRINGS["en"]
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x.png onerror=alert(1)>",
    "![x](http://evil.example/x.png)",
    "[text](http://evil.example)",
    "<http://evil.example>",
    "https://evil.example www.evil.example a@evil.example",
    "**bold** _em_ `code` ~~gone~~",
    "# heading\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "$$\\frac{1}{2}$$ \\(x\\) $y$",
    "</div></section><h1>out</h1>",
    '" onmouseover="alert(1)',
    "' style='position:fixed;inset:0",
    "&lt;b&gt; &amp; &#60;",
    "<!-- <![CDATA[ <?php ?>",
    "[1](javascript:alert(1)) [2]: http://evil.example",
    "\u2028\u2029\x00\x1b[31m\x85",
    "\ud800 lone",
)
TAGS = {"div", "p", "a", "ul", "li", "span", "section", "h2", "mark", "blockquote"}
TAGS |= {"button", "details", "summary"}


class Reader(HTMLParser):
    """Reads HTML as a browser would: its tags with attributes, its text, its marked text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.marked: list[str] = []
        self.spoken: defaultdict[str, str] = defaultdict(str)  # by the language that it is told in
        self._languages = [""]
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)
        self._languages.append(dict(attrs).get("lang") or self._languages[-1])
        if tag == "mark":
            self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._languages.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        self.spoken[self._languages[-1]] += data
        if "mark" in self.open:
            self.marked[-1] += data

    def links(self) -> list[str]:
        return [str(attrs["href"]) for tag, attrs in self.tags if tag == "a"]

    def section(self, key: str) -> dict[str, str | None]:
        return next(attrs for _, attrs in self.tags if attrs.get("id") == key)


def asked(text: str, number: int = 1) -> tuple[Exchange, ...]:
    answerer = FakeAnswerer()
    return tuple(Exchange(text, answerer.ask(text)) for _ in range(number))


def answer_of(words: str, quote: str = "本报讯") -> Answer:
    """Return an answer that says ``words`` and cites ``quote`` as article [1]."""
    page = page_of("a.txt", f"头条\n{quote}\n")
    article = article_of(page, "头条", f"{quote}\n")
    return Answer(
        Question("问", "zh"),
        words,
        refused=False,
        mode="extractive",
        confidence=0.9,
        citations=(Citation(1, article, excerpt(page, quote)),),
        passages=(),
    )


# Inert text


@pytest.mark.parametrize("payload", HOSTILE)
def test_a_hostile_question_is_shown_as_typed(payload: str) -> None:
    reader = Reader(question_html(payload))
    assert {tag for tag, _ in reader.tags} <= {"div", "p"}
    shown = payload.encode("utf-8", "replace").decode("utf-8")
    kept = "".join(c for c in shown if c.isprintable() and not c.isspace())
    assert "".join(reader.text.split()) == kept


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_print_reaches_no_tag_and_no_attribute(payload: str) -> None:
    page = page_of(f"{payload}.txt", f"头条\n{payload}\n正文。\n")
    article = replace(
        article_of(page, "头条", f"{payload}\n", "正文。\n"),
        headline=payload,
        kicker=payload,
        byline=payload,
        date=payload,
        subheads=(payload,),
    )
    answer = replace(
        answer_of(payload),
        citations=(Citation(1, article, excerpt(page, payload)),),
        notices=(payload,),
        question=Question("问", "zh", payload),
    )
    for html in (
        answer_html(answer, 1, EN),
        panel_html([Exchange(payload, answer)], EN),
        *(row["content"] for row in messages([Exchange(payload, error=payload)], EN)),
    ):
        reader = Reader(html)
        assert {tag for tag, _ in reader.tags} <= TAGS
        names = {name for _, attrs in reader.tags for name in attrs}
        assert names <= {"class", "lang", "id", "href", "title", "hidden", "tabindex", "type"}
        inner = re.compile(
            r"#src-1-1|#chat|article/[\w%.~-]+[?][\w%.~=&+-]+(?:#s[\w%.~,:-]+~[0-9a-f]{4})?",
            re.ASCII,
        )
        assert all(inner.fullmatch(link) for link in reader.links())
        assert "\n" not in html, "a blank line would end the block that Markdown leaves alone"


@given(st.text())
def test_inert_text_has_no_punctuation_but_entities_and_loses_no_words(text: str) -> None:
    html = inert(text)
    assert not set("<>\"'*_[]()`$|!~\\:/@.\n\r") & set(html)
    shown = unescape(html).encode("utf-8")
    wanted = text.encode("utf-8", "replace").decode("utf-8")
    wanted = re.sub("[\u202a-\u202e\u2066-\u2069]", "\N{REPLACEMENT CHARACTER}", wanted)
    assert (
        shown.decode("utf-8").split()
        == "".join(
            " " if ord(c) < 0x20 or ord(c) in (0x7F, 0x85, 0x2028, 0x2029) else c for c in wanted
        ).split()
    )


# Highlights


def test_a_quote_is_found_in_the_body_across_a_column_break() -> None:
    page = page_of("a.txt", "头条\n货物18天内便可直达沙\n\n\n广告\n\n特阿拉伯吉达港。\n完。\n")
    article = article_of(page, "头条", "货物18天内便可直达沙", "特阿拉伯吉达港。\n", "完。\n")
    quote = excerpt(page, "18天内便可直达沙", "特阿拉伯吉达港。")
    assert len(quote.spans) == 2
    assert highlights(article, quote) == [(2, 19)]
    assert article.body.text[2:19] == quote.text


def test_a_quote_of_two_paragraphs_has_two_ranges_and_two_marks() -> None:
    page = page_of("a.txt", "头条\n甲一。甲二。\n乙一。乙二。\n")
    article = article_of(page, "头条", "甲一。甲二。\n", "乙一。乙二。\n")
    apart = excerpt(page, "甲一。", "乙二。")
    assert highlights(article, apart) == [(0, 3), (10, 13)]
    whole = excerpt(page, "甲二。\n乙一。")
    assert highlights(article, whole) == [(3, 10)]
    reader = Reader(render.body_html(article, highlights(article, whole), "src-1-1", ZH))
    assert reader.marked == ["甲二。", "乙一。"]
    identities = [attrs.get("id") for tag, attrs in reader.tags if tag == "mark"]
    assert identities == ["src-1-1-quote", None]


def test_words_of_another_file_or_of_the_headline_are_not_in_the_body() -> None:
    page = page_of("a.txt", "头条\n正文。\n")
    article = article_of(page, "头条", "正文。\n")
    assert highlights(article, Excerpt("正文。", (Span("b.txt", 3, 6),))) == []
    assert highlights(article, excerpt(page, "头条")) == []


def test_a_quote_outside_the_body_is_shown_above_it() -> None:
    answer = answer_of("有[1]", "正文。")
    article = answer.citations[0].article
    quote = Excerpt("头条", (Span("a.txt", 0, 2),))
    answer = replace(answer, citations=(Citation(1, article, quote),))
    reader = Reader(panel_html([Exchange("问", answer)], ZH))
    assert reader.marked == ["头条"]
    assert "正文。" in reader.text


@given(st.text(alphabet="甲乙。a1<\n\r", min_size=1), st.data())
def test_marks_hold_the_quote_and_the_paragraphs_the_body(text: str, data: st.DataObject) -> None:
    page = page_of("a.txt", f"头{text}")
    article = article_of(page, "", f"头{text}")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = article.body.slice(start, end)
    reader = Reader(render.body_html(article, highlights(article, quote), "k", ZH))
    assert "".join(reader.marked).split() == "".join(quote.text.split()).split()
    assert "".join(reader.text.split()) == "".join(article.body.text.split())


# Answers


def test_markers_become_links_only_where_there_is_a_citation() -> None:
    reader = Reader(answer_html(answer_of("有一[1]，有二[2]，又一[1]。"), 3, ZH))
    assert reader.links() == ["#src-3-1"] * 4  # twice in the text, twice in the list
    assert "有二[2]，" in reader.text


def test_sources_are_listed_once_an_article() -> None:
    (exchange,) = asked("第20届文旅博览会来了多少采购商？")
    assert exchange.answer
    assert len(exchange.answer.citations) == 3
    html = answer_html(exchange.answer, 1, ZH)
    assert html.count("<li>") == len({c.article.id for c in exchange.answer.citations})


def test_a_refusal_has_leads_and_no_citation() -> None:
    (exchange,) = asked("谁赢了世界杯？")
    assert exchange.answer
    assert exchange.answer.refused
    reader = Reader(answer_html(exchange.answer, 1, ZH))
    assert reader.links() == ["#lead-1-1", "#lead-1-2"]
    assert ZH.refused in reader.text
    assert ZH.confidence_of.partition("{")[0] not in reader.text
    panel = Reader(panel_html([exchange], ZH))
    assert panel.marked == []
    assert "hidden" not in panel.section("src-none")
    assert "hidden" in panel.section("lead-1-1")


def test_a_refusal_that_names_its_leads_names_them_once() -> None:
    (exchange,) = asked("谁赢了世界杯？")
    assert exchange.answer
    leads = render.lead_articles(exchange.answer)
    answer = replace(exchange.answer, text=refusing(leads, "zh"))
    text = Reader(answer_html(answer, 1, ZH)).text
    assert all(text.count(article.headline) == 1 for article in leads)


def test_leads_are_articles_each_once_best_first() -> None:
    index = FakeAnswerer().index
    passages = tuple(Passage(chunk, 1.0) for chunk in index.chunks)
    answer = replace(answer_of(""), passages=passages, refused=True, citations=())
    assert [a.id for a in render.lead_articles(answer)] == list(index.articles)


def test_an_article_without_a_headline_is_named_by_its_opening_words() -> None:
    answer = answer_of("有[1]", "春风送暖,万象更新。")
    article = replace(answer.citations[0].article, headline="")
    answer = replace(answer, citations=(replace(answer.citations[0], article=article),))
    assert f"{EN.headline_missing} 春风送暖,万象更新。…" in Reader(answer_html(answer, 1, EN)).text


def test_what_is_printed_is_read_out_in_chinese_and_the_rest_in_the_language_of_the_page() -> None:
    quote = "春风送暖，万象更新。"
    answer = replace(answer_of(f"Quoted: {quote}[1]", quote), question=Question("What?", "en"))
    article = replace(answer.citations[0].article, complete=False)
    nameless = replace(article, headline="", id="nameless")
    answer = replace(answer, citations=(replace(answer.citations[0], article=article),))
    spoken = Reader(answer_html(answer, 1, EN)).spoken
    assert quote in spoken["zh"]
    assert article.headline in spoken["zh"]
    assert "Quoted: " in spoken["en"]
    chunks = (Chunk("1", article, 0, 1), Chunk("2", nameless, 0, 1))
    refusal = replace(
        answer, refused=True, citations=(), passages=tuple(Passage(each, 1.0) for each in chunks)
    )
    leads = Reader(answer_html(refusal, 1, EN)).spoken
    assert article.headline in leads["zh"]
    assert EN.headline_missing in leads["en"]
    for conversation in ((Exchange("?", answer),), (Exchange("?", refusal),)):
        panel = Reader(panel_html(conversation, EN))
        assert not re.search("[a-z]{3}", panel.spoken["zh"].replace("a.txt", ""))
        assert EN.incomplete in panel.spoken["en"]


def test_the_word_that_a_citation_is_too_old_can_be_read_out() -> None:
    section = Reader(panel_html((), EN)).section("src-missing")
    assert (section["lang"], section["tabindex"]) == ("en", "-1")


def test_an_answer_says_how_it_was_made_and_how_sure_it_is() -> None:
    said = Reader(answer_html(replace(answer_of("有[1]"), elapsed_ms=1234), 1, EN)).text
    assert "Confidence: high" in said
    assert EN.mode_extractive in said
    assert "1.2 s" in said
    doubtful = replace(answer_of("有[1]"), confidence=0.1, mode="llm")
    said = Reader(answer_html(doubtful, 1, ZH)).text
    assert "把握：低" in said
    assert ZH.mode_llm in said


@pytest.mark.parametrize(
    "growing",
    [
        replace(answer_of("有[1]"), growing=True, mode="llm"),
        replace(answer_of(""), citations=(), growing=True, mode="llm"),
    ],
)
def test_an_answer_that_grows_says_so_instead_of_how_sure_it_is(growing: Answer) -> None:
    said = Reader(answer_html(growing, 1, EN)).text
    assert EN.checking in said
    assert "Confidence" not in said


def test_notices_and_the_context_of_a_follow_up_are_shown() -> None:
    answer = replace(
        answer_of("有[1]"), notices=("改为引用。",), question=Question("呢", "zh", "前")
    )
    said = Reader(answer_html(answer, 1, ZH)).text
    assert "改为引用。" in said
    assert "接着问：前" in said


def test_a_follow_up_is_shown_as_it_was_read() -> None:
    question = Question("那外商呢？", "zh", "灯会来了多少人？", rewritten="灯会来了多少外商？")
    said = Reader(answer_html(replace(answer_of("有[1]"), question=question), 1, ZH)).text
    assert "理解为：灯会来了多少外商？" in said
    assert "接着问" not in said


def test_small_talk_is_not_shown_as_something_not_found() -> None:
    hello = Answer(Question("你好", "zh"), "你好！", True, "extractive", 0.0, (), ())
    said = Reader(answer_html(hello, 1, ZH)).text
    assert "你好！" in said
    assert ZH.refused not in said
    assert ZH.refused not in Reader(panel_html([Exchange("你好", hello)], ZH)).text


# The panel


def test_the_panel_opens_the_first_citation_of_the_latest_answer() -> None:
    conversation = asked("第20届文旅博览会来了多少采购商？", number=2)
    reader = Reader(panel_html(conversation, ZH))
    shown = [
        attrs["id"] for tag, attrs in reader.tags if tag == "section" and "hidden" not in attrs
    ]
    assert shown == ["src-2-1"]
    assert {"src-1-1", "src-1-2", "src-1-3"} <= {str(a.get("id")) for _, a in reader.tags}
    identities = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(identities) == len(set(identities))


def test_the_panel_tells_what_is_known_of_the_article() -> None:
    (exchange,) = asked("“义乌—沙特”班列多少天能到吉达港？")
    assert exchange.answer
    text = Reader(panel_html([exchange], ZH)).text
    article = exchange.answer.citations[0].article
    span = exchange.answer.citations[0].quote.spans[0]
    for words in (article.headline, article.kicker, article.byline, article.file, ZH.incomplete):
        assert words in text
    assert ZH.place_of.format(start=span.start, end=span.end) in text


def test_every_link_of_the_conversation_opens_a_section() -> None:
    conversation = (*asked("第20届文旅博览会来了多少采购商？"), *asked("谁赢了世界杯？"))
    panel = Reader(panel_html(conversation, ZH))
    there = {f"#{attrs['id']}" for tag, attrs in panel.tags if tag == "section"} | {"#chat"}
    links = [link for link in panel.links() if not link.startswith("article/")]
    for row in messages(conversation, ZH):
        links += Reader(row["content"]).links()
    assert len(links) > 6
    assert set(links) <= there


def test_the_oldest_answers_leave_a_panel_that_would_grow_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render, "MAX_PANEL_CHARS", 1)
    html = panel_html(asked("第20届文旅博览会来了多少采购商？", number=3), ZH)
    assert 'id="src-3-3"' in html
    assert 'id="src-2-1"' not in html
    assert 'id="src-missing"' in html


def test_an_empty_conversation_has_an_empty_panel_that_says_so() -> None:
    assert ZH.sources_empty in Reader(panel_html((), ZH)).text
    assert EN.sources_empty in Reader(panel_html((Exchange("?", error="x"),), EN)).text


def test_a_quoted_yesterday_is_resolved_and_says_by_which_date() -> None:
    page = page_of("a.txt", "本报讯 昨日，展会收官。3月3日开幕，近日公示。")
    article = article_of(page, "", page.text)
    dated = replace(article, date="2026-03-05", date_source="masthead")
    assert resolved_notice(page.text, dated, "zh") == "按报头日期，“昨日” = 2026-03-04。"
    guessed = replace(dated, date_source="inferred")
    assert (
        resolved_notice(page.text, guessed, "en")
        == "By an inferred date of issue, “昨日” = 2026-03-04."
    )
    assert resolved_notice("3月3日开幕，近日公示。", dated, "zh") == ""
    assert resolved_notice(page.text, article, "zh") == ""


def test_a_quoted_yesterday_of_an_agency_report_is_counted_from_its_dateline() -> None:
    page = page_of("a.txt", "新华社北京3月3日电 昨晚，晚会举行。")
    article = article_of(page, "", page.text, date="2026-03-05", date_source="file name")
    assert resolved_notice("昨晚，晚会举行。", article, "zh") == "按电头日期，“昨晚” = 2026-03-02。"


# Glosses


def test_the_words_of_a_quote_tell_their_gloss_on_hover_and_stay_as_printed() -> None:
    answer = answer_of("Figures: 5 = 5\n银行“开”业[1] 银行", "银行“开”业")
    glosses = (Gloss(0, 2, "yínháng", "bank"), Gloss(3, 4, "kāi", ""), Gloss(5, 6, "", ""))
    citation = replace(answer.citations[0], glosses=glosses)
    reader = Reader(answer_html(replace(answer, citations=(citation,)), 1, EN))
    told = [attrs["title"] for tag, attrs in reader.tags if attrs.get("class") == "gloss"]
    assert told == ["yínháng · bank", "kāi"]
    assert "银行“开”业" in reader.text


@pytest.mark.parametrize("payload", HOSTILE)
def test_a_hostile_gloss_reaches_no_tag_and_no_other_attribute(payload: str) -> None:
    answer = answer_of("银行[1]", "银行")
    citation = replace(answer.citations[0], glosses=(Gloss(0, 2, payload, payload),))
    reader = Reader(answer_html(replace(answer, citations=(citation,)), 1, EN))
    assert {tag for tag, _ in reader.tags} <= TAGS
    names = {name for _, attrs in reader.tags for name in attrs}
    assert names <= {"class", "lang", "id", "href", "title"}


def test_words_that_are_no_quote_have_no_gloss() -> None:
    answer = answer_of("银行开业了[1]", "银行")
    citation = replace(answer.citations[0], glosses=(Gloss(0, 2, "yínháng", "bank"),))
    assert "gloss" not in answer_html(replace(answer, citations=(citation,)), 1, EN)


def test_the_words_that_answer_stand_out_in_the_quote() -> None:
    page = page_of("a.txt", "大桥\n大桥长四百二十米，明年通车。\n")
    quote = excerpt(page, "大桥长四百二十米，明年通车。")
    article = article_of(page, "大桥", "大桥长四百二十米，明年通车。")
    cited = Citation(1, article, quote, words=(3, 8), glosses=(Gloss(0, 2, "dà qiáo", "bridge"),))
    answer = Answer(
        Question("多长？", "zh"), f"{quote.text}[1]", False, "extractive", 0.9, (cited,), ()
    )
    html = answer_html(answer, 1, STRINGS["zh"])
    assert "长<strong>四百二十米</strong>，明年" in html
    assert "bridge" in html.split("<strong>")[0]
    unknown = replace(answer, citations=(replace(cited, words=(0, 0)),))
    assert "<strong>" not in answer_html(unknown, 1, STRINGS["zh"])
