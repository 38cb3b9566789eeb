"""Whatever lies in a folder is read as it was meant, or refused in a line that says why."""

import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from index import formats
from index.articles import articles_of
from index.build import build_index
from index.store import load_index
from index.types import Article, CorpusError, Page
from tests.bad_files import LOST_CHARS, MONSTERS, SEEDS, Received, binaries, received
from tests.embedders import BigramEmbedder
from tests.growth import grows_linearly
from tests.torture import Torture

MAX_CPU_S = 5.0  # for a file of a few thousand characters, on a machine with other work
MEBIBYTE = 1024 * 1024


def articles(page: Page) -> list[Article]:
    """Return the articles of a page of any kind."""
    marked = formats.articles_in(page)
    return list(articles_of(page).articles) if marked is None else marked


def problem_of(file: Received, path: Path) -> tuple[str, bool]:
    """Return what is wrong with how ``file`` is read, empty if nothing, and whether it was read."""
    path.write_bytes(file.data)
    try:
        page = formats.read(path, file.name)
        found = articles(page)
    except CorpusError as error:
        told = str(error)
        if len(told.splitlines()) != 1 or not told.startswith(f"{file.name}: ") or ";" not in told:
            return f"the refusal is no line with file and remedy: {told!r}", False
        return f"refused: {told}" if file.well_formed else "", False
    for article in found:
        words = "".join(page.text[span.start : span.end] for span in article.body.spans)
        if article.body.text != words:
            return f"article {article.id} has words that are not on the page", True
    if file.kind.startswith("disguised") and not file.kind.endswith("noise"):
        return f"taken for text: {page.text[:40]!r}", True
    if file.truth and not file.name.endswith(".jsonl") and page.text != file.truth:
        lost = (Counter(file.truth) - Counter(page.text)).total()
        if lost > LOST_CHARS * file.breaks:
            return f"misread as {page.encoding}: {page.text[:60]!r}", True
    return "", True


@pytest.mark.torture
def test_no_file_is_misread_or_breaks_the_reader(tmp_path: Path, torture: Torture) -> None:
    problems: Counter[str] = Counter()
    told: list[str] = []
    kinds: dict[str, Counter[str]] = {}
    slowest = 0.0
    many = torture.times(150, 20_000)
    for number in range(many):
        file = received(number)
        started = time.process_time()
        problem, was_read = problem_of(file, tmp_path / f"received{Path(file.name).suffix}")
        seconds = time.process_time() - started
        slowest = max(slowest, seconds)
        if seconds > MAX_CPU_S:
            problem = problem or f"took {seconds:.1f} s"
        group = f"{file.kind}, {file.chars} chars" if file.well_formed else file.kind
        outcome = "bad" if problem else "read" if was_read else "refused"
        kinds.setdefault(group, Counter())[outcome] += 1
        if problem:
            problems[file.kind] += 1
            told.append(f"received({number}) {file.kind}: {problem}")
    right, well_formed = _right(kinds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    torture.tell(
        "bad files",
        files=many,
        tracebacks=0,
        misread=len(told) - (well_formed - right),
        well_formed=well_formed,
        right=f"{right / well_formed:.3%}",
        slowest_s=round(slowest, 2),
        peak_mib=peak,
    )
    wrong = [line for line in told if "refused: " not in line]
    assert not wrong, "\n".join(wrong[:20])
    assert right >= 0.999 * well_formed, "\n".join(told[:20])


def _right(kinds: dict[str, Counter[str]]) -> tuple[int, int]:
    """Return how many of the well-formed files were read rightly, and how many there were."""
    well_formed = [outcomes for kind, outcomes in kinds.items() if kind.endswith(" chars")]
    return sum(each["read"] for each in well_formed), sum(each.total() for each in well_formed)


@pytest.mark.torture
@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_takes_time_in_proportion_to_its_size(name: str, torture: Torture) -> None:
    def work(size: int) -> None:
        page = Page(name, MONSTERS[name](size), "utf-8", "0" * 64)
        with suppress(CorpusError):
            articles(page)

    assert grows_linearly(work, torture.times(500, 10_000))


def test_every_binary_is_named_for_what_it_is(tmp_path: Path) -> None:
    told = {}
    for kind, data in binaries().items():
        path = tmp_path / "page.txt"
        path.write_bytes(data)
        with pytest.raises(CorpusError) as caught:
            formats.read(path, "page.txt")
        told[kind] = str(caught.value)
    assert told["pdf"] == "page.txt: a PDF, not text; give it the ending .pdf"
    assert "a gzip archive, not text; unpack it" in told["gzip"]
    assert "SQLite" in told["sqlite"]
    assert "Word" in told["zip"]
    assert "binary data" in told["zeros"]


@pytest.mark.parametrize("kind", ["pipe", "device", "link to nothing", "link to itself"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "page.txt"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.symlink_to("page.txt" if kind.endswith("itself") else "none.txt")
    with pytest.raises(CorpusError, match=r"^page\.txt: ") as caught:
        formats.read(path, "page.txt")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_grows_while_it_is_read_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.decoding.MAX_PAGE_BYTES", 10)
    from index.decoding import read_bytes

    with pytest.raises(CorpusError, match="more bytes than a page may have"):
        read_bytes(Path("/proc/self/maps"), "maps.txt", 10)  # of no size, and yet long


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Jb", "\udcff\udcfe", "a\u202eb", "a\u2028"])
def test_a_name_that_no_line_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_text("义乌市场昨日开市，商户云集。\n", "utf-8")
    with pytest.raises(CorpusError, match="rename it") as caught:
        formats.read(path, path.name)
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


def bad_among_good(folder: Path, good: int, bad: int) -> tuple[list[str], list[str]]:
    """Fill a folder with good pages and files that must be refused; return their names."""
    page = min(SEEDS.glob("*.txt")).read_text("utf-8")
    paragraphs = [line for line in page.split("\n") if len(line) > 60]
    names: tuple[list[str], list[str]] = ([], [])
    for number in range(good):
        name = f"good-{number:04}.txt"
        (folder / name).write_text(f"第{number}号{paragraphs[number % len(paragraphs)]}\n", "utf-8")
        names[0].append(name)
    for number, data in zip(range(bad), _refused(), strict=False):
        name = f"bad-{number:04}.txt"
        (folder / name).write_bytes(data)
        names[1].append(name)
    os.mkfifo(folder / "pipe.txt")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "lost.txt").symlink_to("nowhere.txt")
    (folder / os.fsdecode(b"\xff.txt")).write_text(paragraphs[0], "utf-8")
    (folder / "folder.txt").mkdir()
    names[1].extend(["pipe.txt", "loop.txt", "lost.txt", "\udcff.txt"])
    return names


def _refused() -> Iterator[bytes]:
    """Yield the bytes of files that are no page, again and again."""
    while True:
        yield from binaries().values()
        yield from (b"", b" \n", "义乌".encode("utf-16")[:-1])
        yield "义乌市场新闻".encode().decode("gb18030").encode()


@pytest.mark.torture
def test_bad_files_never_lose_the_good_ones(tmp_path: Path, torture: Torture) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    good, bad = bad_among_good(folder, torture.times(14, 700), torture.times(26, 296))
    report = build_index([folder], tmp_path / "index", BigramEmbedder())
    failed = {each.file: each.message for each in report.failed}
    assert sorted(failed) == sorted(bad)
    assert all(len(message.splitlines()) == 1 for message in failed.values())
    assert sorted(load_index(tmp_path / "index").pages) == good
    torture.tell("bad among good", good=len(good), bad=len(bad), told=len(failed), lost=0)


@pytest.mark.torture
@pytest.mark.slow
def test_the_command_tells_each_bad_file_in_a_line(tmp_path: Path, torture: Torture) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    good, bad = bad_among_good(folder, torture.times(5, 150), torture.times(8, 150))
    command = [sys.executable, "-m", "ui", "index", str(folder), "--index", str(tmp_path / "index")]
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=300,
        check=False,
        cwd=SEEDS.parent,
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert len(run.stderr.splitlines()) == len(bad), run.stderr
    assert sum(line.startswith("added") for line in run.stdout.splitlines()) == len(good)


@pytest.mark.torture
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells its memory on Linux")
def test_a_line_of_ten_megabytes_takes_bounded_memory(tmp_path: Path, torture: Torture) -> None:
    size = torture.times(1, 10) * MEBIBYTE
    path = tmp_path / "page.txt"
    path.write_bytes(("义乌市场新闻。" * (size // 21)).encode())
    code = (
        "import re, sys; from pathlib import Path; from tests.test_bad_files import articles;"
        "from index import formats; found = articles(formats.read(Path(sys.argv[1]), 'page.txt'));"
        # Not ru_maxrss: a child has that of the process it was forked from.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1];"
        "print(len(found), int(peak) // 1024)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=SEEDS.parent,
        timeout=500,
    )
    count, peak = map(int, run.stdout.split())
    torture.tell("a line of 10 MB", articles=count, peak_mib=peak)
    assert peak < 1_500
