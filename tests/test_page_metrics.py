"""The metrics of a reading: a perfect one scores 1, and each fault lowers what it should."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evals.page_gold import GoldLine, GoldPage, opening_of
from evals.page_metrics import ORDERED_ROLES, compare, page_metrics
from index.lines import lines_of
from index.reading import PlacedLine, Reading
from index.roles import Role
from index.types import Article, Excerpt, Page

LINES = (
    ("furniture", None, "2026年3月5日 星期四"),
    ("headline", "B", "图书馆延长开放"),
    ("byline", "A", "记者 张三"),
    ("body", "A", "大桥昨日合"),
    ("body", "A", "龙，年底通车。"),
    ("body", "A", "两岸居民过江只要五分钟。"),
    ("headline", "A", "清江大桥合龙"),
    ("deck", "A", "——记建桥的人"),
    ("byline", "B", "记者 李四"),
    ("body", "B", "图书馆夜里也开"),
    ("body", "B", "放，读者称便。"),
    ("body", "B", "座位增加了两百个。"),
    ("headline", "C", "房屋招租"),
    ("advert", "C", "沿街店面招租，水电齐全。"),
)
PAGE = Page("a.txt", "\n\n".join(text for _, _, text in LINES) + "\n", "utf-8", "0" * 64)
CONTINUES = {5, 11}  # counted from 1, as the lines of LINES


def a_page() -> GoldPage:
    rows = [
        GoldLine(2 * at - 1, Role(role), article, at in CONTINUES, opening_of(text))
        for at, (role, article, text) in enumerate(LINES, start=1)
    ]
    rank = {Role.HEADLINE: 0, Role.DECK: 1, Role.BYLINE: 2}
    rows.sort(key=lambda row: (row.article or "Z", rank.get(row.role, 3)))
    genres = {"A": "news", "B": "news", "C": "advert"}
    wholes = dict.fromkeys(genres, True)
    return GoldPage("a", PAGE, tuple(rows), genres, wholes, "2026-03-05", "masthead")


GOLD = a_page()


def article(letter: str, genre: str, date: str | None) -> Article:
    nothing = Excerpt("", ())
    return Article(
        id=f"a-{letter}",
        file=PAGE.file,
        headline=f"headline of {letter}",
        subheads=(),
        kicker="",
        byline="",
        date=date,
        genre=genre,
        complete=True,
        body=nothing,
        spans=(),
    )


def perfect() -> Reading:
    """Return the reading that agrees with the gold in everything."""
    at = {line.number: place for place, line in enumerate(GOLD.lines)}
    before = dict(zip((line.number for line in GOLD.lines[1:]), GOLD.lines, strict=False))
    golds = {line.number: line for line in GOLD.lines}
    placed: list[PlacedLine] = []
    for line in lines_of(PAGE):
        gold = golds[line.number]
        placed.append(
            PlacedLine(
                line,
                gold.role,
                f"a-{gold.article}" if gold.article else None,
                at[line.number] if gold.role in ORDERED_ROLES else None,
                before[line.number].number if gold.continues else None,
            )
        )
    articles = tuple(article(letter, genre, GOLD.date) for letter, genre in GOLD.genres.items())
    return Reading(PAGE, articles, tuple(placed))


def with_line(reading: Reading, words: str, **changes: object) -> Reading:
    """Return the reading with the line that begins with ``words`` changed."""
    assert sum(line.line.text.startswith(words) for line in reading.lines) == 1
    return replace(
        reading,
        lines=tuple(
            replace(line, **changes) if line.line.text.startswith(words) else line  # type: ignore[arg-type]
            for line in reading.lines
        ),
    )


def with_articles(reading: Reading, *articles: Article) -> Reading:
    return replace(reading, articles=articles)


def figures(reading: Reading) -> dict[str, float]:
    return {name: figure.value for name, figure in page_metrics([compare(reading, GOLD)]).items()}


def test_a_perfect_reading_scores_one_everywhere() -> None:
    score = compare(perfect(), GOLD)
    found = page_metrics([score])
    assert {name: figure.value for name, figure in found.items()} == dict.fromkeys(found, 1.0)
    assert {name: figure.n for name, figure in found.items()} == {
        "line_role_accuracy": 14,
        "article_f1": 3,
        "articles_whole": 3,
        "headline_accuracy": 3,
        "join_precision": 2,
        "join_recall": 2,
        "order_accuracy": 2,  # the advert has one line only
        "genre_accuracy": 3,
        "date_accuracy": 3,
    }
    assert score.faults == ()
    assert score.whole_articles == 3


def exchanged(reading: Reading) -> Reading:
    reading = with_line(reading, "清江大桥", article_id="a-B")
    return with_line(reading, "图书馆延长", article_id="a-A")


def turned(reading: Reading) -> Reading:
    """Return the reading with the last two body lines of A in the wrong order."""
    reading = with_line(reading, "龙，", at=99)
    return with_line(reading, "两岸", at=98)


def parted(reading: Reading) -> Reading:
    """Return the reading with the last line of B as an article of its own."""
    reading = with_line(reading, "座位", article_id="a-D")
    return with_articles(reading, *reading.articles, article("D", "news", GOLD.date))


def merged(reading: Reading) -> Reading:
    """Return the reading with C as a part of B."""
    for words in ("房屋招租", "沿街"):
        reading = with_line(reading, words, article_id="a-B")
    return with_articles(reading, *reading.articles[:2])


def renamed(reading: Reading, **changes: str | None) -> Reading:
    first, *rest = reading.articles
    return with_articles(reading, replace(first, **changes), *rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "lowered", "words"),
    [
        (
            lambda reading: with_line(reading, "记者 张三", role=Role.BODY),
            {"line_role_accuracy": 13 / 14},
            ["line 5 “记者 张三”: byline, read as body"],
        ),
        (
            lambda reading: with_line(reading, "龙，", continues=None),
            {"join_recall": 1 / 2},
            ["line 9 “龙，年底通车。”: carries on line 7, not joined"],
        ),
        (
            lambda reading: with_line(reading, "两岸", continues=9),
            {"join_precision": 2 / 3},
            ["line 11 “两岸居民过江只要五分钟。”: joined to line 9, does not carry it on"],
        ),
        (
            lambda reading: with_line(reading, "龙，", continues=5),
            {"join_precision": 1 / 2, "join_recall": 1 / 2},
            [
                "line 9 “龙，年底通车。”: carries on line 7, not joined",
                "line 9 “龙，年底通车。”: joined to line 5, does not carry it on",
            ],
        ),
        (
            turned,
            {"order_accuracy": (0 + 1) / 2, "articles_whole": 2 / 3},
            ["article A (line 5): body out of order, 0% of neighbours kept"],
        ),
        (
            exchanged,
            {
                "headline_accuracy": 1 / 3,
                "articles_whole": 1 / 3,
                "article_f1": (5 / 6 + 4 / 5 + 1) / 3,
            },
            [
                "line 3 “图书馆延长开放”: belongs to B, given to A",
                "line 13 “清江大桥合龙”: belongs to A, given to B",
                "article A (line 5): headline is line 13, 15",
                "article B (line 3): headline is line 3",
            ],
        ),
        (
            lambda reading: renamed(reading, genre="feature"),
            {"genre_accuracy": 2 / 3},
            ["article A (line 5): genre is news"],
        ),
        (
            lambda reading: renamed(reading, date=None),
            {"date_accuracy": 2 / 3},
            ["article A (line 5): date is 2026-03-05"],
        ),
        (
            parted,
            {
                "article_f1": 2 * (1 + 8 / 9 + 1) / 7,
                "articles_whole": 2 / 3,
                "order_accuracy": (1 + 1 / 2) / 2,
            },
            [
                "line 23 “座位增加了两百个。”: belongs to B, given to one too many",
                "article B (line 3): body out of order, 50% of neighbours kept",
                "article “headline of D”: one too many",
            ],
        ),
        (
            merged,
            {
                "article_f1": 2 * (1 + 10 / 12) / 5,
                "articles_whole": 1 / 3,
                "headline_accuracy": 1 / 3,
                "genre_accuracy": 2 / 3,
                "date_accuracy": 2 / 3,
            },
            [
                "line 25 “房屋招租”: belongs to C, given to B",
                "line 27 “沿街店面招租，水电齐全。”: belongs to C, given to B",
                "article B (line 3): headline is line 3",
                "article C (line 25): not found",
            ],
        ),
        (
            lambda reading: with_line(reading, "座位", article_id=None, at=None),
            {"article_f1": (1 + 8 / 9 + 1) / 3, "articles_whole": 2 / 3, "order_accuracy": 0.75},
            [
                "line 23 “座位增加了两百个。”: belongs to B, given to the page",
                "article B (line 3): body out of order, 50% of neighbours kept",
            ],
        ),
    ],
)
def test_a_fault_lowers_what_it_should_and_nothing_else(
    fault: Callable[[Reading], Reading], lowered: dict[str, float], words: list[str]
) -> None:
    reading = fault(perfect())
    found = figures(reading)
    assert found == pytest.approx(dict.fromkeys(found, 1.0) | lowered)
    assert list(compare(reading, GOLD).faults) == words


def test_a_line_that_was_left_out_counts_as_wrong() -> None:
    reading = perfect()
    short = replace(reading, lines=reading.lines[1:])
    assert figures(short)["line_role_accuracy"] == pytest.approx(13 / 14)
    assert compare(short, GOLD).faults == ("line 1 “2026年3月5日 星期”: left out of the reading",)


def test_an_article_without_a_headline_must_be_given_none() -> None:
    bare = replace(
        GOLD, lines=tuple(line for line in GOLD.lines if not line.opening.startswith("图书馆延长"))
    )
    (match,) = [match for match in compare(perfect(), bare).matches if match.article == "B"]
    assert not match.headline
    without = with_line(perfect(), "图书馆延长", article_id=None)
    (match,) = [match for match in compare(without, bare).matches if match.article == "B"]
    assert match.headline


def test_a_page_that_was_read_as_nothing_scores_zero() -> None:
    reading = Reading(PAGE, (), ())
    assert figures(reading) == {
        "line_role_accuracy": 0.0,
        "article_f1": 0.0,
        "articles_whole": 0.0,
        "headline_accuracy": 0.0,
        "order_accuracy": 0.0,
        "genre_accuracy": 0.0,
        "date_accuracy": 0.0,
        "join_recall": 0.0,  # there is no join to be precise about
    }


def test_a_page_without_a_date_has_no_figure_for_it() -> None:
    undated = replace(GOLD, date=None, date_source=None)
    assert "date_accuracy" not in page_metrics([compare(perfect(), undated)])


def test_pages_are_pooled_by_lines_articles_and_joins() -> None:
    good = compare(perfect(), GOLD)
    bad = compare(with_line(perfect(), "龙，", continues=None), GOLD)
    found = page_metrics([good, bad])
    assert found["join_recall"].value == pytest.approx(3 / 4)
    assert found["join_recall"].n == 4
    assert found["article_f1"].n == 6
    assert page_metrics([]) == {}
