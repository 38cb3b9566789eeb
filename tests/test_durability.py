"""Killed, cut off, out of space: an index is the former one or the new one, and nothing else.

The store is seen from outside: its public functions, the command line, and files that are
found by walking the folder. `pytest -m torture --torture` does all of it many times over.
"""

import errno
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from index.store import exists, load_sound_index, switch_back, verify_index
from index.types import CorpusError
from tests.editions import (
    NOTHING,
    Told,
    first_edition,
    in_memory,
    next_edition,
    page,
    size_of,
    told_at,
    told_by,
)
from tests.forked import DONE, KILLED, Deeds, Fate, Outcome, deeds
from tests.outage import Model, disks, read_record
from tests.torture import Torture

pytestmark = pytest.mark.torture
ERRORS = ("OSError", "CorpusError")  # what a face tells in one line


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Path]:
    """Return an empty folder."""
    with in_memory(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def child() -> Iterator[Deeds]:
    with deeds() as found:
        yield found


@dataclass(frozen=True)
class Scene:
    """An index before a deed, and the deed: ``before`` and ``after`` are what it tells."""

    kind: str
    deed: str
    given: Mapping[str, Any]
    kept: Path  # the index before the deed, never changed
    pages: Path
    before: Told
    after: Told
    moments: int
    seconds: float
    size: tuple[int, int]  # after the deed and one more change

    def put(self, to: Path) -> Path:
        """Return the folder ``to``, the index before the deed in it; none before the first."""
        shutil.rmtree(to, ignore_errors=True)
        if self.kept.exists():
            shutil.copytree(self.kept, to, symlinks=True)
        return to

    def do(self, child: Deeds, folder: Path, fate: Fate = Fate()) -> Outcome:  # noqa: B008
        return child.do(self.deed, fate, folder=folder, **self.given)

    def change(self, child: Deeds, folder: Path) -> Outcome:
        """Do one more change, another than the deed."""
        return child.do("build", paths=[page(self.pages.parent / "more", "号外", "又来了")],
                        folder=folder)  # fmt: skip


def set_scene(kind: str, desk: Path, child: Deeds) -> Scene:
    """Return the scene of one kind of deed, which is done once to its end."""
    pages, kept = first_edition(desk / "pages"), desk / "kept"
    given: dict[str, Any] = {"paths": [pages]}
    if kind != "first build":
        assert child.do("build", folder=kept, **given).ended == DONE
    if kind in ("update", "rollback"):
        next_edition(pages, 1)
        page(pages, "1", "另一条改过的消息")
        (pages / "2.txt").unlink()
    if kind == "rollback":
        assert child.do("build", folder=kept, **given).ended == DONE
        given = {}
    if kind == "remove":
        given = {"names": ["3.txt", "20260305_02.txt"]}
    deed = kind if kind in ("remove", "rollback") else "build"
    scene = Scene(kind, deed, given, kept, pages, NOTHING, NOTHING, 0, 0.0, (0, 0))
    folder = scene.put(desk / "whole")
    before = told_at(folder)
    outcome = scene.do(child, folder)
    assert outcome.ended == DONE, outcome
    after = told_at(folder)
    assert after != before
    assert scene.change(child, folder).ended == DONE
    return Scene(kind, deed, given, kept, pages, before, after, outcome.moments, outcome.seconds,
                 size_of(folder))  # fmt: skip


KINDS = ("first build", "update", "remove", "rollback")


SceneOf = Callable[[str], Scene]


@pytest.fixture(scope="module")
def scene_of(child: Deeds, tmp_path_factory: pytest.TempPathFactory) -> SceneOf:
    """Return the function that sets a scene, each kind once."""
    return cache(lambda kind: set_scene(kind, tmp_path_factory.mktemp("scene"), child))


@pytest.fixture(params=KINDS)
def scene(request: pytest.FixtureRequest, scene_of: SceneOf) -> Scene:
    return scene_of(request.param)


def one_of_two(scene: Scene, folder: Path, told: object) -> str:
    """Return which of its two states the index is in; fail when it is in neither."""
    found = told_at(folder)
    assert found in (scene.before, scene.after), told
    assert not exists(folder) or verify_index(folder) == [], told
    return "former" if found == scene.before else "new"


def goes_on(scene: Scene, child: Deeds, folder: Path, told: object) -> None:
    """Fail unless the deed can be done again, then another, and nothing is left behind."""
    if told_at(folder) == scene.before:
        again = scene.do(child, folder)
        assert again.ended == DONE, (told, again)
        assert told_at(folder) == scene.after, told
    more = scene.change(child, folder)
    assert more.ended == DONE, (told, more)
    assert verify_index(folder) == [], told
    files, size = size_of(folder)
    assert files <= scene.size[0], told
    assert size <= 1.1 * scene.size[1] + 4096, told


# kill -9


def test_killed_at_any_moment_an_index_is_the_former_or_the_new_one(
    scene: Scene, desk: Path, child: Deeds, torture: Torture
) -> None:
    kind = scene.kind
    draw = random.Random(kind)
    every = range(1, scene.moments + 1)
    few = min(3, scene.moments)
    aimed = torture.times(few, scene.moments)
    fates = [Fate("killed", at=at) for at in (every if torture.full else draw.sample(every, few))]
    drawn = torture.times(1, max(30, 130 - aimed))
    fates += [Fate(after_s=draw.uniform(0.002, 1.2 * scene.seconds)) for _ in range(drawn)]
    ended: Counter[str] = Counter()
    for fate in fates:
        folder = scene.put(desk / "index")
        outcome = scene.do(child, folder, fate)
        assert outcome.ended in (KILLED, DONE), (kind, fate, outcome)
        assert outcome.ended == KILLED or not fate.at, (kind, fate)
        ended[outcome.ended] += 1
        ended[one_of_two(scene, folder, (kind, fate))] += 1
        goes_on(scene, child, folder, (kind, fate))
    torture.tell(
        f"killed while indexing: {kind}",
        kills=ended[KILLED],
        of_them_at_each_file_operation=aimed,
        former=ended["former"],
        new=ended["new"],
        unreadable=0,
        mixed=0,
        litter=0,
    )


def test_killed_at_update_after_update_an_index_neither_breaks_nor_swells(
    desk: Path, child: Deeds, torture: Torture
) -> None:
    pages, folder = first_edition(desk / "pages", 12), desk / "index"
    assert child.do("build", paths=[pages], folder=folder).ended == DONE
    draw = random.Random(7)
    updates, kills, sizes = torture.times(2, 100), 0, []
    for number in range(1, updates + 1):
        next_edition(pages, number)
        whole = desk / "whole"  # what the update comes to when nothing befalls it
        shutil.copytree(folder, whole, symlinks=True)
        before = told_at(folder)
        outcome = child.do("build", paths=[pages], folder=whole)
        assert outcome.ended == DONE, (number, outcome)
        after = told_at(whole)
        shutil.rmtree(whole)
        for _ in range(2):  # killed twice over, on what the first death left
            fate = Fate("killed", at=draw.randint(1, outcome.moments))
            kills += child.do("build", fate, paths=[pages], folder=folder).ended == KILLED
            assert told_at(folder) in (before, after), (number, fate)
            assert verify_index(folder) == [], (number, fate)
        finished = child.do("build", paths=[pages], folder=folder)
        assert finished.ended == DONE, (number, finished)
        assert told_at(folder).words == after.words, number
        sizes.append(size_of(folder))
    fresh = desk / "fresh"
    assert child.do("build", paths=[pages], folder=fresh).ended == DONE
    assert told_at(fresh).words == told_at(folder).words
    files, size = max(sizes)[0], max(size for _, size in sizes)
    most = size_of(fresh)[1]
    assert size < 4 * most + 100_000, (size, most)
    torture.tell(
        "killed while indexing: a series of updates",
        updates=updates,
        kills=kills,
        unreadable=0,
        mixed=0,
        most_bytes_to_a_fresh_index=round(size / most, 1),
        most_files=files,
    )


def test_after_a_kill_the_generation_before_can_still_be_gone_back_to(
    desk: Path, child: Deeds, torture: Torture
) -> None:
    pages, kept, folder = desk / "pages", desk / "kept", desk / "index"
    first_edition(pages)
    for number in (1, 2):
        next_edition(pages, number)
        assert child.do("build", paths=[pages], folder=kept).ended == DONE
    live = told_at(kept)
    next_edition(pages, 3)
    shutil.copytree(kept, folder, symlinks=True)
    moments = range(1, child.do("build", paths=[pages], folder=folder).moments + 1)
    for at in random.Random(3).sample(moments, min(torture.times(2, 60), len(moments))):
        shutil.rmtree(folder)
        shutil.copytree(kept, folder, symlinks=True)
        outcome = child.do("build", Fate("killed", at=at), paths=[pages], folder=folder)
        assert outcome.ended == KILLED, at
        now = told_at(folder)
        switch_back(folder)
        before = told_at(folder)
        assert before != now, at
        assert live in (before, now), at
        assert verify_index(folder) == [], at
        switch_back(folder)
        assert told_at(folder) == now, at


# The power fails


@pytest.mark.parametrize("model", ["ordered", "strict"])
def test_after_a_power_cut_no_answer_comes_from_half_a_generation(
    scene: Scene,
    model: Model,
    desk: Path,
    child: Deeds,
    torture: Torture,
) -> None:
    """With names in order: one of the two states, at once.

    Where POSIX alone holds, the live one may be damaged; then it is told, and the former one
    is there to be asked.
    """
    kind = scene.kind
    folder = scene.put(desk / "index")
    fate = Fate("recorded", folder=str(folder))
    assert scene.do(child, folder, fate).ended == DONE
    moments = read_record(desk / "index.record")
    ended: Counter[str] = Counter()
    every = 1 if torture.full else max(1, len(moments) // 8)
    for told, disk in disks(moments, model, torture.times(1, 6), 1, desk, every):
        ended[_after_the_cut(scene, disk, (kind, told))] += 1
        shutil.rmtree(disk)
    if model == "ordered":
        assert not ended["told, former used"], kind
        assert not ended["told, none left"], kind
    elif scene.before != NOTHING:
        assert not ended["told, none left"], kind
    torture.tell(
        f"power cut ({model}): {kind}",
        cuts=sum(ended.values()),
        **{name.replace(", ", "_").replace(" ", "_"): n for name, n in sorted(ended.items())},
        mixed=0,
    )


def _after_the_cut(scene: Scene, disk: Path, told: object) -> str:
    """Return how an index fares: ``former``, ``new``, or told to be damaged."""
    try:
        return one_of_two(scene, disk, told)
    except CorpusError as error:
        problem = str(error)
    assert "wenbao index" in problem, told
    try:
        index, warning = load_sound_index(disk)
    except CorpusError:
        return "told, none left"
    assert told_by(index) in (scene.before, scene.after), told
    assert "wenbao rollback" in warning, told
    switch_back(disk)
    assert verify_index(disk) == [], told
    return "told, former used"


# The disk is full, or broken, or gone


@pytest.mark.parametrize("kind", ["update", "remove", "rollback"])
def test_when_any_system_call_fails_it_is_told_and_nothing_is_cut_short(
    kind: str, desk: Path, child: Deeds, torture: Torture, scene_of: SceneOf
) -> None:
    scene = scene_of(kind)
    draw = random.Random(kind)
    numbers = (errno.ENOSPC, errno.EIO, errno.EMFILE, errno.EROFS, errno.EDQUOT)
    every = [
        (at, number, on)
        for at in range(1, scene.moments + 1)
        for number in numbers
        for on in (False, True)
    ]
    ended: Counter[str] = Counter()
    for at, number, on in draw.sample(every, min(len(every), torture.times(3, 120))):
        fate = Fate("fails", at=at, number=number, on=on)
        folder = scene.put(desk / "index")
        outcome = scene.do(child, folder, fate)
        ended[_after_a_failure(scene, child, folder, outcome, (kind, fate))] += 1
    torture.tell(
        f"a system call fails: {kind}",
        failures=sum(ended.values()),
        silent_truncations=0,
        **{name.replace(", ", "_"): n for name, n in sorted(ended.items())},
    )


def _after_a_failure(
    scene: Scene, child: Deeds, folder: Path, outcome: Outcome, told: object
) -> str:
    """Return how a deed ended that met a failure; fail when it says what is not so."""
    assert outcome.ended in (DONE, *ERRORS), (told, outcome)
    state = one_of_two(scene, folder, told)
    if outcome.ended == DONE and outcome.code == 0:
        assert state == "new", (told, outcome)
    goes_on(scene, child, folder, told)
    return f"{'done' if outcome.ended == DONE and not outcome.code else 'told'}, {state}"


def test_a_limit_of_file_sizes_cuts_nothing_short(
    desk: Path, child: Deeds, torture: Torture, scene_of: SceneOf
) -> None:
    scene = scene_of("update")
    largest = max(path.stat().st_size for path in scene.kept.rglob("*") if path.is_file())
    ended: Counter[str] = Counter()
    draw = random.Random(5)
    runs = torture.times(3, 100)
    for at in range(runs):  # of every order of size: the new files are smaller than the largest
        size = int((largest + 500) ** ((at + draw.random()) / runs))
        folder = scene.put(desk / "index")
        outcome = scene.do(child, folder, Fate(file_bytes=size))
        ended[_after_a_failure(scene, child, folder, outcome, size)] += 1
    assert ended["told, former"] > 0
    torture.tell(
        "disk full: no file may grow past n bytes",
        trials=sum(ended.values()),
        silent_truncations=0,
        **{name.replace(", ", "_"): n for name, n in sorted(ended.items())},
    )


def test_out_of_descriptors_it_is_told(
    desk: Path, child: Deeds, torture: Torture, scene_of: SceneOf
) -> None:
    scene = scene_of("update")
    for number in range(1, 6, 1 if torture.full else 2):
        folder = scene.put(desk / "index")
        outcome = scene.do(child, folder, Fate(open_files=number))
        _after_a_failure(scene, child, folder, outcome, number)


@pytest.mark.parametrize("kind", ["first build", "update", "remove"])
def test_a_folder_that_vanishes_on_the_way_is_told_or_whole(
    kind: str, desk: Path, child: Deeds, torture: Torture, scene_of: SceneOf
) -> None:
    scene = scene_of(kind)
    moments = range(1, scene.moments + 1)
    folder = desk / "index"
    for at in random.Random(2).sample(moments, min(torture.times(2, 60), len(moments))):
        scene.put(folder)
        fate = Fate("vanishes", at=at, folder=str(folder))
        outcome = scene.do(child, folder, fate)
        assert outcome.ended in (DONE, *ERRORS), (kind, fate, outcome)
        try:
            assert told_at(folder) in (scene.after, NOTHING), (kind, fate)
        except CorpusError as error:  # what was shared with the former generation is gone
            problem = str(error)
            assert "wenbao index" in problem, (kind, fate)
            shutil.rmtree(folder)  # as it says
        assert child.do("build", paths=[scene.pages], folder=folder).ended == DONE, (kind, fate)
        assert verify_index(folder) == [], (kind, fate)


@dataclass(frozen=True)
class Disk:
    """A real, small file system."""

    at: Path

    def resize(self, free: int) -> None:
        """Let it have ``free`` bytes more than are used."""
        stats = os.statvfs(self.at)
        used = (stats.f_blocks - stats.f_bfree) * stats.f_frsize
        self.remount(f"size={used + free}")

    def remount(self, how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.at)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    at = tmp_path / "disk"
    at.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "wenbao-torture", str(at)]
    if (
        not shutil.which("mount")
        or subprocess.run(command, check=False, capture_output=True).returncode
    ):
        pytest.skip("mounting a small disk takes root")
    yield Disk(at)
    subprocess.run(["umount", "-l", str(at)], check=True)


def test_on_a_full_disk_the_command_says_so_in_one_line(
    disk: Disk, desk: Path, child: Deeds, torture: Torture, scene_of: SceneOf
) -> None:
    scene = scene_of("update")
    need = size_of(scene.kept)[1]
    trials, told = torture.times(2, 40), 0
    commands: dict[str, list[object]] = {
        "index": ["index", scene.pages],
        "remove": ["remove", "3.txt"],
        "rollback": ["rollback"],
    }
    for trial in range(trials):
        disk.remount("size=64m")
        folder = scene.put(disk.at / "index")
        if trial % 2:  # a former generation to go back to
            child.do("build", paths=[page(desk / "more", "号外", "又来了")], folder=folder)
        before = told_at(folder)
        name = random.Random(trial).choice(list(commands))
        free = 4096 * round(trial / trials * 1.5 * need / 4096)
        disk.resize(free)
        words = [*commands[name], "--index", folder]
        outcome = child.do("command", words=words)
        if outcome.code == 0:
            assert told_at(folder) != before, (trial, name, free)
        else:
            told += 1
            assert outcome.code == 1, (trial, outcome)
            (line,) = outcome.said.splitlines()
            assert "Traceback" not in line
            assert line.startswith("wenbao: "), (trial, line)
            if "former generation" not in line:
                assert str(folder) in line, (trial, line)
                assert "free some disk space and run it again" in line, (trial, line)
            assert told_at(folder) == before, (trial, name, free)
        assert verify_index(folder) == [], (trial, name, free)
        disk.remount("size=64m")
        again = child.do("command", words=["index", scene.pages, "--index", folder])
        assert again.code == 0, (trial, again)
        assert verify_index(folder) == [], (trial, name, free)
    assert told
    torture.tell(
        "disk full: a tmpfs, the command line",
        trials=trials,
        told_in_one_line=told,
        silent_truncations=0,
    )


def test_on_a_read_only_disk_the_command_says_so_and_answers_go_on(
    disk: Disk, child: Deeds, scene_of: SceneOf
) -> None:
    scene = scene_of("update")
    folder = scene.put(disk.at / "index")
    disk.remount("ro")
    outcome = child.do("command", words=["index", scene.pages, "--index", folder])
    assert outcome.code == 1
    (line,) = outcome.said.splitlines()
    assert str(folder) in line
    assert "Read-only file system: choose a folder that can be written" in line
    assert told_at(folder) == scene.before
    assert verify_index(folder) == []
    disk.remount("rw")
