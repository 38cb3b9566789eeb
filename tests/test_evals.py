"""The eval suite: cases are checked, a real run is measured, the report is safe to open."""

import gzip
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals.cases import find_gold, load_cases
from evals.metrics import broken_floors, measure
from evals.page_gold import GoldPage, read_gold
from evals.page_sheet import GROUPS
from evals.page_suite import generated_pages, has_articles, read_pages
from evals.report import markdown, to_json, write_report
from evals.report_html import page as html_page
from evals.run import FLOORS, SUITES, ask_cases, load_floors, run_suite
from evals.sheets import sheet_of
from evals.tables import overview
from evals.types import (
    KINDS,
    WHOLE,
    AnswerRow,
    AnswersResult,
    Case,
    Figure,
    Floor,
    PageRow,
    PagesResult,
    RetrievalResult,
    RetrievalRow,
    Row,
    SuiteResult,
)
from index.lines import lines_of
from index.reading import PlacedLine, Reading
from index.roles import Role
from index.types import Article, Chunk, CorpusError, Excerpt, Page, Span
from rag.config import Settings, load_settings
from rag.terms import Arm
from rag.types import Answer, Citation, Passage, Question
from tests.newsroom import TEXTS

FAIR_LINE = "博览会共吸引专业采购商58092人次。"
TRAVEL_LINE = "机场旅客创历史新高。"
TEXT = f"博览会闭幕\r\n{FAIR_LINE}\r\n客流\r\n{TRAVEL_LINE}\r\n广告热线\r\n"
PAGES = {"a.txt": Page("a.txt", TEXT, "utf-8", "0" * 64)}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def excerpt(words: str) -> Excerpt:
    start = TEXT.index(words)
    return Excerpt(words, (Span("a.txt", start, start + len(words)),))


def article(name: str, headline: str, line: str) -> Article:
    spans = excerpt(headline).spans + excerpt(line).spans
    return Article(name, "a.txt", headline, (), "", "", None, "", True, excerpt(line), spans)


FAIR = article("a-1", "博览会闭幕", FAIR_LINE)
TRAVEL = article("a-2", "客流", TRAVEL_LINE)
ARTICLES = {"a-1": FAIR, "a-2": TRAVEL}


def passages(*articles: Article) -> tuple[Passage, ...]:
    return tuple(
        Passage(Chunk(f"{one.id}-0", one, 0, len(one.body.text)), 1.0 - rank / 10)
        for rank, one in enumerate(articles)
    )


@dataclass
class Retriever:
    """Finds everything, the second article first when asked for words alone."""

    def retrieve(
        self, question: Question, k: int, *, arms: Collection[Arm] = ()
    ) -> Sequence[Passage]:
        assert question.search_text
        return passages(TRAVEL, FAIR)[:k] if arms == ("characters",) else passages(FAIR)[:k]


@dataclass
class Answerer:
    """Quotes what it was told for a question, and refuses any other."""

    quotes: Mapping[str, Citation]
    index: Any = field(default_factory=lambda: SimpleNamespace(pages=PAGES, articles=ARTICLES))
    retriever: Retriever = field(default_factory=Retriever)
    histories: list[tuple[str, ...]] = field(default_factory=list)

    def ask(self, text: str, history: Sequence[Question] = ()) -> Answer:
        self.histories.append(tuple(question.text for question in history))
        question = Question(text, "zh" if "？" in text else "en")
        quote = self.quotes.get(text)
        if quote is None:
            return Answer(question, "没有答案。", True, "extractive", 0.1, (), passages(TRAVEL))
        said = f"{quote.quote.text}[{quote.n}]"
        found = passages(quote.article, *ARTICLES.values())
        return Answer(question, said, False, "extractive", 0.9, (quote,), found)


def case(name: str, question: str, **changes: Any) -> Case:
    plain = Case(
        id=name,
        kind="answerable",
        language="zh" if "？" in question else "en",
        style="plain",
        question=question,
        file="a.txt",
        evidence="专业采购商58092",
        facts=(("58092", "58,092"),),
        pair=None,
        session=None,
        source="answerable.jsonl:1",
    )
    return replace(plain, **changes)


NO_GOLD: dict[str, Any] = {"file": None, "evidence": None, "facts": (), "kind": "unanswerable"}
TOLD = Citation(1, FAIR, excerpt(FAIR_LINE))
CASES = (
    case("fair-zh", "来了多少采购商？"),
    case("fair-en", "How many buyers came?"),
    case("ticket", "门票多少钱？", style="near-miss", **NO_GOLD),
)


def result(rows: Sequence[Row], floors: Sequence[Floor] = ()) -> SuiteResult:
    metrics = measure(rows)
    broken = broken_floors(floors, metrics)
    return SuiteResult("seeds", metrics, tuple(floors), broken, {"commit": None}, tuple(rows))


# Cases


def write_cases(folder: Path, **rows: Sequence[object]) -> Path:
    for kind in ("answerable", "unanswerable", "dialogues"):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows.get(kind, ())]
        (folder / f"{kind}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


ROW: dict[str, Any] = {
    "id": "q1",
    "pair": "q",
    "language": "zh",
    "style": "plain",
    "question": "来了多少采购商？",
    "file": "a.txt",
    "evidence": "58092",
    "facts": [["58092"]],
}


def test_the_cases_of_the_seeds_suite_are_well_formed() -> None:
    cases = load_cases(SUITES["seeds"])
    assert {one.kind for one in cases} == {"answerable", "unanswerable", "dialogues"}


def test_a_row_becomes_a_case(tmp_path: Path) -> None:
    (found,) = load_cases(write_cases(tmp_path, answerable=["", ROW]))
    assert (found.id, found.facts, found.source) == ("q1", (("58092",),), "answerable.jsonl:2")


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        (ROW | {"id": ""}, '"id"'),
        (ROW | {"question": None}, '"question"'),
        (ROW | {"language": "fr"}, "'fr'"),
        (ROW | {"file": None, "evidence": None, "facts": []}, '"file" is missing'),
        (ROW | {"evidence": None}, "belong together"),
        (ROW | {"facts": []}, '"facts"'),
        (ROW | {"facts": ["58092"]}, "'58092'"),
        (ROW | {"facts": [[]]}, '"facts"'),
        (ROW | {"facts": 5}, "5"),
        (ROW | {"evidence": []}, "lists of one length"),
        (ROW | {"evidence": ["58092", "新高"], "file": ["a.txt"]}, "lists of one length"),
        (ROW | {"evidence": ["58092", None]}, '"evidence"'),
        (ROW | {"split": "train"}, "'train'"),
        (ROW | {"edition": 0}, '"edition"'),
        (ROW | {"edition": True}, '"edition"'),
    ],
)
def test_a_bad_row_is_named_by_file_line_and_reason(tmp_path: Path, row: object, what: str) -> None:
    folder = write_cases(tmp_path, answerable=[ROW | {"id": "q0"}, row])
    with pytest.raises(CorpusError, match=r"^answerable\.jsonl:2: ") as error:
        load_cases(folder)
    assert what in str(error.value)
    assert "\n" not in str(error.value)


def test_a_row_may_have_several_pieces_of_evidence(tmp_path: Path) -> None:
    two = ROW | {"evidence": ["58092", "新高"], "split": "tune", "asks": "two-part", "edition": 2}
    far = two | {"id": "q2", "file": ["a.txt", "b.txt"]}
    near, apart = load_cases(write_cases(tmp_path, answerable=[two, far]))
    assert (near.file, near.evidence, near.also) == ("a.txt", "58092", (("a.txt", "新高"),))
    assert apart.also == (("b.txt", "新高"),)
    assert (near.split, near.asks, near.edition) == ("tune", "two-part", 2)


def test_an_unanswerable_row_names_no_file_and_a_turn_has_a_session(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"unanswerable\.jsonl:1: .*null"):
        load_cases(write_cases(tmp_path, unanswerable=[ROW]))
    with pytest.raises(CorpusError, match=r'dialogues\.jsonl:1: "session"'):
        load_cases(write_cases(tmp_path, dialogues=[ROW]))


def test_an_id_is_used_once(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"answerable\.jsonl:2: .*answerable\.jsonl:1"):
        load_cases(write_cases(tmp_path, answerable=[ROW, ROW]))


def test_a_missing_case_file_and_an_empty_suite_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"answerable\.jsonl: cannot read"):
        load_cases(tmp_path)
    with pytest.raises(CorpusError, match="no cases"):
        load_cases(write_cases(tmp_path))


def test_gold_is_the_article_around_the_evidence() -> None:
    gold = find_gold(CASES[0], Answerer({}).index)
    assert gold is not None
    assert gold.article is FAIR
    assert TEXT[gold.span.start : gold.span.end] == "专业采购商58092"
    assert find_gold(CASES[2], Answerer({}).index) is None


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"file": "b.txt"}, "'b.txt' is not in the corpus"),
        ({"evidence": "58093"}, "stands 0 times"),
        ({"evidence": "客"}, "stands 2 times"),
        ({"evidence": "广告热线"}, "must lie in one article, found: none"),
        ({"evidence": "次。\r\n客流"}, "must lie in one article, found: none"),
    ],
)
def test_evidence_that_proves_nothing_stops_the_suite(
    changes: Mapping[str, Any], what: str
) -> None:
    answerer = Answerer({})
    with pytest.raises(CorpusError, match=r"answerable\.jsonl:1: case 'bad'") as error:
        ask_cases(answerer, [CASES[0], case("bad", "什么？", **changes)])
    assert what in str(error.value)
    assert not answerer.histories  # nothing was asked


# The run


def test_a_run_is_measured() -> None:
    told: list[tuple[int, int]] = []
    rows = ask_cases(
        Answerer({"来了多少采购商？": TOLD}), CASES, progress=lambda *at: told.append(at)
    )
    assert [row.verdict for row in rows] == ["right", "false refusal", "refused"]
    assert told == [(1, 3), (2, 3), (3, 3)]
    metrics = measure(rows)
    assert metrics["zh.recall_at_1"] == metrics["zh.answer_facts"] == Figure(1.0, 1)
    assert metrics["zh.evidence_hit"] == metrics["zh.right"] == Figure(1.0, 1)
    assert metrics["en.recall_at_5"] == metrics["en.answer_facts"] == Figure(0.0, 1)
    assert metrics["en.false_refusal"] == Figure(1.0, 1)
    assert metrics["zh.near_miss.refusal"] == metrics["zh.refusal"] == Figure(1.0, 1)
    assert metrics["all.citation_validity"] == metrics["all.language_match"] == Figure(1.0, 3)
    assert metrics["all.latency_p95_ms"].n == 3
    assert "en.refusal" not in metrics  # there is no such case


def test_baselines_are_measured_over_the_same_cases() -> None:
    metrics = measure(ask_cases(Answerer({}), CASES))
    assert metrics["bm25.zh.recall_at_1"] == Figure(0.0, 1)
    assert metrics["bm25.zh.mrr"] == Figure(0.5, 1)
    assert metrics["dense.zh.recall_at_1"] == Figure(1.0, 1)


def test_turns_of_a_session_follow_each_other() -> None:
    turns = [
        case("d1-1", "来了多少采购商？", kind="dialogues", session="d1"),
        case("d2-1", "机场呢？", kind="dialogues", session="d2"),
        case("d1-2", "外商呢？", kind="dialogues", session="d1"),
    ]
    answerer = Answerer({})
    rows = ask_cases(answerer, turns)
    assert answerer.histories == [(), (), ("来了多少采购商？",)]
    metrics = measure(rows)
    assert metrics["zh.dialogue.false_refusal"].n == 3
    assert metrics["zh.follow_up.false_refusal"].n == 1
    assert "zh.false_refusal" not in metrics  # no question stands alone


def test_a_wrong_quote_is_caught() -> None:
    wrong = replace(TOLD, quote=Excerpt(FAIR_LINE.replace("58092", "58093"), TOLD.quote.spans))
    rows = ask_cases(Answerer({"来了多少采购商？": wrong}), CASES[:1])
    assert rows[0].verdict == "unproved"
    assert measure(rows)["all.citation_validity"] == Figure(0.0, 1)


def test_a_missing_fact_and_another_place_are_told_apart() -> None:
    elsewhere = Citation(1, TRAVEL, excerpt(TRAVEL_LINE))
    beside = Citation(1, FAIR, excerpt("次。"))
    other = case("other", "新高？", facts=(("新高",),))
    told = {"来了多少采购商？": beside, "新高？": elsewhere}
    rows = ask_cases(Answerer(told), [CASES[0], other])
    assert [row.verdict for row in rows] == ["missing fact", "other evidence"]
    assert not any(row.passed for row in rows)


def test_a_question_over_two_articles_wants_both_quoted() -> None:
    both = case("both", "哪个多？", also=(("a.txt", "历史新高"),))
    one, other = TOLD, Citation(2, TRAVEL, excerpt(TRAVEL_LINE))

    class Comparing(Answerer):
        def ask(self, text: str, history: Sequence[Question] = ()) -> Answer:  # noqa: ARG002
            said = f"{one.quote.text}[1]{other.quote.text}[2]"
            found = passages(TRAVEL, FAIR)
            return Answer(Question(text, "zh"), said, False, "extractive", 1, (one, other), found)

    (row,) = ask_cases(Comparing({}), [both])
    assert row.gold is not None
    assert [place.article for place in row.gold.places] == [FAIR, TRAVEL]
    assert row.verdict == "right"
    assert measure([row])["zh.recall_at_1"].value == 1.0  # either article leads to the answer
    (half,) = ask_cases(Answerer({"哪个多？": TOLD}), [both])
    assert half.verdict == "other evidence"
    bad = case("bad", "哪个多？", also=(("a.txt", "58093"),))
    with pytest.raises(CorpusError, match="'58093' stands 0 times"):
        ask_cases(Answerer({}), [bad])


def test_splits_editions_and_what_is_asked_are_measured_apart() -> None:
    cases = (
        replace(CASES[0], split="tune", asks="number"),
        case("day", "几天？", asks="date", edition=2),
        replace(CASES[2], asks="other-fact", edition=2),
    )
    metrics = measure(ask_cases(Answerer({"来了多少采购商？": TOLD}), cases))
    assert metrics["zh.tune.right"] == metrics["zh.edition_1.right"] == Figure(1.0, 1)
    assert metrics["zh.test.false_refusal"] == metrics["zh.asks_date.false_refusal"]
    assert metrics["zh.test.near_miss.refusal"] == metrics["zh.asks_other_fact.refusal"]
    assert metrics["zh.right"].n == 2
    low, high = metrics["zh.right"].interval or (1, 0)
    assert low <= 0.5 <= high
    assert metrics["zh.mrr"].interval is None


def test_an_error_while_asking_names_the_case() -> None:
    class Strict(Answerer):
        def ask(self, text: str, history: Sequence[Question] = ()) -> Answer:
            if "How" in text:
                raise CorpusError("the question is too long; shorten it")
            return super().ask(text, history)

    with pytest.raises(CorpusError, match="case 'fair-en': the question is too long"):
        ask_cases(Strict({}), CASES)


# Floors


def test_a_broken_floor_is_reported() -> None:
    floors = [Floor("en.false_refusal", 0.1, at_most=True), Floor("zh.recall_at_1", 0.5)]
    found = result(ask_cases(Answerer({"来了多少采购商？": TOLD}), CASES), floors)
    assert found.broken_floors == ("en.false_refusal: 1 is above 0.1 (n=1)",)
    assert "| en.false_refusal | ≤ 0.1 | 1.000 | 1 | no |" in markdown(found)
    assert to_json(found)["floors"][0]["held"] is False
    assert "en.false_refusal: 1 is above 0.1" in html_page(found)


def test_floors_are_read_for_one_suite(tmp_path: Path) -> None:
    path = tmp_path / "floors.toml"
    path.write_text('[a.at_least]\n"zh.mrr" = 1\n[a.at_most]\n"x.y" = 0.5\n[b.at_least]\nz = 1\n')
    assert load_floors(path, "a") == (Floor("zh.mrr", 1.0), Floor("x.y", 0.5, at_most=True))
    assert load_floors(path, "c") == ()


@pytest.mark.parametrize("text", ["[a.at_least]\nx = true", "[a.below]\nx = 1", "[a", "a = 5"])
def test_floors_that_cannot_be_read_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "floors.toml"
    path.write_text(text)
    with pytest.raises(CorpusError, match=r"floors\.toml"):
        load_floors(path, "a")


def test_every_floor_names_a_metric_that_the_seeds_cases_give() -> None:
    (row,) = ask_cases(Answerer({}), CASES[:1])
    rows = [
        replace(row, case=one, gold=row.gold if one.file else None)
        for one in load_cases(SUITES["seeds"])
    ]
    floors = load_floors(FLOORS, "seeds")
    assert Floor("all.citation_validity", 1.0) in floors
    assert {floor.metric for floor in floors} <= set(measure(rows))


def test_an_unknown_suite_is_named() -> None:
    with pytest.raises(CorpusError, match="unknown suite 'moon'; choose from: seeds"):
        run_suite(load_settings(), "moon")


@pytest.mark.slow
def test_a_suite_is_asked_of_an_index_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    answerable, unanswerable, dialogues = (
        [one for one in load_cases(SUITES["seeds"]) if one.kind == kind] for kind in KINDS
    )
    chosen = {one.id for one in (*answerable[:2], *unanswerable[:2], *dialogues[:2])}
    for path in SUITES["seeds"].glob("*.jsonl"):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if json.loads(line)["id"] in chosen)
        (tmp_path / path.name).write_text(kept, "utf-8")
    monkeypatch.setitem(SUITES, "few", tmp_path)
    nowhere = tmp_path / "index"
    found = run_suite(settings.model_copy(update={"index": nowhere}), "few", tmp_path / "report")
    assert isinstance(found, SuiteResult)
    assert {row.case.id for row in found.rows} == chosen
    assert found.environment["pages"] == len(list(settings.seeds.glob("*.txt")))
    assert found.metrics["all.citation_validity"].n == len(chosen) == 6
    assert found.metrics["all.citation_validity"].value == 1.0
    assert not found.floors  # none are set for this suite
    assert not found.broken_floors
    assert (tmp_path / "report" / "report.html").is_file()
    assert not nowhere.exists()  # what the user has indexed is left alone


# The report


def test_the_report_is_written_and_repeats(tmp_path: Path) -> None:
    rows = ask_cases(Answerer({"来了多少采购商？": TOLD}), CASES)
    still = [replace(row, elapsed_ms=5.0) for row in rows]
    paths = write_report(result(still), tmp_path / "one" / "two")
    again = write_report(result(still), tmp_path / "again")
    assert [path.name for path in paths] == ["report.json", "report.html", "report.md"]
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in again]
    found = json.loads(paths[0].read_text("utf-8"))
    assert found["metrics"]["zh.recall_at_1"] == {"value": 1.0, "n": 1, "interval": [1.0, 1.0]}
    assert found["rows"][0]["expected"]["article"] == "a-1"
    assert found["rows"][0]["gold_rank"] == 1
    assert found["rows"][0]["baseline_ranks"] == {"bm25": 2, "dense": 1}
    assert found["rows"][1]["verdict"] == "false refusal"


def test_the_overview_has_baselines_and_refusals() -> None:
    found = result(ask_cases(Answerer({"来了多少采购商？": TOLD}), CASES))
    tables = {table.title: table for table in overview(found)}
    assert all({len(row) for row in table.rows} <= {len(table.header)} for table in tables.values())
    names = [row[0] for row in tables["Questions with an answer"].rows]
    assert names[:4] == ["Chinese", "Chinese, BM25 alone", "Chinese, dense alone", "English"]
    assert ("Chinese near-miss", "1", "1.000") in tables["Questions without an answer"].rows
    assert tables["Tune and test"].rows[0][:3] == ("Chinese test", "1", "1.000 (1.00–1.00)")
    assert [row[0] for row in tables["Tune and test, no answer"].rows] == [
        "Chinese test",
        "Chinese test, near misses",
    ]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CorpusError, match="--report"):
        write_report(result(ask_cases(Answerer({}), CASES)), tmp_path / "file")


def test_hostile_text_stays_text_in_the_report() -> None:
    quote = replace(TOLD, quote=replace(TOLD.quote, text=HOSTILE))
    bad = replace(CASES[0], question=HOSTILE, id=HOSTILE, style=HOSTILE, facts=((HOSTILE,),))
    (row,) = ask_cases(Answerer({HOSTILE: quote}), [bad])
    assert row.problems  # they are shown too
    page = html_page(result([row]))
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 4
    assert "default-src 'none'" in page
    assert "<script" not in markdown(result([row]))


def test_each_choice_of_the_report_hides_the_rows_of_the_others() -> None:
    rows = tuple(
        RetrievalRow(name, "问", "zh", "plain", {WHOLE: rank}, 1.0)
        for name, rank in (("news-500", 1), ("ntrex-zh", 2))
    )
    noisy = AnswerRow(
        "rgb-noise-0.4", "问", "zh", "keywords", (), "", True, 0.1, (), (), 0, 1.0
    )  # fmt: skip
    negative = replace(noisy, set="rgb-negative", refused=False)
    pages = (
        html_page(RetrievalResult("retrieval", {}, (), (), {}, rows)),
        html_page(AnswersResult("answers", {}, (), (), {}, (noisy, negative))),
        html_page(result(ask_cases(Answerer({}), CASES))),
        html_page(pages_result(PageRow("a", "seeds", 1, 1, (), 1.0))),
    )
    for page in pages:
        ids = re.findall(r'<input type="radio" name="\w+" id="([\w-]+)"', page)
        labels = re.findall(r'<label for="([\w-]+)">', page)
        assert ids == labels
        rules = dict(re.findall(r"#([\w-]+):checked ~ \.rows > :not\(\.([\w-]+)\)", page))
        assert rules.keys() == set(ids) - {"every", "both", "all"}
        classes = " ".join(re.findall(r'<details class="([^"]+)">', page)).split()
        assert set(classes) <= {*rules.values(), "pass"}
    assert '<details class="pass rgb-noise-0-4">' in pages[1]


def test_the_report_fetches_nothing() -> None:
    page = html_page(result(ask_cases(Answerer({}), CASES)))
    assert "http://" not in page
    assert "https://" not in page
    assert "url(" not in page


# The suite of pages


GOLD_ROWS = (
    "article\tA\tnews\twhole",
    "1\theadline\tA\t\t博览会闭幕",
    "2\tbody\tA\t\t博览会共吸引",
    "article\tB\tnews\twhole",
    "3\theadline\tB\t\t客流",
    "4\tbody\tB\t\t机场旅客",
    "5\tfurniture\t-\t\t广告热线",
)
NO_DATA = {"generated": "no articles"}


def gold_page(folder: Path, name: str = "a") -> GoldPage:
    (folder / f"{name}.tsv").write_text("\n".join(GOLD_ROWS), encoding="utf-8")
    return read_gold(folder / f"{name}.tsv", replace(PAGES["a.txt"], file=f"{name}.txt"))


def reading(page: Page) -> Reading:
    """Return a reading that takes the whole page for one article but for its last line."""
    lines = lines_of(page)
    placed = [PlacedLine(line, Role.BODY, "a-1", line.number) for line in lines[:-1]]
    return Reading(page, (FAIR,), (*placed, PlacedLine(lines[-1], Role.FURNITURE, None)))


def pages_result(*rows: PageRow, floors: Sequence[Floor] = (), **changes: Any) -> PagesResult:
    plain = PagesResult("pages", {}, tuple(floors), (), {"commit": None}, rows)
    return replace(plain, **changes)


def test_pages_are_read_and_measured_by_group(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    gold = gold_page(tmp_path)
    golds = [("seeds", gold), ("written", gold), ("written", gold)]
    read = read_pages(golds, reading, lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert [row.group for row in read.rows] == ["seeds", "written", "written"]
    assert [(row.verdict, row.passed) for row in read.rows] == [("0 of 2", False)] * 3
    assert "line 1 “博览会闭幕”: headline, read as body" in read.rows[0].faults
    assert read.metrics["seeds.line_role_accuracy"] == Figure(3 / 5, 5)
    assert read.metrics["written.line_role_accuracy"] == Figure(3 / 5, 10)
    assert read.metrics["written.article_f1"].n == 4
    assert read.metrics["all.pages_per_minute"].n == 3
    assert read_pages([], reading).metrics == {}


def test_generated_pages_are_the_same_every_time_and_held_out(tmp_path: Path) -> None:
    assert not has_articles(tmp_path)
    texts = [json.dumps({"id": f"n{at}", "text": text}) for at, text in enumerate(TEXTS * 3)]
    with gzip.open(tmp_path / "news.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(texts))
    assert has_articles(tmp_path)
    found = generated_pages(tmp_path, 4)
    assert found == generated_pages(tmp_path, 4)
    assert [group for group, _ in found] == ["generated"] * 4


@pytest.fixture
def page_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings of a suite with one written page and no articles to compose others of."""
    gold_page(tmp_path)
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    floors = '[pages.at_least]\n"written.article_f1" = 2.0\n"generated.article_f1" = 0.5\n'
    (tmp_path / "floors.toml").write_text(floors, encoding="utf-8")
    monkeypatch.setattr("evals.run.SUITES", {"pages": tmp_path})
    monkeypatch.setattr("evals.run.FLOORS", tmp_path / "floors.toml")
    monkeypatch.setattr("evals.run.DATA", tmp_path / "data")
    return load_settings(seeds=tmp_path)


def test_the_suite_of_pages_names_what_it_skips(page_suite: Settings, tmp_path: Path) -> None:
    found = run_suite(page_suite, "pages", tmp_path / "report")
    assert isinstance(found, PagesResult)
    assert found.skipped.keys() == {"generated"}
    (broken,) = found.broken_floors
    assert broken.startswith("written.article_f1: ")
    assert [row.name for row in found.rows] == ["a"]
    assert "`wenbao eval --suite pages" in (tmp_path / "report" / "report.md").read_text("utf-8")
    for name in ("report.md", "report.html", "report.json"):
        assert "--data" in (tmp_path / "report" / name).read_text("utf-8")
    shown = {row[0]: row[-1] for row in sheet_of(found).tables[-1].rows}
    assert shown == {"written.article_f1": "no", "generated.article_f1": "skipped"}


def test_data_that_was_asked_for_is_not_skipped(page_suite: Settings, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"nowhere.*: cannot be read .* with --data"):
        run_suite(page_suite, "pages", data=tmp_path / "nowhere")


def test_the_floors_of_the_pages_are_of_metrics_that_exist(tmp_path: Path) -> None:
    measured = read_pages([(group, gold_page(tmp_path)) for group in GROUPS], reading).metrics
    joins = {f"{group}.join_{name}" for group in GROUPS for name in ("precision", "recall")}
    names = {floor.metric for floor in load_floors(FLOORS, "pages")}
    assert names
    assert names <= measured.keys() | joins


def test_the_sheet_of_pages_lists_the_worst_and_hides_no_group() -> None:
    rows = [PageRow(f"g{at}", "generated", 5, 0, ("bad",) * at, 1.0) for at in range(60)]
    seed = PageRow("s", "seeds", 5, 4, ("line 7: wrong",), 1.0)
    sheet = sheet_of(pages_result(*rows, seed, metrics={"seeds.article_f1": Figure(0.5, 5)}))
    assert all({len(row) for row in table.rows} <= {len(table.header)} for table in sheet.tables)
    assert sheet.failures.rows[0] == ("s", "seeds", "4 of 5", "1", "line 7: wrong")
    assert [row[0] for row in sheet.failures.rows[1:]] == [f"g{at}" for at in range(59, 39, -1)]
    assert len(sheet.entries) == 61
    assert "… and 19 more" in sheet.entries[59].fields[0][1]
    assert "60 generated pages" in sheet.about
    assert "Skipped: generated pages (no articles)" in sheet_of(pages_result(skipped=NO_DATA)).about


def test_the_report_of_pages_is_safe_and_complete(tmp_path: Path) -> None:
    bad = PageRow(HOSTILE, "written", 3, 1, (HOSTILE,), 2.0)
    good = PageRow("b", "seeds", 3, 3, (), 2.0)
    found = pages_result(bad, good, skipped={"generated": HOSTILE}, floors=[Floor("seeds.x", 1.0)])
    page = html_page(found)
    assert "<script" not in page + markdown(found)
    assert "<img" not in page
    assert 'class="pass seeds"' in page
    assert "1 of 2 not right" in page
    stored = to_json(found)
    assert stored["skipped"] == {"generated": HOSTILE}
    assert stored["rows"][0]["faults"] == (HOSTILE,)
    assert [row["verdict"] for row in stored["rows"]] == ["1 of 3", "3 of 3"]
    assert stored["floors"][0]["held"] is False
    write_report(found, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["suite"] == "pages"
