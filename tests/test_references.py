"""An answer taken along: references as GB/T 7714-2015 has them, text, Markdown."""

from dataclasses import replace

import pytest

from rag.types import Answer
from tests.fakes import FakeAnswerer, article_of, page_of
from ui.references import as_markdown, as_text, reference, references
from ui.strings import STRINGS

ZH = STRINGS["zh"]


def asked() -> Answer:
    return FakeAnswerer(notices=("两篇报道的数字*不同*。",)).ask("第20届文旅博览会来了多少采购商？")


def test_a_reference_has_the_form_of_the_standard() -> None:
    # the example of the standard's appendix A.5, without the newspaper and its page
    page = page_of("p.txt", "数字革命与竞争国际化\n正文。\n")
    article = article_of(
        page, "数字革命与竞争国际化", "正文。\n", byline="记者 丁文祥", date="2000-11-20"
    )
    assert reference(article) == "丁文祥. 数字革命与竞争国际化[N]. 2000-11-20."


@pytest.mark.parametrize(
    ("byline", "date", "expected"),
    [
        ("全媒体记者 陈 聪", None, "陈聪. 题名[N]."),
        ("", "2026-03-05", "题名[N]. 2026-03-05."),
        ("浙江日报评论员", None, "题名[N]."),
        ("记者 王一 李二三 张三四 赵五六", None, "王一, 李二三, 张三四, 等. 题名[N]."),
        ("记者 王一 李二三 张三四", None, "王一, 李二三, 张三四. 题名[N]."),
    ],
)
def test_what_is_not_known_is_left_out_of_a_reference(
    byline: str, date: str | None, expected: str
) -> None:
    page = page_of("p.txt", "题名\n正文。\n")
    assert reference(article_of(page, "题名", "正文。\n", byline=byline, date=date)) == expected


def test_an_article_without_a_headline_is_named_by_its_opening() -> None:
    page = page_of("p.txt", "春风送暖，万象更新。\n")
    assert reference(article_of(page, "", "春风送暖，万象更新。\n")).startswith("春风送暖")


def test_an_article_that_is_cited_twice_has_one_reference() -> None:
    answer = asked()
    assert len(answer.citations) == 3
    articles = {citation.article.id for citation in answer.citations}
    assert len(references(answer)) == len(articles)
    assert references(answer)[0].startswith("[1] 吴峰宇. 第20届文旅博览会[N]. 2026-05-12.")


def test_the_text_holds_every_quote_with_its_article() -> None:
    answer = asked()
    text = as_text(answer, ZH.citations)
    assert text.startswith(answer.question.text)
    assert "两篇报道的数字*不同*。" in text
    for citation in answer.citations:
        assert f"[{citation.n}] {citation.article.headline}" in text
        assert " ".join(citation.quote.text.split()) in text


def test_markdown_has_footnotes_and_takes_print_for_no_markup() -> None:
    page = page_of("p.txt", "题名\n*星* <b>与</b> [链](x)。\n")
    article = article_of(page, "题名", "*星* <b>与</b> [链](x)。\n")
    answer = asked()
    cited = replace(answer.citations[0], article=article, quote=article.body.strip(), words=(0, 0))
    text = as_markdown(replace(answer, text="说*了*[1]又[9]", citations=(cited,)), ZH.citations)
    assert "说\\*了\\*[^1]又\\[9\\]" in text
    assert "[^1]: 题名: “\\*星\\* \\<b\\>与\\</b\\> \\[链\\](x)。”" in text
    assert "\\*不同\\*" in text


def test_a_refusal_can_be_copied_too() -> None:
    refused = FakeAnswerer().ask("谁赢了世界杯？")
    assert as_text(refused, ZH.citations).endswith(refused.text)
    assert references(refused) == []
