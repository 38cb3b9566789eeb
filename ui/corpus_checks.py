"""Two pages on how a corpus is searched: the self-test, and the bench of the arms."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from index.types import Article, CorpusError
from rag.arms import Bench, Finds, Fused, looked_into
from rag.question import MAX_QUESTION_CHARS
from rag.reader import load_reader
from rag.self_test import LEAST_AT_5, MAX_PROBES, Outcome, SelfTest, self_test
from rag.wording import Frame
from ui.corpus_strings import CORPUS_STRINGS, CorpusStrings
from ui.render import inert

if TYPE_CHECKING:
    from rag.answering import Answerer

SHOWN_CHARS = 70  # of a chunk


# The self-test


@dataclass(frozen=True, slots=True)
class TestState:
    """How far the self-test of one generation is: not begun, running, or done."""

    running: bool = False
    asked: int = 0
    planned: int = MAX_PROBES
    result: SelfTest | None = None
    error: str = ""


class SelfTests:
    """Runs one self-test at a time, in a thread, and keeps that of the newest generation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: Answerer | None = None
        self._state = TestState()

    def state(self, answerer: "Answerer") -> TestState:
        """Return how far the self-test of ``answerer`` is."""
        with self._lock:
            return self._state if self._of is answerer else TestState()

    def start(self, answerer: "Answerer") -> None:
        """Start the self-test of ``answerer``; nothing while one is running."""
        with self._lock:
            if self._state.running:
                return
            self._of, self._state = answerer, TestState(running=True)
        threading.Thread(target=self._run, args=(answerer,), daemon=True).start()

    def _run(self, answerer: "Answerer") -> None:
        end = TestState(error="the self-test was broken off")
        try:
            result = self_test(answerer.retriever, told=self._tell)
            end = TestState(result=result)
        except CorpusError as error:
            end = TestState(error=str(error))
        finally:
            with self._lock:
                self._state = end

    def _tell(self, asked: int, planned: int) -> None:
        with self._lock:
            self._state = TestState(True, asked, planned)


def health_html(state: TestState, frame: Frame, language: Mapping[str, str]) -> str:
    """Return the page of the self-test: a button, how far it is, or what it found."""
    strings = CORPUS_STRINGS[frame]
    intro = f'<p class="intro">{inert(strings.health_intro)}</p>'
    if state.running:
        told = strings.health_running_of.format(asked=state.asked, planned=state.planned)
        return (
            f'{intro}<p class="running" role="status">{inert(told)}</p>'
            f'<progress max="{state.planned}" value="{state.asked}"></progress>'
        )
    again = strings.health_again if state.result else strings.health_run
    query = "".join(f"?{name}={inert(value)}" for name, value in language.items())
    button = (
        f'<form method="post" action="corpus/health{query}"><button>{inert(again)}</button></form>'
    )
    wrong = f'<p class="wrong">{inert(state.error)}</p>' if state.error else ""
    found = _result_html(state.result, strings) if state.result else ""
    return f"{intro}{wrong}{found}{button}"


def _result_html(result: SelfTest, strings: CorpusStrings) -> str:
    weak = [strings.kinds[score.kind] for score in result.scores if not score.healthy]
    verdict = strings.verdicts[result.verdict].format(kinds=" · ".join(weak))
    asked = strings.health_asked_of.format(
        generation=result.generation,
        articles=f"{result.articles:,}",
        asked=result.asked,
        seconds=f"{result.elapsed_s:.1f}",
    )
    if result.asked < result.planned:
        asked += " " + strings.health_cut_of.format(asked=result.asked, planned=result.planned)
    rows = "".join(
        f'<tr{"" if score.healthy else " class=weak"}><th scope="row">'
        f"{inert(strings.kinds[score.kind])}</th><td>{score.probes}</td><td>{score.at_1:.0%}</td>"
        f"<td>{score.at_5:.0%}</td><td>{score.mrr:.2f}</td>"
        f"<td>{LEAST_AT_5[score.kind]:.0%}</td></tr>"
        for score in result.scores
    )
    heads = (strings.health_kind, strings.health_probes, "R@1", "R@5", "MRR", strings.health_least)
    head = "".join(f'<th scope="col">{inert(name)}</th>' for name in heads)
    misses = "".join(_miss(each, strings) for each in result.misses)
    worst = f"<h2>{inert(strings.health_misses)}</h2><ul class='misses'>{misses}</ul>"
    return (
        f'<p class="verdict {result.verdict}">{inert(verdict)}</p>'
        f'<p class="meta">{inert(asked)}</p>'
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        f"{worst if misses else ''}"
    )


def _miss(miss: Outcome, strings: CorpusStrings) -> str:
    rank = strings.health_rank_of.format(rank=miss.rank) if miss.rank else strings.health_not_found
    instead = ""
    if miss.instead:
        instead = f"{inert(strings.health_instead)} {article_link(miss.instead, strings)}"
    return (
        f'<li><p class="printed">{inert(miss.probe.text[:120])}</p>'
        f'<p class="meta">{inert(strings.kinds[miss.probe.kind])} · {inert(rank)}</p>'
        f"<p>{article_link(miss.probe.article, strings)}</p><p>{instead}</p></li>"
    )


# The bench


def bench_html(answerer: "Answerer", text: str, frame: Frame, language: Mapping[str, str]) -> str:
    """Return the bench: a form and, for a question, what each arm and all together find."""
    strings = CORPUS_STRINGS[frame]
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{inert(value)}">'
        for name, value in language.items()
    )
    form = (
        f'<p class="intro">{inert(strings.bench_intro)}</p>'
        f'<form class="find" action="corpus/bench" role="search"><div class="row">'
        f'<input type="search" name="q" value="{inert(text[:MAX_QUESTION_CHARS])}" '
        f'aria-label="{inert(strings.bench)}" maxlength="{MAX_QUESTION_CHARS}">'
        f"<button>{inert(strings.bench_run)}</button></div>{hidden}</form>"
    )
    if not any(character.isalnum() for character in text):
        return form
    try:
        bench = looked_into(text, answerer.retriever, load_reader())
    except CorpusError as error:
        return f'{form}<p class="wrong">{inert(str(error))}</p>'
    return form + "".join((*_fused_html(bench, strings), *_arms_html(bench, strings)))


def _fused_html(bench: Bench, strings: CorpusStrings) -> Iterator[str]:
    heads = (
        strings.bench_rank, strings.bench_probability, "", strings.bench_read, strings.bench_final,
    )  # fmt: skip
    head = "".join(f'<th scope="col">{inert(name)}</th>' for name in heads)
    rows = "".join(_row(at, each, strings) for at, each in enumerate(bench.fused, start=1))
    yield (
        f'<h2>{inert(strings.bench_fused)}</h2><div class="wide"><table class="fused"><thead><tr>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(at: int, fused: Fused, strings: CorpusStrings) -> str:
    shares = " · ".join(f"{strings.arms[arm]} {share:.2f}" for arm, share in fused.shares.items())
    read = strings.bench_unread if fused.read is None else f"{fused.read:+.1f}"
    words = f'<p class="printed" lang="zh">{inert(fused.words[:SHOWN_CHARS])}</p>'
    return (
        f"<tr><td>{at}</td><td>{fused.probability:.3f}</td>"
        f"<td>{article_link(fused.passage.article, strings)}"
        f'<p class="opening" lang="zh">{inert(_opening(fused.passage.chunk.excerpt.text))}</p>'
        f'<p class="meta">{inert(shares)}</p></td>'
        f"<td>{inert(read)}{words if fused.words else ''}</td><td>{fused.place}</td></tr>"
    )


def _arms_html(bench: Bench, strings: CorpusStrings) -> Iterator[str]:
    yield f'<h2>{inert(strings.bench_arms)}</h2><div class="arms">'
    yield from (_arm(finds, strings) for finds in bench.arms)
    yield "</div>"


def _arm(finds: Finds, strings: CorpusStrings) -> str:
    looked_for = strings.bench_dense if finds.arm == "dense" else " · ".join(finds.terms)
    terms = f'<p class="meta">{inert(strings.bench_terms)}: {inert(looked_for)}</p>'
    top = max((hit.score for hit in finds.hits), default=1.0) or 1.0
    rows = "".join(
        f"<li>{article_link(hit.chunk.article, strings)} "
        f'<span class="score"><meter min="0" max="1" value="{max(0.0, hit.score / top):.3f}">'
        f"</meter> {hit.score:.3f}</span>"
        f'<p class="opening" lang="zh">{inert(_opening(hit.chunk.excerpt.text))}</p></li>'
        for hit in finds.hits
    )
    found = f"<ol>{rows}</ol>" if rows else f'<p class="none">{inert(strings.bench_none)}</p>'
    return (
        f'<section class="arm"><h3>{inert(strings.arms[finds.arm])}</h3>'
        f"{terms if looked_for else ''}{found}</section>"
    )


def _opening(text: str) -> str:
    told = " ".join(text.split())
    return told[:SHOWN_CHARS] + ("…" if len(told) > SHOWN_CHARS else "")


def article_link(article: Article, strings: CorpusStrings, mark: str = "") -> str:
    """Return the headline of an article as a link to it; ``mark`` is the fragment of the words."""
    address = f"article/{inert(quote(article.id))}{inert(mark)}"
    language = ' lang="zh"' if article.headline else ""
    return f'<a href="{address}"{language}>{inert(article.headline or strings.untitled)}</a>'
