"""The command line keeps its contract: what it prints, where, and with which exit code."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from index.types import CorpusError
from ui.cli import main

ROOT = Path(__file__).resolve().parent.parent
SPAN_KEYS = {"file", "start", "end"}
ANSWER_KEYS = [
    "id", "question", "language", "answer", "refused", "mode", "confidence", "citations",
    "passages", "notices", "elapsed_ms",
]  # fmt: skip
ARTICLE_KEYS = [
    "id", "file", "headline", "subheads", "kicker", "byline", "date", "genre", "complete", "spans",
    "date_source", "joins",
]  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Wenbao = Callable[..., Run]


@pytest.fixture
def wenbao(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Wenbao:
    """Return ``wenbao``: runs a command in this process."""

    def run(*words: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["wenbao", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        code = left.value.code
        return Run(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


@pytest.fixture
def pages(tmp_path: Path, seeds: Path) -> Path:
    """Return a folder with one real page that the test may change."""
    folder = tmp_path / "pages"
    folder.mkdir()
    shutil.copy(min(seeds.glob("*.txt")), folder / "a.txt")
    return folder


@pytest.fixture
def small(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small_model: Path, wenbao: Wenbao, pages: Path
) -> Path:
    """Return the folder of an index of that page by the small model, for every command."""
    monkeypatch.setenv("WENBAO_MODEL", str(small_model))
    folder = tmp_path / "small"
    assert wenbao("index", pages, "--index", folder).code == 0
    return folder


def assert_one_line_error(run: Run, *parts: str) -> None:
    """The user's mistake: nothing on stdout, one line on stderr that names every part."""
    assert run.code == 1
    assert run.out == ""
    assert run.err.count("\n") == 1
    assert "Traceback" not in run.err
    assert all(part in run.err for part in parts), run.err


def outside(*words: object, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """Run ``python -m ui`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ui", *map(str, words)],
        check=False,
        cwd=ROOT,
        text=True,
        encoding="utf-8",
        **({"capture_output": True, "timeout": 900} | kwargs),
    )


# Help and usage


def test_help_answers_at_once_and_names_every_command() -> None:
    seconds = []  # of the processor: a busy machine does not make the command slower
    for _ in range(3):
        before = os.times()
        run = outside("--help")
        after = os.times()
        seconds.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
    assert run.returncode == 0
    assert min(seconds) < 0.5
    for command in ("index", "remove", "rollback", "articles", "ask", "serve", "eval", "verify"):
        assert f" {command} " in run.stdout


@pytest.mark.parametrize(
    "command", ["index", "remove", "rollback", "articles", "ask", "serve", "eval", "verify"]
)
def test_every_command_explains_itself(wenbao: Wenbao, command: str) -> None:
    run = wenbao(command, "--help")
    assert run.code == 0
    assert "Usage: wenbao" in run.out


def test_the_version_is_printed(wenbao: Wenbao) -> None:
    run = wenbao("--version")
    assert run.code == 0
    assert run.out.startswith("wenbao ")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("frobnicate",),
        ("ask",),
        ("ask", "一个问题", "--batch", "questions.jsonl"),
        ("remove",),
        ("serve", "--port", "99999"),
        ("serve", "--port", "http"),
        ("index", "--no-such-option"),
    ],
)
def test_wrong_usage_exits_with_2(wenbao: Wenbao, words: tuple[str, ...]) -> None:
    run = wenbao(*words)
    assert run.code == 2
    assert "Traceback" not in run.err


# index, remove, articles


def test_index_reports_each_file_and_skips_what_did_not_change(
    wenbao: Wenbao, small: Path, pages: Path, seeds: Path
) -> None:
    again = wenbao("index", pages, "--index", small)
    assert again.code == 0
    assert again.out.startswith("unchanged a.txt")
    shutil.copy(sorted(seeds.glob("*.txt"))[1], pages / "b.txt")
    more = wenbao("index", pages, "--index", small)
    assert [line.split()[:2] for line in more.out.splitlines()[:2]] == [
        ["unchanged", "a.txt"],
        ["added", "b.txt"],
    ]
    assert " articles in " in more.out


def test_a_bad_page_fails_the_command_and_not_the_other_pages(
    wenbao: Wenbao, small: Path, pages: Path
) -> None:
    (pages / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (pages / "empty.txt").touch()
    run = wenbao("index", pages, "--index", small)
    assert run.code == 1
    assert "unchanged a.txt" in run.out
    assert "binary.txt" in run.err
    assert "empty.txt" in run.err
    assert run.err.count("\n") == 2
    assert wenbao("articles", "--index", small).code == 0


def test_a_folder_without_pages_is_refused(wenbao: Wenbao, small: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    run = wenbao("index", tmp_path / "nothing", "--index", small)
    assert_one_line_error(run, "nothing", "*.txt")


def test_a_missing_path_is_refused(wenbao: Wenbao, small: Path) -> None:
    assert_one_line_error(wenbao("index", "no/such/path", "--index", small), "no/such/path")


def test_a_folder_that_is_no_model_is_refused(wenbao: Wenbao, pages: Path, tmp_path: Path) -> None:
    run = wenbao("index", pages, "--index", tmp_path / "new", "--model", pages)
    assert run.code == 1
    assert str(pages) in run.err.splitlines()[-1]
    assert "Traceback" not in run.err


@pytest.mark.usefixtures("small")
def test_an_index_that_cannot_be_written_is_one_line(wenbao: Wenbao, pages: Path) -> None:
    run = wenbao("index", pages, "--index", pages / "a.txt" / "index")
    assert_one_line_error(run, "a.txt", "check the path")


def test_selftest_tells_a_verdict_and_follows_the_contract(wenbao: Wenbao, small: Path) -> None:
    run = wenbao("selftest", "--json", "--index", small)
    (row,) = run.rows
    assert list(row) == [
        "generation", "articles", "verdict", "planned", "asked", "elapsed_s", "kinds", "misses"
    ]  # fmt: skip
    assert (run.code == 1) is (row["verdict"] == "look")
    assert list(row["kinds"]) == ["headline", "keywords", "cloze", "english"]


def test_articles_as_json_follow_the_contract(wenbao: Wenbao, small: Path, pages: Path) -> None:
    run = wenbao("articles", "--json", "--index", small)
    assert run.code == 0
    text = (pages / "a.txt").read_bytes().decode("utf-8")
    assert run.rows
    for row in run.rows:
        assert list(row) == ARTICLE_KEYS
        assert row["file"] == "a.txt"
        assert isinstance(row["complete"], bool)
        assert row["spans"]
        assert row["date_source"] is None or row["date"]
        assert all(set(joint) == {"at", "confidence"} for joint in row["joins"])
        assert all(set(span) == SPAN_KEYS for span in row["spans"])
        covered = "".join(text[span["start"] : span["end"]] for span in row["spans"])
        assert "".join(row["headline"].split()) in "".join(covered.split())


def test_articles_for_reading_show_every_line_and_every_article(
    wenbao: Wenbao, small: Path, pages: Path
) -> None:
    rows = wenbao("articles", "--json", "--index", small).rows
    run = wenbao("articles", "--index", small)
    assert run.code == 0
    drawn = run.out.splitlines()
    assert drawn[0].startswith("a.txt · ")
    assert all(any(row["id"] in line for line in drawn) for row in rows)
    assert all(row["headline"] in run.out for row in rows)
    text = (pages / "a.txt").read_text("utf-8")
    for number, line in enumerate(text.split("\n"), start=1):
        shown = any(row.split()[0].rstrip("?") == str(number) for row in drawn if row.strip())
        assert shown == bool(line.strip()), number


def test_a_page_that_is_named_is_shown_alone_and_need_not_be_in_the_index(
    wenbao: Wenbao, small: Path, pages: Path, tmp_path: Path
) -> None:
    (pages / "b.txt").write_text("题目在此\n\n本报记者 甲乙\n\n本报讯 正文在此结束。\n", "utf-8")
    for name in ("a.txt", pages / "a.txt"):
        assert wenbao("articles", name, "--index", small).out.startswith("a.txt · ")
    for index in (small, tmp_path / "none"):
        run = wenbao("articles", pages / "b.txt", "--index", index)
        assert run.code == 0
        assert run.out.startswith("b.txt · 3 lines · 1 article")
        assert "not in the index" in run.out
    (row,) = wenbao("articles", pages / "b.txt", "--json", "--index", small).rows
    assert (row["headline"], row["file"]) == ("题目在此", "b.txt")
    everything = wenbao("articles", "--json", "--index", small).rows
    assert {row["file"] for row in everything} == {"a.txt"}


def test_a_page_that_is_nowhere_is_refused_before_any_is_shown(
    wenbao: Wenbao, small: Path, pages: Path, tmp_path: Path
) -> None:
    run = wenbao("articles", pages / "a.txt", "nowhere.txt", "--index", small)
    assert_one_line_error(run, "nowhere.txt", "check the path")
    run = wenbao("articles", "nowhere.txt", "--index", tmp_path / "none")
    assert_one_line_error(run, "nowhere.txt", str(tmp_path / "none"))


def test_doubts_are_counted_page_by_page(wenbao: Wenbao, small: Path, pages: Path) -> None:
    run = wenbao("articles", "--doubts", "--index", small)
    assert run.code == 0
    assert run.out.startswith("a.txt: ")
    assert run.out.splitlines()[-1].endswith(" in all")
    page = wenbao("articles", pages / "a.txt", "--index", small).out.splitlines()
    number = run.out.splitlines()[0].removeprefix("a.txt: ")
    assert page[0].endswith(f" · {number}")
    assert wenbao("articles", "--doubts", "--json", "--index", small).code == 2


def test_a_file_that_marks_its_articles_is_listed_without_lines(
    wenbao: Wenbao, pages: Path, tmp_path: Path
) -> None:
    (pages / "c.md").write_text("# 题目在此\n\n正文在此结束。\n", "utf-8")
    run = wenbao("articles", pages / "c.md", "--index", tmp_path / "none")
    assert run.code == 0
    assert run.out.startswith("c.md · 1 article\n")
    assert "题目在此" in run.out
    doubts = wenbao("articles", pages / "c.md", "--doubts", "--index", tmp_path / "none")
    assert doubts.out == "c.md: no doubts\nno doubts in all\n"


def test_a_correction_is_shown_before_it_is_indexed_and_one_that_does_not_fit_is_told(
    wenbao: Wenbao, pages: Path, tmp_path: Path
) -> None:
    page, corrections = pages / "b.txt", pages / "corrections.toml"
    page.write_text("题目在此\n\n本报记者 甲乙\n\n本报讯 正文在此结束。\n", "utf-8")
    corrections.write_text(
        '[[page]]\nfile = "b.txt"\n[[page.edit]]\nlines = 1\nrole = "kicker"\n', "utf-8"
    )
    (row,) = wenbao("articles", page, "--json", "--index", tmp_path / "none").rows
    assert (row["headline"], row["kicker"]) == ("", "题目在此")
    assert "corrected by hand" in wenbao("articles", page, "--index", tmp_path / "none").out
    corrections.write_text('[[page]]\nfile = "b.txt"\n[[page.edit]]\nlines = 9\nto = 1\n', "utf-8")
    run = wenbao("articles", page, "--index", tmp_path / "none")
    assert run.code == 1
    assert run.err.count("\n") == 1
    assert "page b.txt, edit 1" in run.err
    assert "题目在此" in run.out
    assert_one_line_error(
        wenbao("articles", page, "--json", "--index", tmp_path / "none"), "edit 1"
    )


def test_a_removed_article_is_gone(wenbao: Wenbao, small: Path) -> None:
    first, *others = [row["id"] for row in wenbao("articles", "--json", "--index", small).rows]
    assert wenbao("remove", first, "--index", small).code == 0
    left = [row["id"] for row in wenbao("articles", "--json", "--index", small).rows]
    assert left == others


def test_removing_what_is_not_there_is_refused(wenbao: Wenbao, small: Path) -> None:
    assert_one_line_error(wenbao("remove", "nobody.txt", "--index", small), "nobody.txt")


@pytest.mark.parametrize("words", [("articles",), ("ask", "谁？"), ("remove", "a.txt")])
def test_without_an_index_the_user_is_told_to_build_one(
    wenbao: Wenbao, tmp_path: Path, words: tuple[str, ...]
) -> None:
    run = wenbao(*words, "--index", tmp_path / "none")
    assert_one_line_error(run, str(tmp_path / "none"), "wenbao index")


@pytest.mark.parametrize("words", [("articles",), ("ask", "谁？"), ("remove", "a.txt")])
def test_a_damaged_index_is_one_line_with_the_remedy(
    wenbao: Wenbao, small: Path, words: tuple[str, ...]
) -> None:
    for file in (small / "segments").rglob("*.jsonl"):
        file.write_bytes(file.read_bytes()[:-9])
    assert_one_line_error(wenbao(*words, "--index", small), "damaged", "wenbao index")


def test_a_wrong_setting_names_the_variable(
    wenbao: Wenbao, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENBAO_PASSAGES", "many")
    assert_one_line_error(wenbao("articles"), "WENBAO_PASSAGES", "many")


def test_a_closed_pipe_leaves_no_traceback(small: Path) -> None:
    command = f"{sys.executable} -m ui articles --index '{small}' --json"
    run = subprocess.run(
        ["bash", "-c", f"for i in 1 2 3; do {command}; done | head -c 1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.stderr == ""


def test_a_closed_or_full_output_leaves_no_traceback(small: Path) -> None:
    command = f"{sys.executable} -m ui articles --index '{small}'"
    for output, code, said in ((">&-", 0, ""), ("> /dev/full", 1, "free some disk space")):
        run = subprocess.run(
            ["bash", "-c", f"{command} {output}"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == code
        assert "Traceback" not in run.stderr
        assert said in run.stderr


def test_closed_errors_keep_nothing_from_being_done_and_stay_out_of_the_output(
    pages: Path, tmp_path: Path
) -> None:
    command = f"{sys.executable} -m ui index '{pages}' --index '{tmp_path}/new'"
    for words, code, out in (("", 0, "added"), (" --ray", 2, ""), (" --model '/none'", 1, "")):
        run = subprocess.run(
            ["bash", "-c", f"{command}{words} 2>&-"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == code
        assert run.stdout[:5] == out


@pytest.mark.usefixtures("small")  # for its model
def test_a_disk_that_takes_no_more_names_the_index(pages: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m ui index '{pages}' --index '{tmp_path}/full'"
    run = subprocess.run(
        ["bash", "-c", f"ulimit -f 1; {command}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.startswith(f"wenbao: {tmp_path}/full: ")
    assert run.stderr.count("\n") == 1


def test_output_is_utf_8_in_any_locale(small: Path) -> None:
    run = outside(
        "articles", "--json", "--index", small,
        env=os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert run.returncode == 0
    assert any("\u4e00" <= character <= "\u9fff" for character in run.stdout)


# ask


def test_ask_as_json_follows_the_contract(wenbao: Wenbao, seed_index: Path, seeds: Path) -> None:
    run = wenbao("ask", "第20届文旅博览会意向成交额是多少？", "--json", "--index", seed_index)
    assert run.code == 0
    (row,) = run.rows
    assert list(row) == ANSWER_KEYS
    assert row["id"] is None
    assert row["language"] == "zh"
    assert row["mode"] == "extractive"
    assert not row["refused"]
    assert 0 < len(row["passages"]) <= 10
    assert row["passages"] == sorted(row["passages"], key=lambda p: -p["score"])
    assert row["citations"]
    for citation in row["citations"]:
        assert list(citation) == ["n", "article", "headline", "file", "quote", "spans"]
        assert f"[{citation['n']}]" in row["answer"]
        text = (seeds / citation["file"]).read_bytes().decode("utf-8")
        printed = "".join(text[span["start"] : span["end"]] for span in citation["spans"])
        assert printed == citation["quote"]


def test_ask_for_reading_shows_quotes_with_headline_and_file(
    wenbao: Wenbao, seed_index: Path
) -> None:
    question = "第20届文旅博览会意向成交额是多少？"
    (row,) = wenbao("ask", question, "--json", "--index", seed_index).rows
    run = wenbao("ask", question, "--index", seed_index)
    assert run.code == 0
    assert run.out.startswith(row["answer"])
    for citation in row["citations"]:
        assert run.out.count(citation["quote"]) == 1
        assert f"[{citation['n']}] {citation['headline']} · {citation['file']}" in run.out


@pytest.mark.parametrize(
    ("question", "no"),
    [("月球上有多少只企鹅？", "没有"), ("How many penguins live on the moon?", "not")],
)
def test_a_refusal_says_so_and_lists_leads(
    wenbao: Wenbao, seed_index: Path, question: str, no: str
) -> None:
    (row,) = wenbao("ask", question, "--json", "--index", seed_index).rows
    assert row["refused"]
    assert row["citations"] == []
    run = wenbao("ask", question, "--index", seed_index)
    assert run.code == 0  # an honest no is an answer
    assert no in run.out
    assert "[1]" not in run.out
    articles = wenbao("articles", "--json", "--index", seed_index).rows
    lead = row["passages"][0]["article"]
    assert next(a["headline"] for a in articles if a["id"] == lead) in run.out


@pytest.mark.parametrize("question", ["", "   ", "\u3000\n", "问" * 100_000])
def test_a_question_that_is_empty_or_endless_is_refused(
    wenbao: Wenbao, seed_index: Path, question: str
) -> None:
    run = wenbao("ask", question, "--index", seed_index)
    assert_one_line_error(run)
    assert len(run.err) < 400


def test_bytes_that_are_no_text_do_not_crash(wenbao: Wenbao, seed_index: Path) -> None:
    run = wenbao("ask", os.fsdecode(b"who \xff\xfe\x80?"), "--json", "--index", seed_index)
    assert run.code == 0
    assert "\ufffd" in run.rows[0]["question"]


# ask --batch


def batch(tmp_path: Path, *rows: object) -> Path:
    """Write a batch file; a string is a line as it stands."""
    path = tmp_path / "batch.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_batch_answers_each_line_in_order_and_carries_the_id(
    wenbao: Wenbao, seed_index: Path, tmp_path: Path
) -> None:
    path = batch(
        tmp_path,
        {"id": "b", "question": "第20届文旅博览会意向成交额是多少？"},
        {"id": "a", "question": "How many penguins live on the moon?"},
        {"id": 7, "question": "第20届文旅博览会意向成交额是多少？", "session": None},
    )
    run = wenbao("ask", "--batch", path, "--index", seed_index)
    assert run.code == 0
    assert [row["id"] for row in run.rows] == ["b", "a", 7]
    assert all(list(row) == ANSWER_KEYS for row in run.rows)
    assert run.rows[0]["answer"] == run.rows[2]["answer"]


def test_rows_of_a_session_are_turns_of_one_conversation(
    wenbao: Wenbao, seed_index: Path, tmp_path: Path
) -> None:
    first = {"id": "1", "question": "第20届文旅博览会意向成交额是多少？", "session": "s"}
    between = {"id": "2", "question": "月球上有多少只企鹅？", "session": "t"}
    follow = {"id": "3", "question": "它是第几届？", "session": "s"}
    alone = {"id": "4", "question": "它是第几届？"}
    path = batch(tmp_path, first, between, follow, alone)
    rows = wenbao("ask", "--batch", path, "--index", seed_index).rows
    assert rows[2]["passages"][0]["article"] == rows[0]["passages"][0]["article"]
    assert rows[2]["passages"] != rows[3]["passages"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('["id", "question"]', "not an object"),
        ('{"question": "谁？"}', '"id"'),
        ('{"id": "x"}', '"question"'),
        ('{"id": "x", "question": " "}', "no words"),
        ('{"id": "x", "question": null}', '"question"'),
        ('{"id": "x", "question": 7}', '"question"'),
        ('{"id": "x", "question": "谁？", "session": ["s"]}', '"session"'),
    ],
)
def test_a_malformed_line_is_named_before_anything_is_asked(
    wenbao: Wenbao, tmp_path: Path, line: str, reason: str
) -> None:
    path = batch(tmp_path, {"id": "1", "question": "谁？"}, line)
    assert_one_line_error(wenbao("ask", "--batch", path), "line 2", reason)


def test_an_endless_question_in_a_batch_is_named_before_anything_is_asked(
    wenbao: Wenbao, seed_index: Path, tmp_path: Path
) -> None:
    path = batch(tmp_path, {"id": "1", "question": "谁？"}, {"id": "2", "question": "谁" * 9_999})
    assert_one_line_error(wenbao("ask", "--batch", path, "--index", seed_index), "line 2")


def test_a_batch_that_is_missing_or_no_text_is_one_line(wenbao: Wenbao, tmp_path: Path) -> None:
    assert_one_line_error(wenbao("ask", "--batch", tmp_path / "no.jsonl"), "no.jsonl")
    (tmp_path / "gbk.jsonl").write_bytes("问题".encode("gb18030"))
    assert_one_line_error(wenbao("ask", "--batch", tmp_path / "gbk.jsonl"), "UTF-8")
    assert_one_line_error(wenbao("ask", "--batch", tmp_path), str(tmp_path))


def test_a_batch_may_start_with_a_byte_order_mark_and_end_lines_as_windows_does(
    wenbao: Wenbao, seed_index: Path, tmp_path: Path
) -> None:
    path = tmp_path / "windows.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "1", "question": "?? who"}\r\n\r\n')
    run = wenbao("ask", "--batch", path, "--index", seed_index)
    assert run.code == 0
    assert [row["id"] for row in run.rows] == ["1"]


# verify, serve, eval


def test_verify_is_silent_about_a_sound_index(wenbao: Wenbao, small: Path) -> None:
    run = wenbao("verify", "--index", small)
    assert run.code == 0
    assert run.err == ""
    assert run.out.count(": ok") == 6


def test_verify_finds_a_single_changed_byte(wenbao: Wenbao, small: Path) -> None:
    vectors = next((small / "segments").rglob("vectors.faiss"))
    data = bytearray(vectors.read_bytes())
    data[len(data) // 2] ^= 1
    vectors.write_bytes(data)
    run = wenbao("verify", "--index", small)
    assert run.code == 1
    assert "vectors.faiss" in run.out
    assert "wenbao index" in run.out


def test_verify_without_an_index_says_what_to_do(
    wenbao: Wenbao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_model: Path
) -> None:
    monkeypatch.setenv("WENBAO_MODEL", str(small_model))
    run = wenbao("verify", "--index", tmp_path / "none")
    assert run.code == 1
    assert "wenbao index" in run.out


def test_verify_checks_the_configuration(
    wenbao: Wenbao, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENBAO_NAMES", str(tmp_path / "no-names.tsv"))
    monkeypatch.setenv("WENBAO_LLM_BASE_URL", "my-computer:8000")
    monkeypatch.setenv("WENBAO_LLM_MODEL", "a-model")
    run = wenbao("verify", "--index", small)
    assert run.code == 1
    assert "WENBAO_NAMES" in run.out
    assert "WENBAO_LLM_BASE_URL" in run.out


def test_verify_names_another_model_than_that_of_the_index(
    wenbao: Wenbao, small: Path, small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentence_transformers import SentenceTransformer

    other = SentenceTransformer(str(small_model), device="cpu")
    other.prompts = {"query": "question: ", "document": ""}
    other.save_pretrained(str(tmp_path / "other"))
    monkeypatch.setenv("WENBAO_MODEL", str(tmp_path / "other"))
    run = wenbao("verify", "--index", small)
    assert run.code == 1
    assert "other weights" in run.out


def test_a_port_in_use_is_one_line(wenbao: Wenbao, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = wenbao("serve", "--port", port, "--index", tmp_path / "none")
    assert_one_line_error(run, str(port), "--port")


@pytest.mark.parametrize("host", ["::1", "::"])
def test_a_host_of_ipv6_is_free_or_taken_as_others_are(host: str) -> None:
    from ui.checks import require_free

    try:
        taken = socket.create_server((host, 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with taken:
        port = taken.getsockname()[1]
        with pytest.raises(CorpusError, match="in use"):
            require_free(host, port)
    require_free(host, port)


def test_an_unknown_suite_is_one_line(wenbao: Wenbao) -> None:
    assert_one_line_error(wenbao("eval", "--suite", "no-such-suite"), "no-such-suite")


def test_eval_compares_two_reports_whichever_is_better(wenbao: Wenbao, tmp_path: Path) -> None:
    for name, verdict, value in (("old", "right", 1), ("new", "missing fact", 0)):
        (tmp_path / name).mkdir()
        rows = [{"id": "fair-zh", "question": "来了多少采购商？", "verdict": verdict}]
        metrics = {"zh.right": {"value": value, "n": 1}}
        report = {"suite": "seeds", "metrics": metrics, "rows": rows}
        (tmp_path / name / "report.json").write_text(json.dumps(report), "utf-8")
    run = wenbao("eval", "--diff", tmp_path / "old", tmp_path / "new" / "report.json")
    assert (run.code, run.err) == (0, "")
    assert "worse: 1 row\n  fair-zh: right → missing fact  来了多少采购商？" in run.out
    assert "-1.000" in run.out
    missing = wenbao("eval", "--diff", tmp_path / "old", tmp_path / "none")
    assert_one_line_error(missing, str(tmp_path / "none"), "--report DIR")
    assert wenbao("eval", "--diff", tmp_path / "old").code == 2
    assert wenbao("eval", "--fit", "--diff", tmp_path / "old", tmp_path / "old").code == 2


def test_a_fit_of_the_arms_takes_no_report(wenbao: Wenbao, tmp_path: Path) -> None:
    nowhere = ("--data", tmp_path / "none")  # so that nothing is ever fitted here
    run = wenbao("eval", "--fit", "--report", tmp_path / "report", *nowhere)
    assert run.code == 2
    assert "--report" in run.err


@pytest.mark.usefixtures("seed_index")
@pytest.mark.parametrize(("floor", "code"), [("1.0", 0), ("1.1", 1)])
def test_eval_prints_the_figures_and_fails_below_a_floor(
    wenbao: Wenbao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floor: str, code: int
) -> None:
    cases = ROOT / "evals" / "cases"
    for name in ("answerable", "unanswerable", "dialogues"):
        first, *_ = (cases / f"{name}.jsonl").read_text("utf-8").splitlines(keepends=True)
        (tmp_path / f"{name}.jsonl").write_text(first, "utf-8")
    floors = f'[seeds.at_least]\n"all.citation_validity" = {floor}\n'
    (tmp_path / "floors.toml").write_text(floors)
    monkeypatch.setattr("evals.run.SUITES", {"seeds": tmp_path})
    monkeypatch.setattr("evals.run.FLOORS", tmp_path / "floors.toml")
    run = wenbao("eval", "--suite", "seeds", "--report", tmp_path / "report")
    assert run.code == code
    assert "all.citation_validity" in run.out
    assert "of 3 cases as they should be" in run.out
    assert any((tmp_path / "report").iterdir())
    if code:
        assert run.err.count("\n") == 1
        assert "all.citation_validity" in run.err


@pytest.mark.slow
@pytest.mark.usefixtures("seed_index")
def test_a_fresh_user_needs_no_network(tmp_path: Path) -> None:
    blocker = tmp_path / "sitecustomize.py"
    blocker.write_text(
        "import socket\n"
        "def refuse(*arguments, **named):\n"
        "    raise RuntimeError(f'network: {arguments[1:]}')\n"
        "socket.socket.connect = socket.socket.connect_ex = refuse\n"
        "socket.getaddrinfo = socket.create_connection = refuse\n"
    )
    online = {name: text for name, text in os.environ.items() if "OFFLINE" not in name}
    online |= {"PYTHONPATH": str(tmp_path), "HF_HOME": str(tmp_path / "cache")}
    built = outside("index", "--index", tmp_path / "index", env=online)
    assert (built.returncode, built.stderr) == (0, "")
    asked = outside(
        "ask", "How much was agreed at the fair?", "--index", tmp_path / "index", env=online
    )
    assert (asked.returncode, asked.stderr) == (0, "")


# Filters


def test_filters_narrow_what_may_answer_and_are_told(wenbao: Wenbao, seed_index: Path) -> None:
    question = "义乌的商人说了什么？"
    words = ("ask", question, "--json", "--index", seed_index)
    found = wenbao(*words, "--genre", "interview").rows[0]
    assert found["filters"] == {"genres": ["interview"]}
    listed = {row["id"]: row for row in wenbao("articles", "--json", "--index", seed_index).rows}
    assert {listed[p["article"]]["genre"] for p in found["passages"]} == {"interview"}
    assert "访谈" in found["notices"][0]
    assert "filters" not in wenbao(*words).rows[0]


def test_a_filter_that_nothing_passes_refuses_and_says_why(
    wenbao: Wenbao, seed_index: Path
) -> None:
    found = wenbao("ask", "news from June 1999", "--json", "--index", seed_index).rows[0]
    assert found["refused"]
    assert found["passages"] == []
    assert "No article is of this kind: printed 1999-06-01–1999-06-30" in found["notices"][0]


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [("--since", "May", "since 'May' is no day"), ("--genre", "gossip", "choose from: news")],
)
def test_a_bad_filter_is_one_line(
    wenbao: Wenbao, seed_index: Path, option: str, value: str, told: str
) -> None:
    assert_one_line_error(wenbao("ask", "谁？", option, value, "--index", seed_index), told)


def test_rows_of_a_batch_have_filters_of_their_own(
    wenbao: Wenbao, seed_index: Path, tmp_path: Path
) -> None:
    row = {"id": 1, "question": "义乌的商人说了什么？"}
    path = batch(tmp_path, row | {"reporter": "龚盈盈"}, row)
    narrowed, whole = wenbao("ask", "--batch", path, "--index", seed_index).rows
    assert narrowed["filters"] == {"reporters": ["龚盈盈"]}
    assert "filters" not in whole
    bad = batch(tmp_path, row | {"since": 2026})
    assert_one_line_error(
        wenbao("ask", "--batch", bad, "--index", seed_index), "line 1", "2026, not a string"
    )


# rollback


def test_a_removal_is_rolled_back(wenbao: Wenbao, small: Path) -> None:
    (article, *_) = wenbao("articles", "--json", "--index", small).rows
    assert wenbao("remove", article["id"], "--index", small).code == 0
    run = wenbao("rollback", "--index", small)
    assert run.code == 0
    assert "(generation 000001)" in run.out
    assert wenbao("articles", "--json", "--index", small).rows[0] == article


def test_without_a_former_generation_a_rollback_says_so(wenbao: Wenbao, small: Path) -> None:
    assert_one_line_error(wenbao("rollback", "--index", small), "no former generation")


def test_a_question_to_a_damaged_index_is_answered_from_the_former_generation(
    wenbao: Wenbao, small: Path
) -> None:
    (article, *_) = wenbao("articles", "--json", "--index", small).rows
    assert wenbao("remove", article["id"], "--index", small).code == 0
    (small / "generations" / "000002" / "manifest.json").write_bytes(b"")
    run = wenbao("ask", article["headline"], "--json", "--index", small)
    assert run.code == 0
    assert "using the former generation 000001" in run.err
    assert len(run.err.splitlines()) == 1
    assert wenbao("verify", "--index", small).code == 1
