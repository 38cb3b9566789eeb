"""Whatever is asked is answered with verbatim quotes, or refused in a line that says why."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from evals.metrics import citation_problems, percentile
from index.types import CorpusError
from rag.answering import Answerer
from rag.question import MAX_QUESTION_CHARS
from rag.types import Answer
from tests.bad_questions import FRAGMENTS, LANGUAGES, conversation, question
from tests.growth import grows_linearly
from tests.torture import Torture

MAX_P99_S = 10.0  # of processor time, on cores that have much other work


def asked(answerer: Answerer, text: str, history: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return what became of a question, and what is wrong with that; empty if nothing."""
    try:
        answer = answerer.ask(text, answerer.conversation(history))
    except CorpusError as error:
        told = str(error)
        sound = len(told.splitlines()) == 1 and len(told) < 300 and told.isprintable()
        return "refused to be asked", "" if sound else f"no plain line: {told[:300]!r}"
    problems = citation_problems(answer, answerer.index.pages)
    try:
        json.dumps(answer.to_json(), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        problems = (*problems, f"cannot be written: {error}")
    return "no" if answer.refused else "answered", "; ".join(problems)


@pytest.mark.torture
def test_any_question_is_answered_or_refused(answerer: Answerer, torture: Torture) -> None:
    outcomes: Counter[str] = Counter()
    problems: list[str] = []
    seconds: list[float] = []
    many = torture.times(8, 5_000)
    for first in (
        "义乌市场去年出口多少？",
        "How much did Yiwu export?",
        "今日要闻",
        "yiwu shichang",
    ):
        answerer.ask(first)  # what is loaded once
    for number in range(many):
        started = time.process_time()
        outcome, problem = asked(answerer, question(number))
        seconds.append(time.process_time() - started)
        outcomes[outcome] += 1
        if problem:
            problems.append(f"question({number}): {problem}")
    torture.tell(
        "any question",
        questions=many,
        **outcomes,
        tracebacks=0,
        bad_quotes=len(problems),
        p50_s=round(percentile(seconds, 50), 3),
        p99_s=round(percentile(seconds, 99), 3),
        slowest_s=round(max(seconds), 3),
    )
    assert not problems, "\n".join(problems[:20])
    assert percentile(seconds, 99) < MAX_P99_S, f"{percentile(seconds, 99):.2f} s"


@pytest.mark.torture
def test_any_conversation_goes_on(answerer: Answerer, torture: Torture) -> None:
    problems = []
    seconds = []
    many = torture.times(1, 100)
    for number in range(many):
        *turns, last = conversation(number)
        askable = tuple(turn for turn in turns if _is_askable(answerer, turn))
        started = time.process_time()
        _, problem = asked(answerer, last, askable)
        seconds.append(time.process_time() - started)
        if problem:
            problems.append(f"conversation({number}): {problem}")
    torture.tell(
        "any conversation", conversations=many, turns=20, p99_s=round(percentile(seconds, 99), 3)
    )
    assert not problems, "\n".join(problems[:20])


def _is_askable(answerer: Answerer, text: str) -> bool:
    try:
        answerer.conversation([text])
    except CorpusError:
        return False
    return True


@pytest.mark.torture
def test_a_question_takes_time_in_proportion_to_its_length(
    answerer: Answerer, torture: Torture
) -> None:
    step = 1 if torture.full else 61
    for fragment in FRAGMENTS[::step]:

        def work(size: int, fragment: str = fragment) -> None:
            asked(answerer, ("义乌" + fragment * size)[:size])

        assert grows_linearly(work, MAX_QUESTION_CHARS // 8), repr(fragment)


def test_far_too_long_a_question_is_refused_at_once(answerer: Answerer) -> None:
    started = time.process_time()
    with pytest.raises(CorpusError, match=r"200,000 characters, more than 2,000") as caught:
        answerer.ask("的" * 200_000)
    assert time.process_time() - started < 0.2
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("text", LANGUAGES)
def test_another_language_is_answered_in_one_of_ours(answerer: Answerer, text: str) -> None:
    answer: Answer = answerer.ask(text)
    latin = sum("a" <= character.lower() <= "z" for character in text)
    assert answer.question.spoken == ("en" if latin > len(text) / 2 else "zh")
    assert not citation_problems(answer, answerer.index.pages)


def test_half_a_surrogate_pair_in_a_batch_file_is_a_question_like_any_other(
    tmp_path: Path, answerer: Answerer
) -> None:
    from ui.batch import read_batch

    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": "\\ud800", "question": "义乌\\ud800市场去年出口多少？"}\n', "utf-8")
    (row,) = read_batch(batch)
    assert row.question == "义乌\ufffd市场去年出口多少？"
    assert json.dumps(answerer.ask(row.question).to_json(), ensure_ascii=False).encode()


def test_the_command_and_a_batch_refuse_what_is_far_too_long_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ui.cli import main

    batch = tmp_path / "batch.jsonl"
    batch.write_text(json.dumps({"id": 1, "question": "的" * 200_000}), "utf-8")
    for words in (["的" * 200_000], ["--batch", str(batch)]):
        monkeypatch.setattr("sys.argv", ["wenbao", "ask", *words])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        assert (left.value.code, told.out) == (1, "")
        assert "200,000 characters, more than 2,000" in told.err
        assert len(told.err.splitlines()) == 1
