"""Pages become the articles that a reader would cut out of them."""

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import articles_of
from index.decoding import read_page
from index.lines import lines_of
from index.roles import Role
from index.types import Article, Page

# What a careful reader finds on the seed pages: the headline (or none), the opening words
# of the body, its closing words, and whether the article is whole.
GOLD = {
    "000_361fbcaa1fcc6c1b.txt": [
        ("我市入围“两新”融合财政专项激励公示名单", "本报讯 近日,省财政厅", "均列金华第一。", True),
        ("第20届文旅博览会", "本报讯 昨日,第20届", "规模增长”的良性循环。", True),
        ("从“计算器报价”到“AI实时翻译”", "“Welcome to Yiwu", "时代的义乌新故事。", True),
        ("当好职工的权益守护者", "在义乌市职工服务中心", "满怀感恩与自豪。", True),
        ("长三角首单“义乌—沙特”", "本报讯 昨日上午,一列", "发展势头强劲。", True),
    ],
    "001_98d33fa018142c74.txt": [
        ("义乌，再出发", "何为经验？", "义乌，再出发！", True),
        ("一季度我市科技创新投入实现稳步增长", "本报讯 5月15日", "加大科技创新投入。", True),
        ("与市场迭代发展同行并进", "走进国际商贸城四区", "每一次转型节点。", False),
        ("", "5月15日上午，省委省政府", "为全国大局作出新贡献。", True),
        ("2026义博会印尼展收官", "本报讯 印尼雅加达时间", "系列海外展。", True),
    ],
    "002_4b71105106d275e4.txt": [
        ("义乌国际“朋友圈”扩至51城", "前段时间,又一批", "全球影响力。", True),
        ("", "对贺传来说", "深刻的文化内涵。", False),
        ("我市公布一批经许可烟花爆竹经营零售点", "本报讯 近日,我市公布", "注意安全。", True),
        ("义乌企业发布AI自动化缝纫系统", "本报讯 在人工智能", "“义乌样本”。", True),
        ("军民跳绳比赛共叙鱼水情", "本报讯 2月1日上午", "再添新彩。", True),
        ("“文化年货”送到家门口", "新春将至,年味渐浓", "节日氛围。", True),
        ("我市开展2026年世界湿地日宣传活动", "本报讯 2月2日", "良好社会氛围。", True),
        ("稠江街道“工业上楼”激活产业新动能", "在城市经济高质量发展", "可复制的路径。", True),
        ("“浙智巡”智能巡检系统", "本报讯 清晨时分", "多处安全隐患。", True),
    ],
    "003_5e2947be35dd0853.txt": [
        ("“无中生有”修大港", "一座不靠海、不沿边", "更多可能性。", True),
        ("", "这两年，世界难言平静", "的耐力。", True),
        ("1.2万个岗位虚位以待", "本报讯 昨日从市人力社保局", "“享生活”。", True),
        ("让义乌品牌出海全世界", "连日来，位于义乌好货广场", "生动缩影。", True),
        ("“共富仓”打通共富路", "本报讯 “土豆大小正合适", "鲜活实践。", True),
    ],
    "004_5e4219b278fb5d6c.txt": [
        ("义乌电商按下“快进键”", "本报讯 “春节期间我们", "韧性与活力。", True),
        ("我市“三八”国际妇女节主题活动启幕", "本报讯 春风送暖", "助力营商环境优化。", True),
        ("市委宣传部：以“四比四拼”", "本报讯 3月3日，市委宣传部", "政治品格。", True),
        ("市委统战部：实干争先", "本报讯 3月3日，市委统战部", "享誉全球。", True),
        ("聚焦「落实」二字", "本报讯 3月4日，金华市委副书记", "发展之“稳”。", True),
        ("义乌外调委获评", "本报讯 近日，第十一批", "典型案例。", True),
    ],
}  # fmt: skip


def page_of(text: str) -> Page:
    return Page("page.txt", text, "utf-8", "")


def articles_in(text: str) -> list[Article]:
    return list(articles_of(page_of(text)).articles)


@pytest.mark.parametrize("file", sorted(GOLD))
def test_a_seed_page_becomes_its_articles(seeds: Path, file: str) -> None:
    articles = articles_of(read_page(seeds / file, file)).articles
    assert len(articles) == len(GOLD[file])
    for article, (headline, opening, closing, complete) in zip(articles, GOLD[file], strict=True):
        assert (headline in article.headline) if headline else not article.headline
        assert article.body.text.startswith(opening)
        assert article.body.text.endswith(closing)
        assert article.complete is complete


@pytest.mark.parametrize("file", sorted(GOLD))
def test_every_line_of_a_seed_page_is_accounted_for(seeds: Path, file: str) -> None:
    page = read_page(seeds / file, file)
    reading = articles_of(page)
    articles, placed = reading.articles, reading.lines
    assert [each.line.number for each in placed] == [line.number for line in lines_of(page)]
    owned = Counter(span for article in articles for span in article.spans)
    assert max(owned.values()) == 1, "no words belong to two articles"
    for each in placed:
        is_owned = any(
            span.start <= each.line.excerpt.spans[0].start < span.end
            for article in articles
            for span in article.spans
        )
        in_article = each.role in (
            Role.HEADLINE, Role.DECK, Role.BYLINE, Role.BODY, Role.SECTION, Role.CAPTION,
        )  # fmt: skip
        assert is_owned == in_article, each.line.text


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


def test_a_paragraph_cut_by_a_column_is_rejoined_and_its_spans_skip_the_cut() -> None:
    text = "题目在此\n\n本报记者 甲乙\n\n本报讯 他嘴里说着讨价还\n\n价,再敲回一个数字。\n"
    (article,) = articles_in(text)
    assert article.body.text == "本报讯 他嘴里说着讨价还价,再敲回一个数字。"
    assert len(article.body.spans) == 2


def test_a_paragraph_that_ends_is_not_joined() -> None:
    (article,) = articles_in("题目\n\n本报记者 甲乙\n\n第一段在此结束。\n\n第二段开始了。\n")
    assert article.body.text == "第一段在此结束。\n第二段开始了。"


def test_a_quote_left_open_is_joined_over_its_full_stop() -> None:
    (article,) = articles_in("题目\n\n本报记者 甲乙\n\n他说：“第一句。\n\n第二句。”说完就走。\n")
    assert article.body.text == "他说：“第一句。第二句。”说完就走。"


def test_a_page_jump_leaves_two_halves_marked() -> None:
    first, second = articles_in(
        "题目\n\n本报记者 甲乙\n\n第一篇的正文写到了这里。\n\n（下转第二版）\n\n"
        "（上接第一版）\n\n另一篇的后半截从这里接着往下写。\n"
    )
    assert not first.complete
    assert not second.complete


def test_a_plain_article_file_stays_one_article() -> None:
    (article,) = articles_in("一个标题\n\n正文第一段，有头有尾。\n\n正文第二段，也有头有尾。\n")
    assert article.headline == "一个标题"
    assert article.body.text.count("\n") == 1


def test_an_id_survives_indexing_again_and_changes_further_down(seeds: Path) -> None:
    text = (seeds / "000_361fbcaa1fcc6c1b.txt").read_text(encoding="utf-8")
    before = [article.id for article in articles_in(text)]
    after = [article.id for article in articles_in("\n\n" + text + "\n")]
    assert before == after
    assert len(set(before)) == len(before)


@pytest.mark.slow
def test_a_dump_of_a_thousand_pages_is_read_in_linear_time() -> None:
    item = (
        "题目在此\n\n本报记者 甲乙\n\n本报讯 正文第一段。\n\n正文第二段，有头有尾，写得很长。\n\n"
    )
    started = time.monotonic()
    assert len(articles_in(item * 10_000)) == 10_000
    assert time.monotonic() - started < 60


line = st.sampled_from(
    [
        "", "本报记者 甲乙", "本报讯 正文。", "（下转第二版）", "（上接第一版）", "短标题",
        "来源：某报", "扫一扫二维码", "第2版", "“没有关上的引号", "半句话，", "■系列",
        "——访某人", "　　缩进的一段。", "A headline", "Body in English. Second sentence.",
        "\u2028", "\u200b", "。",
    ]
)  # fmt: skip


@given(st.lists(line | st.text(max_size=40), max_size=30), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_any_page_is_partitioned_and_reproduced(lines: list[str], line_break: str) -> None:
    page = page_of(line_break.join(lines))
    reading = articles_of(page)
    articles, placed = reading.articles, reading.lines
    assert [each.line.number for each in placed] == [each.number for each in lines_of(page)]
    for article in articles:
        printed = "".join(page.text[span.start : span.end] for span in article.body.spans)
        assert printed == article.body.text
    ids = {article.id for article in articles}
    assert {each.article_id for each in placed} - {None} <= ids
    assert len(ids) == len(articles)
