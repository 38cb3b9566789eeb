"""The weights of the reassembly are fitted, and what is fitted can be used."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals import fit_reassembly
from evals.fit_reassembly import (
    Choice,
    fit,
    head_choices,
    join_choices,
    kicker_choices,
    learn,
    line_choices,
    main,
    read_threads,
    thread_choices,
)
from evals.fitting import folds_of, replace_weights
from evals.page_generator import GeneratedPage, generate
from index import learned
from index.articles import articles_of
from index.learned import probability, score, weights_of
from index.lines import lines_of, pieces_of
from index.ngrams import bundled_ngrams
from index.stories import stream_of_page
from tests.newsroom import newsroom

MODELS = {"heads", "threads", "joins", "headlines", "kickers"}


@pytest.fixture(scope="module")
def pages() -> list[GeneratedPage]:
    return list(generate(newsroom(), 12, seed=3, split="train"))


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let weights be written to and read from a file of the test's own."""
    path = tmp_path / "reassembly.json"
    monkeypatch.setattr(learned, "WEIGHTS", path)
    weights_of.cache_clear()
    yield path
    weights_of.cache_clear()


# Fitting


def test_what_can_be_told_apart_is_told_apart() -> None:
    choices = [
        Choice(
            [{}, {"bias": 1.0, "finished": float(finished), "noise": (number % 7) / 7}], finished
        )
        for number in range(60)
        for finished in (0, 1)
    ]
    weights, share = fit(choices)
    assert share == 1
    assert weights.keys() == {"bias", "finished", "noise"}
    for choice in choices:
        assert (score(choice.options[1], weights) > 0) == bool(choice.right)
    assert weights["finished"] > 4 * abs(weights["noise"])


def test_a_choice_of_many_is_learned_by_what_sets_the_right_one_apart() -> None:
    choices = [
        Choice([{"alike": float(at == right), "place": float(at)} for at in range(size)], right)
        for size in (2, 3, 5)
        for right in range(size)
    ]
    weights, share = fit(choices)
    assert share == 1
    assert weights["alike"] > 0


def test_what_is_right_by_chance_alone_is_given_its_chance() -> None:
    choices = [Choice([{}, {"bias": 1.0}], int(number % 4 == 0)) for number in range(400)]
    weights, share = fit(choices)
    assert probability({"bias": 1.0}, weights) == pytest.approx(0.25, abs=0.01)
    assert share == 0.75


def test_a_feature_that_says_nothing_weighs_nothing() -> None:
    choices = [
        Choice([{"told": float(right == at), "same": 1.0} for at in (0, 1)], right)
        for right in (0, 1)
    ]
    weights, _ = fit(choices)
    assert weights["same"] == 0
    assert weights["told"] > 1


# Choices


def test_the_choices_of_a_page_are_those_of_its_gold(pages: list[GeneratedPage]) -> None:
    choices = [choice for page in pages for choice in line_choices(page.gold)]
    assert {choice.right for choice in choices} == {0, 1}
    assert all(len(choice.options) == 2 for choice in choices)


def test_the_right_thread_is_among_the_options(pages: list[GeneratedPage]) -> None:
    for page in pages:
        stream = stream_of_page(pieces_of(lines_of(page.page)), bundled_ngrams())
        owners = {line.number: line.article for line in page.gold.lines}
        choices = list(thread_choices(stream, owners))
        assert choices
        assert all(0 <= choice.right < len(choice.options) for choice in choices)
        begun = [
            choice
            for choice in choices
            if any(name.startswith("new") for name in choice.options[choice.right])
        ]
        articles = {owners[stream.pieces[each].number] for each in stream.texts} - {None}
        assert len(begun) == len(articles), "each article begins once"


def test_whose_a_headline_is_what_is_joined_and_what_is_a_kicker_are_choices_too(
    pages: list[GeneratedPage],
) -> None:
    heads: list[bool] = []
    joins: list[int] = []
    kickers: list[int] = []
    for page in pages:
        stream = stream_of_page(pieces_of(lines_of(page.page)), bundled_ngrams())
        owners = {line.number: line.article for line in page.gold.lines}
        read = read_threads(stream, owners)
        for choice in head_choices(stream, page.gold, read):
            assert len(choice.options) == len(read[0]) + 1, "each thread, and none"
            assert 0 <= choice.right <= len(read[0])
            heads.append(choice.right < len(read[0]))
        joins += [choice.right for choice in join_choices(stream, page.gold)]
        kickers += [choice.right for choice in kicker_choices(stream, page.gold, owners, read)]
    assert sum(heads) > len(heads) / 2, "most head lines head an article"
    assert set(joins) == set(kickers) == {0, 1}


# Folds


def test_an_article_is_in_one_fold_the_same_again_and_folds_are_alike_in_size() -> None:
    articles = [f"n{number % 50}" for number in range(200)]
    folds = folds_of(articles)
    assert folds == folds_of(reversed(articles))
    assert folds.keys() == set(articles)
    assert sorted(Counter(folds.values()).items()) == [(fold, 10) for fold in range(5)]


# Writing


def test_weights_take_the_place_of_those_before_them(tmp_path: Path) -> None:
    path = tmp_path / "reassembly.json"
    for models in ({"heads": {"bias": 1.0}}, {"heads": {"bias": 2.0}, "joins": {}}):
        replace_weights(path, models)
        assert json.loads(path.read_text(encoding="utf-8")) == models
    assert path.read_bytes().endswith(b"}\n")
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside them"


def test_who_reads_the_weights_meanwhile_reads_those_before(tmp_path: Path) -> None:
    path = tmp_path / "reassembly.json"
    replace_weights(path, {"heads": {"bias": 1.0}})
    with path.open(encoding="utf-8") as reader:
        replace_weights(path, {"heads": {"bias": 2.0}})
        assert json.load(reader) == {"heads": {"bias": 1.0}}


def test_a_run_that_breaks_off_while_it_writes_leaves_the_weights_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reassembly.json"
    replace_weights(path, {"heads": {"bias": 1.0}})
    before, write = path.read_bytes(), Path.write_text

    def write_half(at: Path, data: str, encoding: str) -> int:
        write(at, data[: len(data) // 2], encoding=encoding)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", write_half)
    with pytest.raises(KeyboardInterrupt):
        replace_weights(path, {"heads": {"bias": 2.0}})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# Learning


@pytest.mark.slow
def test_a_dozen_pages_teach_five_models_that_read_pages(
    pages: list[GeneratedPage], written: Path, caplog: pytest.LogCaptureFixture
) -> None:
    golds = [page.gold for page in pages]
    with caplog.at_level(logging.INFO, logger=fit_reassembly.log.name):
        learn(golds[:9], golds[9:])
    models = json.loads(written.read_text(encoding="utf-8"))
    assert models.keys() == MODELS
    assert all(models.values())
    assert [message.partition(":")[0] for message in caplog.messages] == list(models)
    assert weights_of("threads") == models["threads"], "what is written is what is used"
    for page in pages:
        reading = articles_of(page.page)
        assert abs(len(reading.articles) - len(page.gold.genres)) <= 4


def test_the_file_that_is_read_is_the_one_that_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path), "--out", str(tmp_path / "other.json")])
    assert "unrecognized arguments: --out" in capsys.readouterr().err


def test_data_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"news\.jsonl\.gz: cannot be read .* with --data"):
        main(["--data", str(tmp_path)])


def test_the_weights_that_are_carried_are_those_of_the_five_models() -> None:
    models = json.loads(learned.WEIGHTS.read_text(encoding="utf-8"))
    assert models.keys() == MODELS
    assert all(
        isinstance(each, float | int) for model in models.values() for each in model.values()
    )
