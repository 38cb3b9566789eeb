"""Metrics: pure functions from answers to figures."""

import math
import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from evals.cases import covers
from evals.intervals import interval
from evals.types import SPLITS, Figure, Floor, Gold, Row
from index.text import fold
from index.types import Page, Span
from rag.citations import markers, normalise_markers
from rag.types import Answer, Citation, Passage

MARKER = re.compile(r"\[\d+\]")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
LATIN = "a-z\u00c0-\u024f"
FACT_PIECE = re.compile(rf"\d+(?:\.\d+)*|[{LATIN}]+|\S")

# ir-measures' names for the metrics of a ranking, and ours.
RANKING = {"R@1": "recall_at_1", "R@5": "recall_at_5", "RR@10": "mrr", "nDCG@10": "ndcg_at_10"}


def ranked_articles(passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return the ids of the articles that ``passages`` stand in, best first, each once."""
    return tuple(dict.fromkeys(passage.article.id for passage in passages))


def rank_of(gold: str, ranked: Sequence[str]) -> int | None:
    """Return the place of ``gold`` in ``ranked``, counted from 1; None where it is missing."""
    return ranked.index(gold) + 1 if gold in ranked else None


def sought(gold: Gold, ranked: Sequence[str]) -> str:
    """Return the id of the gold article that was found first; that of the first where none was.

    A question that compares two articles is well led by either.
    """
    wanted = {place.article.id for place in gold.places}
    return next((article for article in ranked if article in wanted), gold.article.id)


def ranking(runs: Sequence[tuple[str, Sequence[str]]]) -> dict[str, float]:
    """Return the mean of each metric of :data:`RANKING` over ``(gold, ranked)`` pairs.

    One article is relevant in each; one that was not found counts 0. No pairs give no
    metrics. Computed by ir-measures (MacAvaney et al., ECIR 2022).
    """
    if not runs:
        return {}
    import ir_measures

    judged = [ir_measures.Qrel(str(i), gold, 1) for i, (gold, _) in enumerate(runs)]
    scored = [  # the scores only carry the order: ties would be broken by id
        ir_measures.ScoredDoc(str(i), article, float(-rank))
        for i, (_, ranked) in enumerate(runs)
        for rank, article in enumerate(ranked)
    ]
    measures = [ir_measures.parse_measure(name) for name in RANKING]
    means = ir_measures.calc_aggregate(measures, judged, scored)
    return {RANKING[str(measure)]: float(mean) for measure, mean in means.items()}


def states_fact(answer_text: str, spellings: Iterable[str]) -> bool:
    """Return whether the text states a fact in one of its accepted spellings.

    Script, width, letter case, white space, thousands separators and citation markers do
    not count. A number is matched whole (``18`` is not in ``2018`` or ``18.5``), a Latin
    word from its beginning (``AI`` is not in ``said``), Chinese anywhere.
    """
    text = _plain(MARKER.sub(" ", normalise_markers(answer_text)))
    return any(_fact_pattern(spelling).search(text) for spelling in spellings)


def hits_evidence(citations: Iterable[Citation], evidence: Span) -> bool:
    """Return whether a quote overlaps the place of the evidence."""
    return any(
        span.file == evidence.file and span.start < evidence.end and evidence.start < span.end
        for citation in citations
        for span in citation.quote.spans
    )


def citation_problems(answer: Answer, pages: Mapping[str, Page]) -> tuple[str, ...]:
    """Return what is wrong with the citations of ``answer``; empty where all are sound.

    Sound means: every quote is the received text at its spans, inside the article it
    names; markers in the text and citations match one to one; a refusal cites nothing and
    any other answer cites something.
    """
    problems: list[str] = []
    numbers = [citation.n for citation in answer.citations]
    marked = set(markers(answer.text))
    if answer.refused and numbers:
        problems.append(f"refused, yet cites {len(numbers)}")
    if not answer.refused and not numbers:
        problems.append("answers without a citation")
    problems += [f"[{n}] is cited twice" for n in sorted(set(numbers)) if numbers.count(n) > 1]
    problems += [f"[{n}] in the text has no citation" for n in sorted(marked - set(numbers))]
    problems += [f"citation [{n}] is not in the text" for n in sorted(set(numbers) - marked)]
    for citation in answer.citations:
        problem = _quote_problem(citation, pages)
        if problem:
            problems.append(f"[{citation.n}] {problem}")
    return tuple(problems)


def share(flags: Iterable[bool]) -> Figure:
    """Return the share of true flags with its interval, and how many there are; 0.0 of none."""
    values = [float(flag) for flag in flags]
    if not values:
        return Figure(0.0, 0)
    return Figure(statistics.fmean(values), len(values), interval(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that ``percent`` of the values do not exceed (nearest rank).

    ``values`` must not be empty; ``percent`` lies in (0, 100].
    """
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


def measure(rows: Sequence[Row]) -> dict[str, Figure]:
    """Return every metric by name, ``<group>.<metric>``; what has no cases has no figure.

    Groups: ``all`` (every row, conversations too), ``zh`` and ``en`` (questions that stand
    alone), ``zh.<style>``, ``zh.dialogue`` (every turn of the conversations) and
    ``zh.follow_up`` (every turn but the first), ``zh.asks_<what>`` (what is asked for, or how
    the pages are missed); likewise for ``en``. ``zh.tune`` and ``zh.test`` are the two splits
    by article, ``zh.edition_1`` the cases of one round of writing; of each there are also
    ``.near_miss``, ``.off_topic``, ``.small_talk`` and ``.follow_up``. Hyphens become
    underscores. Shares and ranks of the first have a 95 % bootstrap interval.

    Metrics of answerable cases: ``recall_at_1``, ``recall_at_5``, ``mrr``, ``ndcg_at_10``
    (of the gold article among the distinct articles found; of two, the one found first),
    ``answer_facts`` (states every fact), ``evidence_hit`` (a quote overlaps each evidence),
    ``right`` (both, and every citation sound), ``false_refusal``. Of unanswerable cases:
    ``refusal``. Of all: ``citation_validity``, ``language_match``, ``latency_median_ms``,
    ``latency_p95_ms``.
    A baseline's ranking metrics carry its name in front: ``bm25.zh.recall_at_1``.
    """
    figures: dict[str, Figure] = {}
    for group, members in _groups(rows):
        figures |= {f"{group}.{name}": figure for name, figure in _of_answers(members).items()}
        answerable = [row for row in members if row.gold]
        found = [(sought(row.gold, row.ranked), row.ranked) for row in answerable if row.gold]
        figures |= _of_rankings(group, found)
        for baseline in answerable[0].baselines if answerable else ():
            found = [
                (sought(row.gold, row.baselines[baseline]), row.baselines[baseline])
                for row in answerable
                if row.gold
            ]
            figures |= _of_rankings(f"{baseline}.{group}", found)
    return figures


def broken_floors(floors: Iterable[Floor], metrics: Mapping[str, Figure]) -> tuple[str, ...]:
    """Return one line for each floor that the metrics miss, in the order of ``floors``.

    A metric that was not measured breaks its floor: a case file that lost its rows must
    not pass.
    """
    broken: list[str] = []
    for floor in floors:
        figure = metrics.get(floor.metric)
        if figure is None:
            broken.append(f"{floor.metric}: not measured, there is no case for it")
        elif floor.at_most and figure.value > floor.value:
            broken.append(
                f"{floor.metric}: {figure.value:.4g} is above {floor.value:g} (n={figure.n})"
            )
        elif not floor.at_most and figure.value < floor.value:
            broken.append(
                f"{floor.metric}: {figure.value:.4g} is below {floor.value:g} (n={figure.n})"
            )
    return tuple(broken)


def style_key(style: str) -> str:
    """Return the name of a style as it stands in the name of a metric."""
    return style.strip().lower().replace("-", "_").replace(" ", "_")


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    yield "all", list(rows)
    for language in ("zh", "en"):
        spoken = [row for row in rows if row.case.language == language]
        alone = [row for row in spoken if row.case.kind != "dialogues"]
        yield language, alone
        yield from _by(f"{language}.", alone, lambda row: row.case.style)
        yield from _by(f"{language}.asks_", alone, lambda row: row.case.asks)
        yield f"{language}.dialogue", [row for row in spoken if row.case.kind == "dialogues"]
        yield f"{language}.follow_up", [row for row in spoken if row.follow_up]
        for split in SPLITS:
            members = [row for row in spoken if row.case.split == split]
            yield from _of_part(f"{language}.{split}", members)
        for edition in sorted({row.case.edition for row in spoken}):
            members = [row for row in spoken if row.case.edition == edition]
            yield from _of_part(f"{language}.edition_{edition}", members)


def _of_part(name: str, rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield the questions of a part that stand alone, those without an answer, follow-ups."""
    alone = [row for row in rows if row.case.kind != "dialogues"]
    yield name, alone
    yield from _by(f"{name}.", [row for row in alone if not row.gold], lambda row: row.case.style)
    yield f"{name}.follow_up", [row for row in rows if row.follow_up]


def _by(
    prefix: str, rows: Sequence[Row], what: Callable[[Row], str]
) -> Iterator[tuple[str, list[Row]]]:
    """Yield ``rows`` by what is said of them, in the order of the first of each."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if key := style_key(what(row)):
            groups.setdefault(key, []).append(row)
    for key, members in groups.items():
        yield f"{prefix}{key}", members


def _of_answers(rows: Sequence[Row]) -> dict[str, Figure]:
    answerable = [row for row in rows if row.gold]
    unanswerable = [row for row in rows if not row.gold]
    figures: dict[str, Figure] = {}
    if answerable:
        figures["answer_facts"] = share(_states_all(row) for row in answerable)
        figures["evidence_hit"] = share(row.evidence_hit for row in answerable)
        figures["right"] = share(row.passed for row in answerable)
        figures["false_refusal"] = share(row.answer.refused for row in answerable)
    if unanswerable:
        figures["refusal"] = share(row.answer.refused for row in unanswerable)
    if rows:
        times = [row.elapsed_ms for row in rows]
        figures["citation_validity"] = share(not row.problems for row in rows)
        figures["language_match"] = share(
            row.answer.question.language == row.case.language for row in rows
        )
        figures["latency_median_ms"] = Figure(statistics.median(times), len(times))
        figures["latency_p95_ms"] = Figure(percentile(times, 95), len(times))
    return figures


def _of_rankings(group: str, runs: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Figure]:
    figures = {f"{group}.{name}": Figure(mean, len(runs)) for name, mean in ranking(runs).items()}
    for k in (1, 5):  # those that are shares
        if runs:
            found = share(gold in ranked[:k] for gold, ranked in runs)
            figures[f"{group}.recall_at_{k}"] = found
    return figures


def _states_all(row: Row) -> bool:
    return not row.answer.refused and all(row.facts_found)


def _quote_problem(citation: Citation, pages: Mapping[str, Page]) -> str:
    quote = citation.quote
    if not quote.text.strip() or not quote.spans:
        return "quotes nothing"
    received: list[str] = []
    for span in quote.spans:
        page = pages.get(span.file)
        if page is None:
            return f"quotes {span.file}, which is not in the corpus"
        if not 0 <= span.start < span.end <= len(page.text):
            return f"quotes {span.file} {span.start}–{span.end}, outside the page"
        received.append(page.text[span.start : span.end])
        if not covers(citation.article.spans, (span,), page.text):
            return f"quotes words outside its article {citation.article.id}"
    if "".join(received) != quote.text:
        return f"quotes {quote.text[:40]!r}, the page says {''.join(received)[:40]!r}"
    return ""


def _plain(text: str) -> str:
    return THOUSANDS.sub("", fold(text)).strip()


def _fact_pattern(spelling: str) -> re.Pattern[str]:
    pieces = FACT_PIECE.findall(_plain(spelling))
    pattern = r"\s*".join(re.escape(piece) for piece in pieces)
    if pieces[0][0].isdigit():
        pattern = r"(?<!\d)(?<!\d\.)" + pattern
    elif re.match(f"[{LATIN}]", pieces[0]):
        pattern = f"(?<![{LATIN}])" + pattern
    if pieces[-1][-1].isdigit():
        pattern += r"(?!\d)(?!\.\d)"
    return re.compile(pattern)
