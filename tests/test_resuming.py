"""A long build that is stopped, killed or damaged goes on where it was, with the same vectors."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index import resuming
from index.resuming import StoppedError, embedded, forget
from index.store import write_durably
from index.types import Vectors
from index.windows import Embedded, whole_only
from tests.embedders import BigramEmbedder, WindowEmbedder
from tests.torture import Torture

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [f"第{n}座大桥合龙，通车{n * 7}公里" for n in range(50)]


class StoppedEmbedder(WindowEmbedder):
    """Is stopped by Ctrl-C when it has encoded ``after`` texts."""

    def __init__(self, after: int, windows: bool = False) -> None:
        super().__init__()
        self._after = after
        self._windows = windows

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> Embedded:
        return (
            super().encode_windows(texts, progress)
            if self._windows
            else whole_only(self.encode_passages(texts, progress))
        )

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        if len(self.encoded) + len(texts) > self._after:
            raise KeyboardInterrupt
        return super().encode_passages(texts, progress)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "PART_TEXTS", 8)


@pytest.fixture
def expected() -> Vectors:
    return BigramEmbedder().encode_passages(TEXTS)


def parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.part"))


def test_vectors_are_those_of_the_embedder(tmp_path: Path, expected: Vectors) -> None:
    found = embedded([*TEXTS, TEXTS[3]], BigramEmbedder(), tmp_path)
    assert found.matrix.dtype == np.float32
    np.testing.assert_array_equal(found.matrix, np.concatenate([expected, expected[3:4]]))
    assert embedded([], BigramEmbedder(), tmp_path).matrix.shape == (0, 64)


def test_windows_are_kept_with_their_texts(tmp_path: Path) -> None:
    texts = [f"{text}，{'桥' * 30}。{'路' * (n % 40)}。{text}。" for n, text in enumerate(TEXTS)]
    wanted = WindowEmbedder().encode_windows(texts)
    assert len(set(np.diff(wanted.windows.starts))) > 1
    with pytest.raises(StoppedError):
        embedded(texts, StoppedEmbedder(30, windows=True), tmp_path)
    after = WindowEmbedder()
    found = embedded(texts, after, tmp_path)
    assert after.encoded == texts[24:]
    assert found.packed() == wanted.packed()


def test_a_small_build_leaves_no_trace(tmp_path: Path) -> None:
    embedded(TEXTS[:8], BigramEmbedder(), tmp_path / "embedding")
    assert list(tmp_path.iterdir()) == []


def test_twins_in_script_and_white_space_are_encoded_once(tmp_path: Path) -> None:
    embedder = BigramEmbedder()
    vectors = embedded(
        ["第20屆\n文旅博覽會", "第20届  文旅博览会", "第21届"], embedder, tmp_path
    ).matrix
    assert embedder.encoded == ["第20屆\n文旅博覽會", "第21届"]
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_ctrl_c_tells_how_far_it_is_and_the_next_run_goes_on(
    tmp_path: Path, expected: Vectors
) -> None:
    with pytest.raises(StoppedError, match=r"^stopped after 24 of 50 passages.*same command again"):
        embedded(TEXTS, StoppedEmbedder(30), tmp_path)
    after = BigramEmbedder()
    told: list[tuple[int, int]] = []
    found = embedded(TEXTS, after, tmp_path, watch=lambda *done: told.append(done))
    assert after.encoded == TEXTS[24:]
    assert told[0] == (24, 50), "the bar goes on where it was, too"
    np.testing.assert_array_equal(found.matrix, expected)


def test_ctrl_c_while_a_part_is_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def stopped(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) == 3:
            raise KeyboardInterrupt
        write_durably(path, data)

    monkeypatch.setattr(resuming, "write_durably", stopped)
    with pytest.raises(StoppedError, match=r"^stopped after 24 of 50 passages"):
        embedded(TEXTS, BigramEmbedder(), tmp_path)
    after = BigramEmbedder()
    embedded(TEXTS, after, tmp_path)
    assert after.encoded == TEXTS[24:]


def test_any_error_keeps_what_was_done(tmp_path: Path) -> None:
    def watch(done: int, total: int) -> None:
        if 16 <= done < total:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        embedded(TEXTS, BigramEmbedder(), tmp_path, watch=watch)
    after = BigramEmbedder()
    embedded(TEXTS, after, tmp_path)
    assert after.encoded == TEXTS[16:]


def test_a_small_build_that_is_stopped_is_just_stopped(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        embedded(TEXTS[:8], StoppedEmbedder(0), tmp_path)


def test_another_model_takes_nothing_of_the_first(tmp_path: Path, expected: Vectors) -> None:
    embedded(TEXTS, BigramEmbedder("one"), tmp_path)
    for path in parts(tmp_path):  # even under its name
        path.parent.with_name("two").mkdir(exist_ok=True)
        (path.parent.with_name("two") / path.name).write_bytes(path.read_bytes())
    other = BigramEmbedder("two")
    np.testing.assert_array_equal(embedded(TEXTS, other, tmp_path).matrix, expected)
    assert other.encoded == TEXTS


def test_forgotten_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "embedding"
    embedded(TEXTS, BigramEmbedder(), folder)
    assert parts(folder)
    forget(folder)
    forget(folder)
    assert not folder.exists()


def test_the_bar_shows_the_rate_and_the_time_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded(TEXTS, BigramEmbedder(), tmp_path, progress=True)
    shown = capsys.readouterr()
    assert "50/50" in shown.err
    assert "passages a second" in shown.err
    assert not shown.out


@pytest.mark.torture
def test_damage_is_noticed_and_encoded_again(
    tmp_path: Path, torture: Torture, expected: Vectors, caplog: pytest.LogCaptureFixture
) -> None:
    embedded(TEXTS, BigramEmbedder(), tmp_path)
    sound = {path: path.read_bytes() for path in parts(tmp_path)}
    runs = torture.times(20, 2_000)
    for seed in range(runs):
        draw = random.Random(seed)
        path = draw.choice(sorted(sound))
        data = bytearray(sound[path])
        if seed % 4:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        else:
            del data[draw.randrange(len(data)) :]
        path.write_bytes(data)
        caplog.clear()
        after = BigramEmbedder()
        np.testing.assert_array_equal(
            embedded(TEXTS, after, tmp_path).matrix, expected, f"seed {seed}"
        )
        assert 0 < len(after.encoded) <= 8, f"seed {seed}"
        assert path.name in caplog.text, f"seed {seed}"
        for each in parts(tmp_path):
            each.unlink()
        for each, former in sound.items():
            each.write_bytes(former)
    torture.tell("damage of vectors kept by a stopped build", cases=runs, unnoticed=0)


KILLED = """
import sys, time
from pathlib import Path
from index import resuming
from tests.embedders import BigramEmbedder
from tests.test_resuming import TEXTS
resuming.PART_TEXTS = 8
def watch(done, total):
    print(done, flush=True)
    time.sleep(0.01)
resuming.embedded(TEXTS, BigramEmbedder(), Path(sys.argv[1]), watch=watch)
"""


@pytest.mark.torture
def test_killed_it_goes_on(tmp_path: Path, torture: Torture, expected: Vectors) -> None:
    runs, kept = torture.times(1, 50), 0
    for seed in range(runs):
        folder = tmp_path / str(seed)
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        lines = random.Random(seed).randrange(2, 7)
        done = [process.stdout.readline() for _ in range(lines)][-1]
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        after = BigramEmbedder()
        np.testing.assert_array_equal(
            embedded(TEXTS, after, folder).matrix, expected, f"seed {seed}"
        )
        assert len(after.encoded) <= len(TEXTS) - int(done), f"seed {seed}"
        kept += len(TEXTS) - len(after.encoded)
    torture.tell("killed while embedding", kills=runs, wrong=0, passages_kept=kept)
