"""Pages become the articles that a reader would cut out of them."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.page_gold import read_gold
from evals.page_metrics import compare, page_metrics
from index.articles import MAX_WINDOW_PIECES, articles_of
from index.decoding import read_page
from index.joins import join_confidence
from index.lines import lines_of
from index.reading import Reading
from index.roles import Role
from index.types import DOUBTFUL, Article, Page
from tests.growth import grows_linearly

GOLD = Path(__file__).resolve().parent.parent / "evals" / "pages"
SEEDS = (
    "000_361fbcaa1fcc6c1b",
    "001_98d33fa018142c74",
    "002_4b71105106d275e4",
    "003_5e2947be35dd0853",
    "004_5e4219b278fb5d6c",
)

# Reports on four matters, none of which happened. A paragraph of the first is cut in two.
BRIDGE = "清江大桥主桥合龙", "本报记者 李晓明"
BRIDGE_LEAD = (
    "本报讯 昨日，清江大桥主桥顺利合龙。大桥全长2160米，桥面宽33米，设计时速60公里，"
    "是两岸之间的第三座公路桥。"
)
BRIDGE_HALF = "“以前过江要等渡船，最多要等半个小时。”家住北岸的老船工郑水根说，“以后走路也能过"
BRIDGE_REST = "去了。”他摆渡三十年，看着大桥的桥墩一根根立起来。"
BRIDGE_END = (
    "目前桥面铺装已经开始，大桥计划年底通车。通车以后，两岸之间的公交线路将由三条增加到八条。"
)
BRIDGE_TEXT = (BRIDGE_LEAD, BRIDGE_HALF + BRIDGE_REST, BRIDGE_END)
TEA = "临湖茶农用上无人机", "本报记者 王芳"
TEA_TEXT = (
    "本报讯 连日来，临湖县云雾茶场的山坡上，两架植保无人机来回穿梭，给茶树施肥。茶场负责人"
    "孟庆山说，无人机一天能干完过去半个月的活。",
    "受干旱影响，今年春茶产量比上年减少一成，但茶叶价格上涨了15%。茶农们说，鲜叶从进厂到"
    "包装只需要六个小时。",
    "全县今年新添植保无人机46架，覆盖茶园3.2万亩，飞手都是本村的年轻人。",
)
LIBRARY = "南屏图书馆延长开放时间", "本报记者 周立"
LIBRARY_TEXT = (
    "本报讯 昨日，南屏市图书馆宣布，每周五、周六延长开放到晚上十点。馆长陶静介绍，暑假以来"
    "每天进馆的读者超过五千人次。",
    "图书馆把三楼的报告厅改成了自习室，增加座位220个，读者刷身份证就能借书。",
)


def page_of(text: str, file: str = "page.txt") -> Page:
    return Page(file, text, "utf-8", "")


def set_page(*lines: str) -> str:
    """Return a page with a blank line between each two lines."""
    return "\n\n".join(lines) + "\n"


def reading_of(*lines: str) -> Reading:
    return articles_of(page_of(set_page(*lines)))


def articles_in(text: str) -> list[Article]:
    return list(articles_of(page_of(text)).articles)


def paragraphs(article: Article) -> tuple[str, ...]:
    return tuple(article.body.text.split("\n"))


def placed_as(reading: Reading, role: Role) -> list[tuple[str, str | None]]:
    """Return the lines of a role and the headline of the article that each belongs to."""
    names = {article.id: article.headline for article in reading.articles}
    return [
        (each.line.text, names[each.article_id] if each.article_id else None)
        for each in reading.lines
        if each.role is role
    ]


def assert_partitioned_and_reproduced(reading: Reading) -> None:
    """Check what holds for any text: each line once, spans that give the words back."""
    page = reading.page
    assert [each.line.number for each in reading.lines] == [line.number for line in lines_of(page)]
    ids = {article.id for article in reading.articles}
    assert len(ids) == len(reading.articles)
    assert {each.article_id for each in reading.lines} - {None} <= ids
    for article in reading.articles:
        body = article.body
        assert "".join(page.text[span.start : span.end] for span in body.spans) == body.text
        assert all(0 <= joint.confidence <= 1 for joint in article.joins)
        assert all(0 < joint.at < len(body.text) for joint in article.joins)
    bodies = {article.id: article.body.text for article in reading.articles}
    for each in reading.lines:
        assert 0 <= each.confidence <= 1
        if each.at is not None and each.article_id is not None:
            assert bodies[each.article_id].startswith(each.line.text, each.at)


# Seed pages


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed_page_becomes_its_articles(seeds: Path, name: str) -> None:
    gold = read_gold(GOLD / f"{name}.tsv", read_page(seeds / f"{name}.txt", f"{name}.txt"))
    score = compare(articles_of(gold.page), gold)
    metrics = {metric: figure.value for metric, figure in page_metrics([score]).items()}
    assert metrics["articles_whole"] == 1, score.faults
    assert metrics["headline_accuracy"] == 1, score.faults
    assert metrics["order_accuracy"] == 1, score.faults
    assert metrics["join_precision"] == 1, score.faults
    assert len(score.matches) == score.predicted_articles


def test_nearly_every_cut_of_the_seed_pages_is_rejoined(seeds: Path) -> None:
    golds = [
        read_gold(GOLD / f"{name}.tsv", read_page(seeds / f"{name}.txt", f"{name}.txt"))
        for name in SEEDS
    ]
    metrics = page_metrics([compare(articles_of(gold.page), gold) for gold in golds])
    assert metrics["join_recall"].value >= 0.97


@pytest.mark.parametrize("name", SEEDS)
def test_an_article_of_a_seed_page_is_whole_unless_its_other_half_is_elsewhere(
    seeds: Path, name: str
) -> None:
    gold = read_gold(GOLD / f"{name}.tsv", read_page(seeds / f"{name}.txt", f"{name}.txt"))
    reading = articles_of(gold.page)
    complete = {article.id: article.complete for article in reading.articles}
    matches = compare(reading, gold).matches
    assert {match.article: complete[match.id or ""] for match in matches} == dict(gold.wholes)


@pytest.mark.parametrize("name", SEEDS)
def test_every_line_of_a_seed_page_is_accounted_for(seeds: Path, name: str) -> None:
    reading = articles_of(read_page(seeds / f"{name}.txt", f"{name}.txt"))
    assert_partitioned_and_reproduced(reading)
    owned = Counter(span for article in reading.articles for span in article.spans)
    assert max(owned.values()) == 1, "no words belong to two articles"
    for each in reading.lines:
        is_owned = any(
            span.start <= each.line.excerpt.spans[0].start < span.end
            for article in reading.articles
            for span in article.spans
        )
        in_article = each.role in (
            Role.HEADLINE, Role.DECK, Role.BYLINE, Role.BODY, Role.SECTION, Role.CAPTION,
        )  # fmt: skip
        assert is_owned == in_article, each.line.text


def test_an_id_survives_indexing_again_and_changes_further_down(seeds: Path) -> None:
    text = (seeds / f"{SEEDS[0]}.txt").read_text(encoding="utf-8")
    before = [article.id for article in articles_in(text)]
    after = [article.id for article in articles_in("\n\n" + text + "\n")]
    assert before == after
    assert len(set(before)) == len(before)


# Paragraphs


def test_a_paragraph_cut_by_a_column_is_rejoined_and_its_spans_skip_the_cut() -> None:
    text = "题目在此\n\n本报记者 甲乙\n\n本报讯 他嘴里说着讨价还\n\n价,再敲回一个数字。\n"
    (article,) = articles_in(text)
    assert article.body.text == "本报讯 他嘴里说着讨价还价,再敲回一个数字。"
    assert len(article.body.spans) == 2
    (joint,) = article.joins
    assert article.body.text[joint.at :] == "价,再敲回一个数字。"
    assert 0 < joint.confidence <= 1


def test_a_paragraph_that_ends_is_not_joined() -> None:
    (article,) = articles_in("题目\n\n本报记者 甲乙\n\n第一段在此结束。\n\n第二段开始了。\n")
    assert article.body.text == "第一段在此结束。\n第二段开始了。"
    assert article.joins == ()


def test_a_quote_left_open_is_joined_over_its_full_stop() -> None:
    (article,) = articles_in("题目\n\n本报记者 甲乙\n\n他说：“第一句。\n\n第二句。”说完就走。\n")
    assert article.body.text == "他说：“第一句。第二句。”说完就走。"


def test_the_line_that_carries_on_says_which_line_it_does() -> None:
    reading = reading_of(*BRIDGE, BRIDGE_LEAD, BRIDGE_HALF, BRIDGE_REST, BRIDGE_END)
    continued = [(each.line.number, each.continues) for each in reading.lines if each.continues]
    assert continued == [(9, 7)]


def test_a_plain_article_file_stays_one_article() -> None:
    (article,) = articles_in("一个标题\n\n正文第一段，有头有尾。\n\n正文第二段，也有头有尾。\n")
    assert article.headline == "一个标题"
    assert article.body.text.count("\n") == 1


def test_a_caption_is_parted_from_a_last_line_without_a_line_end() -> None:
    caption = "图为市民在大桥上散步。"
    text = set_page(*BRIDGE, caption, BRIDGE_LEAD, BRIDGE_END).rstrip("\n")
    reading = articles_of(page_of(text))
    (article,) = reading.articles
    assert article.body.text == f"{BRIDGE_LEAD}\n{BRIDGE_END}\n{caption}"
    assert_partitioned_and_reproduced(reading)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_body_keeps_the_received_line_breaks(line_break: str) -> None:
    text = (line_break * 2).join([*BRIDGE, BRIDGE_LEAD, BRIDGE_END]) + line_break
    (article,) = articles_in(text)
    assert article.body.text == BRIDGE_LEAD + line_break + BRIDGE_END


def test_a_page_without_articles_has_none() -> None:
    assert articles_in("") == []
    assert articles_in("\n \u3000\n") == []
    reading = reading_of("清江日报", "2026年3月5日 星期四", "第2版")
    assert reading.articles == ()
    assert {each.role for each in reading.lines} == {Role.FURNITURE}


# Articles that stand within each other


def test_an_article_goes_on_in_mid_sentence_below_another() -> None:
    first, second = reading_of(
        *BRIDGE, BRIDGE_LEAD, BRIDGE_HALF, *TEA, *TEA_TEXT[:2], BRIDGE_REST, BRIDGE_END
    ).articles
    assert (first.headline, paragraphs(first)) == (BRIDGE[0], BRIDGE_TEXT)
    assert (second.headline, paragraphs(second)) == (TEA[0], TEA_TEXT[:2])


def test_an_article_goes_on_with_a_new_paragraph_below_another() -> None:
    first, second = reading_of(
        *BRIDGE, BRIDGE_LEAD, *TEA, *TEA_TEXT[:2], BRIDGE_END
    ).articles  # fmt: skip
    assert paragraphs(first) == (BRIDGE_LEAD, BRIDGE_END)
    assert paragraphs(second) == TEA_TEXT[:2]
    assert first.joins == second.joins == ()


def test_a_foreign_head_within_a_cut_goes_to_its_own_body() -> None:
    first, second = reading_of(
        *BRIDGE, BRIDGE_LEAD, BRIDGE_HALF, TEA[0], BRIDGE_REST, BRIDGE_END, TEA[1], *TEA_TEXT
    ).articles
    assert (first.headline, paragraphs(first)) == (BRIDGE[0], BRIDGE_TEXT)
    assert (second.headline, second.byline, paragraphs(second)) == (*TEA, TEA_TEXT)


def test_two_exchanged_headlines_find_their_bodies() -> None:
    first, second = articles_in(
        "湿地公园迎来候鸟越冬高峰\n\n本报记者 甲乙\n\n"
        "本报讯 昨日，首批电动公交车在城区上线运行，公交集团投放了三十辆电动公交车。\n\n"
        "电动公交车三十辆上线运行\n\n本报记者 丙丁\n\n"
        "本报讯 入冬以来，湿地公园的候鸟数量创新高，越冬候鸟超过两万只，迎来观鸟高峰。\n"
    )
    assert (first.headline, second.headline) == (
        "电动公交车三十辆上线运行",
        "湿地公园迎来候鸟越冬高峰",
    )


def test_a_headline_thirty_lines_above_its_body_is_found() -> None:
    reading = reading_of(
        *TEA, TEA_TEXT[0], BRIDGE[0], *TEA_TEXT[1:], *LIBRARY, *LIBRARY_TEXT, *["今日8版"] * 4,
        BRIDGE[1], *BRIDGE_TEXT,
    )  # fmt: skip
    (above,) = [each.line.number for each in reading.lines if each.line.text == BRIDGE[0]]
    body = next(each.line.number for each in reading.lines if each.line.text == BRIDGE_LEAD)
    assert body - above >= 24
    assert [(each.headline, paragraphs(each)) for each in reading.articles] == [
        (TEA[0], TEA_TEXT),
        (LIBRARY[0], LIBRARY_TEXT),
        (BRIDGE[0], BRIDGE_TEXT),
    ]


# Page jumps


def test_a_page_jump_leaves_two_halves_marked() -> None:
    first, between, second = reading_of(
        *BRIDGE, BRIDGE_LEAD, BRIDGE_END, "（下转第二版）", *LIBRARY, *LIBRARY_TEXT,
        "（上接第三版）", *TEA_TEXT[1:],
    ).articles  # fmt: skip
    assert (first.complete, first.broken_off, first.taken_up) == (False, True, False)
    assert (between.complete, between.broken_off, between.taken_up) == (True, False, False)
    assert (second.complete, second.broken_off, second.taken_up) == (False, False, True)
    assert paragraphs(second) == TEA_TEXT[1:]


def test_a_jump_within_a_page_joins_the_halves_of_one_article() -> None:
    reading = reading_of(
        *BRIDGE, BRIDGE_LEAD, BRIDGE_HALF, "（下转第二版）", *TEA, *TEA_TEXT,
        "（上接第一版）", BRIDGE_REST, BRIDGE_END,
    )  # fmt: skip
    first, second = reading.articles
    assert paragraphs(first) == BRIDGE_TEXT
    assert first.complete
    assert paragraphs(second) == TEA_TEXT
    assert placed_as(reading, Role.JUMP) == [
        ("（下转第二版）", BRIDGE[0]),
        ("（上接第一版）", BRIDGE[0]),
    ]


# What else stands on a page


def test_a_sentence_that_is_printed_large_again_is_no_part_of_the_body() -> None:
    quote = "以前过江要等渡船，最多要等半个小时。"
    reading = reading_of(*BRIDGE, BRIDGE_LEAD, quote, *BRIDGE_TEXT[1:])
    (article,) = reading.articles
    assert paragraphs(article) == BRIDGE_TEXT
    assert placed_as(reading, Role.PULL_QUOTE) == [(quote, BRIDGE[0])]


def test_a_caption_goes_to_the_article_that_it_illustrates_below_its_text() -> None:
    caption = "图为清江大桥合龙现场。（记者 周立 摄）"
    reading = reading_of(*BRIDGE, BRIDGE_LEAD, caption, *BRIDGE_TEXT[1:], *TEA, *TEA_TEXT)
    first, second = reading.articles
    assert placed_as(reading, Role.CAPTION) == [(caption, BRIDGE[0])]
    assert paragraphs(first) == (*BRIDGE_TEXT, caption)
    assert paragraphs(second) == TEA_TEXT


def test_a_byline_at_the_end_signs_the_article_above() -> None:
    first, second = reading_of(
        BRIDGE[0], *BRIDGE_TEXT, "（记者 李晓明）", TEA[0], *TEA_TEXT, "（记者 王芳）"
    ).articles
    assert (first.headline, first.byline) == (BRIDGE[0], "（记者 李晓明）")
    assert (second.headline, second.byline) == (TEA[0], "（记者 王芳）")
    assert "记者 李晓明" not in first.body.text


def test_a_table_stands_in_its_article_row_by_row() -> None:
    rows = "品类 出口额 增幅\n光伏组件 32.5亿元 15%\n小家电 21.7亿元 8%\n玩具 18.9亿元 6%"
    reading = reading_of(
        "前五月出口十强公布", "本报记者 李晓明",
        "本报讯 昨日，市商务局公布前五月出口数据，光伏组件居首。", rows,
        "市商务局表示，下半年将继续开拓新兴市场，出口有望保持增长。",
    )  # fmt: skip
    (article,) = reading.articles
    assert [text for text, _ in placed_as(reading, Role.TABLE)] == rows.split("\n")
    assert rows in article.body.text
    assert article.joins == ()


def test_furniture_belongs_to_no_article() -> None:
    reading = reading_of(
        "2026年3月5日 星期四", "责任编辑：张三 版式：李四", *BRIDGE, BRIDGE_LEAD,
        "扫一扫二维码 看视频", BRIDGE_END,
    )  # fmt: skip
    (article,) = reading.articles
    assert paragraphs(article) == (BRIDGE_LEAD, BRIDGE_END)
    loose = [each.role for each in reading.lines if each.article_id is None]
    assert loose == [Role.FURNITURE, Role.FURNITURE, Role.QR]


def test_words_about_a_code_at_a_column_cut_stay_in_the_body() -> None:
    half, rest = "扫描二维码，就能在三秒内借到一把", "雨伞。”郑水根说，“还伞也只要扫一扫。”"
    (article,) = reading_of(*BRIDGE, BRIDGE_LEAD, f"“{half}", rest, BRIDGE_END).articles
    assert paragraphs(article) == (BRIDGE_LEAD, f"“{half}{rest}", BRIDGE_END)
    (article,) = reading_of(*BRIDGE, BRIDGE_LEAD, half, rest, BRIDGE_END).articles
    assert half in article.body.text


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff"])
def test_an_invisible_character_hides_no_byline(mark: str) -> None:
    for byline in (f"全媒体记者 龚盈盈{mark}", f"{mark}全媒体记者 龚盈盈"):
        (article,) = reading_of(BRIDGE[0], byline, BRIDGE_LEAD, BRIDGE_END).articles
        assert (article.headline, article.byline) == (BRIDGE[0], "全媒体记者 龚盈盈")


# Genres


def test_small_print_has_a_genre_of_its_own() -> None:
    genres = {
        article.headline: article.genre
        for article in reading_of(
            *BRIDGE, BRIDGE_LEAD, BRIDGE_END,
            "旺铺出租", "人民路临街旺铺出租，面积80平方米，租金面议，联系电话13800000000",
            "遗失声明", "王某某遗失身份证，声明作废。",
            "天气预报", "今天白天多云到阴，气温12到19℃，偏北风3级。",
            "明天小雨，气温9到14℃，东北风2级。",
        ).articles
    }  # fmt: skip
    assert genres == {
        BRIDGE[0]: "news",
        "旺铺出租": "advert",
        "遗失声明": "notice",
        "天气预报": "weather",
    }


def test_an_advertisement_within_an_article_is_kept_out_of_its_text() -> None:
    advert = "人民路临街旺铺出租，面积80平方米，租金面议，联系电话13800000000"
    articles = reading_of(
        *BRIDGE, BRIDGE_LEAD, BRIDGE_HALF, "旺铺出租", advert, BRIDGE_REST, BRIDGE_END
    ).articles
    assert [(each.genre, paragraphs(each)) for each in articles] == [
        ("news", BRIDGE_TEXT),
        ("advert", (advert,)),
    ]


@pytest.mark.parametrize(
    ("heads", "genre"),
    [
        (("市民论坛", "过江不必再等船", "本报评论员"), "comment"),
        (("过江不必再等船", "——访老船工郑水根", "本报记者 李晓明"), "interview"),
        (("过江不必再等船", "——记老船工郑水根", "本报记者 李晓明"), "feature"),
    ],
)
def test_a_head_tells_the_genre(heads: tuple[str, ...], genre: str) -> None:
    (article,) = reading_of(
        *heads,
        "大桥合龙，合的是两岸的人心。过去一条江把城市隔成两半，孩子上学要等船，老人看病也要等船。",
        "一座桥的意义，不只在于省下的半个小时，更在于让两岸的人有了同样的机会。",
    ).articles
    assert article.genre == genre
    assert article.headline == "过江不必再等船"


# Dates


def test_the_day_of_issue_is_that_of_the_masthead_before_that_of_the_file() -> None:
    text = set_page("清江日报 2026年3月5日 星期四", *BRIDGE, BRIDGE_LEAD, BRIDGE_END)
    (article,) = articles_of(page_of(text, "2025-01-02/A1.txt")).articles
    assert (article.date, article.date_source) == ("2026-03-05", "masthead")


def test_the_day_of_issue_may_stand_in_the_name_of_the_file() -> None:
    text = set_page(*BRIDGE, BRIDGE_LEAD, BRIDGE_END)
    (article,) = articles_of(page_of(text, "2026-03-05/A1.txt")).articles
    assert (article.date, article.date_source) == ("2026-03-05", "file name")


@pytest.mark.parametrize(
    "lines",
    [
        ("共享雨伞管理规定2026年7月1日起施行", *BRIDGE[1:], BRIDGE_LEAD, BRIDGE_END),
        (*BRIDGE, BRIDGE_LEAD, BRIDGE_END, "开奖日期：2026年5月19日"),
        (*BRIDGE, BRIDGE_LEAD, "2026年5月19日", *TEA, *TEA_TEXT),
    ],
    ids=["in a headline", "of a draw", "between the articles"],
)
def test_another_day_on_the_page_is_not_that_of_issue(lines: tuple[str, ...]) -> None:
    article, *_ = articles_of(page_of(set_page(*lines), "20260521_A04.txt")).articles
    assert (article.date, article.date_source) == ("2026-05-21", "file name")
    assert article.headline == lines[0]


@pytest.mark.parametrize(
    ("line", "file"),
    [("2026年3月5日 星期四", "20260521_A04.txt"), ("2026年3月5日", "page.txt")],
    ids=["with its weekday", "where nothing else tells it"],
)
def test_a_date_line_between_the_articles_may_tell_the_day_of_issue(line: str, file: str) -> None:
    text = set_page(*BRIDGE, BRIDGE_LEAD, line, *TEA, *TEA_TEXT)
    article, *_ = articles_of(page_of(text, file)).articles
    assert (article.date, article.date_source) == ("2026-03-05", "masthead")


@pytest.mark.parametrize("at_head", [True, False])
def test_a_day_alone_at_the_head_or_foot_is_that_of_issue(at_head: bool) -> None:
    lines = [*BRIDGE, BRIDGE_LEAD, BRIDGE_END]
    lines.insert(0 if at_head else len(lines), "2026年3月5日")
    (article,) = articles_of(page_of(set_page(*lines), "20260521_A04.txt")).articles
    assert (article.date, article.date_source) == ("2026-03-05", "masthead")


def test_where_nothing_tells_the_day_it_is_unknown() -> None:
    (article,) = articles_in(set_page(*BRIDGE, BRIDGE_LEAD, BRIDGE_END))
    assert (article.date, article.date_source) == (None, None)


# Traditional characters


def test_a_traditional_page_is_understood_and_keeps_its_characters() -> None:
    first, second = reading_of(
        "清江大橋主橋合龍", "本報記者 李曉明",
        "本報訊 昨日，清江大橋主橋順利合龍。大橋全長2160米，橋面寬33米，設計時速60公",
        "臨湖茶農用上無人機", "本報記者 王芳",
        "本報訊 連日來，臨湖縣雲霧茶場的山坡上，兩架植保無人機來回穿梭，給茶樹施肥。",
        "里，是兩岸之間的第三座公路橋。",
    ).articles  # fmt: skip
    assert (first.headline, first.byline) == ("清江大橋主橋合龍", "本報記者 李曉明")
    assert first.body.text.endswith("設計時速60公里，是兩岸之間的第三座公路橋。")
    assert second.headline == "臨湖茶農用上無人機"


# Joins and doubts


def test_a_join_is_no_surer_than_the_places_of_its_halves() -> None:
    reading = reading_of(
        *BRIDGE, BRIDGE_LEAD, BRIDGE_HALF, *TEA, *TEA_TEXT[:2], BRIDGE_REST, BRIDGE_END
    )
    (joint,) = reading.articles[0].joins
    halves = [each for each in reading.lines if each.line.text in (BRIDGE_HALF, BRIDGE_REST)]
    assert 0 < joint.confidence <= min(each.confidence for each in halves)
    assert reading.articles[0].body.text[joint.at :].startswith(BRIDGE_REST)


def test_a_doubtful_join_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (*BRIDGE, BRIDGE_LEAD, BRIDGE_HALF, BRIDGE_REST, BRIDGE_END)
    assert not [doubt for doubt in reading_of(*lines).doubts if "carry on" in doubt.message]
    monkeypatch.setattr(
        "index.articles.join_confidence",
        lambda *pair: min(join_confidence(*pair), DOUBTFUL - 0.1),
    )
    told = [doubt for doubt in reading_of(*lines).doubts if "carry on" in doubt.message]
    assert [(doubt.line, doubt.message) for doubt in told] == [
        (9, "may not carry on the paragraph of line 7")
    ]
    assert told[0].confidence < DOUBTFUL


def test_a_half_without_its_other_half_is_doubted() -> None:
    doubts = reading_of(*BRIDGE, BRIDGE_LEAD, BRIDGE_END, "（下转第二版）").doubts
    assert [doubt.message for doubt in doubts] == ["its second half stands on another page"]


# Any text

line = st.sampled_from(
    [
        "", "本报记者 甲乙", "本报讯 正文。", "（下转第二版）", "（上接第一版）", "短标题",
        "来源：某报", "扫一扫二维码", "第2版", "“没有关上的引号", "半句话，", "■系列",
        "——访某人", "　　缩进的一段。", "A headline", "Body in English. Second sentence.",
        "遗失声明", "旺铺出租 电话13800000000", "天气预报", "今天多云 12℃", "甲 1 2", "乙 3 4",
        "图为大桥。", "2026年3月5日", "一、其一", "\u2028", "\u200b", "。",
    ]
)  # fmt: skip
wild = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@given(st.lists(line | wild, max_size=30), st.sampled_from(["\n", "\r\n", "\n\n", "\r"]))
def test_any_page_is_partitioned_and_reproduced(lines: list[str], line_break: str) -> None:
    assert_partitioned_and_reproduced(articles_of(page_of(line_break.join(lines))))


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "\x00\n\x01\n\x1b[31m\n",
        "\ud800",
        "大桥\ud800合龙了。\n\n\udfff年底通车。\n",
        "\u2028大桥合龙。\u2029年底通车。\u2028",
        "\u202e大桥\u200f合龙\u2066。\n\n\u202d年底通车\u2069。\n",
        "\ufeff大桥合龙\n\n\ufeff本报讯 昨日合龙。\n",
        "e\u0301" * 50,
        "\U0001f309" * 50 + "\n\n" + "\U0010ffff。\n",
        "\t\n\x0b\x0c\x85\n",
        "（" * 500 + "\n\n" + "”" * 500,
        "大桥合龙\n" * 60,
        "本报讯\n" * 60,
        "（下转第二版）\n\n（上接第一版）\n\n" * 30,
    ],
)
def test_odd_text_is_partitioned_and_reproduced(text: str) -> None:
    assert_partitioned_and_reproduced(articles_of(page_of(text)))


def dump_of(count: int) -> str:
    """Return ``count`` reports one below the other, of two matters in turn."""
    return (set_page(*BRIDGE, BRIDGE_LEAD, BRIDGE_END, *TEA, *TEA_TEXT) + "\n") * (count // 2)


@pytest.mark.slow
def test_a_dump_is_read_in_windows_that_lose_no_line() -> None:
    reading = articles_of(page_of(dump_of(MAX_WINDOW_PIECES // 4)))
    assert len(reading.lines) > MAX_WINDOW_PIECES
    assert_partitioned_and_reproduced(reading)
    assert len(reading.articles) > MAX_WINDOW_PIECES // 10  # one item, printed again and again


# Large files


def test_a_line_of_ten_megabytes_is_read() -> None:
    text = "大桥昨日合龙，两岸居民过江只要五分钟。" * (10_000_000 // 57)
    reading = articles_of(page_of(text))
    assert_partitioned_and_reproduced(reading)
    assert reading.articles[0].body.text == text


@pytest.mark.slow
@pytest.mark.parametrize("row", ["大桥合龙\n", "大桥昨日合龙。\n", "一\n", "大桥昨日合\n\n"])
def test_time_grows_with_the_lines_and_no_faster(row: str) -> None:
    assert grows_linearly(lambda count: articles_of(page_of(row * count)), 400)


@pytest.mark.slow
def test_time_grows_with_the_articles_of_a_dump_and_no_faster() -> None:
    assert grows_linearly(lambda count: articles_of(page_of(dump_of(count))), 40)
