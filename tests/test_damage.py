"""Bits that flip, files that are cut, swapped or gone: noticed before an answer uses them.

Every file under the folder of an index is found by walking it; so are those of the bundled
model. `pytest -m torture --torture` does all of it many times over.
"""

import random
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.build import build_index
from index.store import current, exists, load_index, load_sound_index, switch_back, verify_index
from index.types import CorpusError
from tests.editions import Told, first_edition, in_memory, next_edition, told_at, told_by
from tests.embedders import BigramEmbedder
from tests.torture import Torture

pytestmark = pytest.mark.torture

ON_LOADING = "noticed on loading"
NONE_LEFT = "noticed on loading, of both generations"
BY_VERIFY = "noticed by verify"
NOTICED = (ON_LOADING, NONE_LEFT, BY_VERIFY)
UNUSED = "outside of the live generation"
THE_FORMER = "the former generation, whole"
OF_ITSELF = "only what the manifest tells"
SILENT = "silent"


@dataclass(frozen=True)
class Whole:
    """A sound index with a former generation: its files, and what both generations tell."""

    folder: Path
    files: tuple[Path, ...]
    live: Told
    former: Told
    generations: tuple[str, str]

    @property
    def pointers(self) -> list[Path]:
        """The files that say which files count, and hold no words of an answer."""
        return [path for path in self.files if path.name in ("CURRENT", "manifest.json")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with in_memory(tmp_path_factory.mktemp("damage")) as desk:
        pages, folder = first_edition(desk / "pages"), desk / "index"
        for number in (1, 2, 3):
            next_edition(pages, number)
            build_index([pages], folder, BigramEmbedder())
        live, newest = told_at(folder), current(folder)
        switch_back(folder)
        former, before = told_at(folder), current(folder)
        switch_back(folder)
        files = tuple(sorted(path for path in folder.rglob("*") if path.stat().st_size))
        files = tuple(path for path in files if path.is_file())
        yield Whole(folder, files, live, former, (newest, before))
        assert told_at(folder) == live


# The ways of damage: what becomes of the bytes of a file


Damage = Callable[[bytes, random.Random], bytes | None]


def flipped(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data))]


def zeroed(data: bytes, draw: random.Random) -> bytes:
    """Zeros from somewhere on, as a block that was never written."""
    at = draw.randrange(len(data)) // 512 * 512
    zeros = bytes(min(4096, len(data) - at))
    return data[:at] + zeros + data[at + len(zeros) :]


def appended(data: bytes, draw: random.Random) -> bytes:
    return data + draw.randbytes(draw.randint(1, 600))


def repeated(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + data[at:] * 2


def emptied(_data: bytes, _draw: random.Random) -> bytes:
    return b""


def gone(_data: bytes, _draw: random.Random) -> None:
    return None


@contextmanager
def put_instead(path: Path, data: bytes | None) -> Iterator[None]:
    """Have other bytes in the file, or none of it, and then the former ones again."""
    before = path.read_bytes()

    def write(now: bytes | None) -> None:
        path.unlink(missing_ok=True)  # another file: nobody may know it by its time and size
        if now is not None:
            path.write_bytes(now)

    write(data)
    try:
        yield
    finally:
        write(before)


def what_comes_of_it(whole: Whole, path: Path, told: object) -> str:
    """Return who notices that ``path`` is damaged; fail where start-up does not cope with it."""
    try:
        found = told_by(load_index(whole.folder))
    except CorpusError as error:
        problem = str(error)
    else:
        if found == whole.live:
            return BY_VERIFY if verify_index(whole.folder) else UNUSED
        if found == whole.former:
            return THE_FORMER
        return OF_ITSELF if found.words == whole.live.words else SILENT
    assert "\n" not in problem, told
    assert str(whole.folder) in problem, told
    assert "wenbao index" in problem, told
    problems = verify_index(whole.folder)
    assert problems, told
    if path not in whole.pointers:
        assert any(path.name in line for line in problems), (told, problems)
    if not exists(whole.folder):  # told as no index at all
        return ON_LOADING
    try:
        index, warning = load_sound_index(whole.folder)
    except CorpusError:  # the file is one of both generations
        return NONE_LEFT
    assert "wenbao rollback" in warning, told
    assert index.manifest.generation in whole.generations, told
    if looked_through(told):
        assert told_by(index).words in (whole.live.words, whole.former.words), told
    return ON_LOADING


def looked_through(told: object) -> bool:
    """Return whether all that an index tells is compared: every tenth time, it takes long."""
    return zlib.crc32(str(told).encode()) % 10 == 0


def drawn(whole: Whole, files: list[Path], times: int, seed: int) -> Iterator[tuple[Path, str]]:
    """Yield files, each as often as another, with how to draw the damage again."""
    draw = random.Random(seed)
    for number in range(times):
        path = draw.choice(files)
        yield path, f"{path.relative_to(whole.folder)}, seed {seed}, draw {number}"


def figures(ended: Counter[str]) -> dict[str, float | str]:
    return {name.replace(" ", "_"): times for name, times in sorted(ended.items())}


# The index


@pytest.mark.parametrize(
    ("how", "few", "many"),
    [
        (flipped, 25, 3000),
        (cut, 10, 500),
        (zeroed, 3, 200),
        (appended, 3, 200),
        (repeated, 3, 200),
        (emptied, 3, 60),
        (gone, 3, 60),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_damaged_file_is_noticed_before_an_answer_uses_it(
    whole: Whole, how: Damage, few: int, many: int, torture: Torture
) -> None:
    files = [path for path in whole.files if path not in whole.pointers]
    if how in (emptied, gone, cut):  # a cut pointer or manifest shows
        files = list(whole.files)
    ended: Counter[str] = Counter()
    for path, told in drawn(whole, files, torture.times(few, many), 1):
        before = path.read_bytes()
        damaged = how(before, random.Random(told))
        if damaged == before:
            continue
        with put_instead(path, damaged):
            result = what_comes_of_it(whole, path, told)
            if result == UNUSED and path in files:
                _the_former_is_not_switched_to(whole, told)
        assert result in (*NOTICED, UNUSED), (told, result)
        ended[result] += 1
    assert sum(ended[how] for how in NOTICED) > 0
    torture.tell(f"damage: {how.__name__}", files=len(files), **{SILENT: 0}, **figures(ended))


def _the_former_is_not_switched_to(whole: Whole, told: object) -> None:
    """Fail unless damage outside of the live generation is told when it is to become live."""
    live = current(whole.folder)
    try:
        switch_back(whole.folder)
    except CorpusError as error:
        problem = str(error)
        assert "damaged" in problem or "cannot be read" in problem, (told, problem)
    else:  # then the file was of no use at all
        assert told_at(whole.folder) == whole.former, told
        switch_back(whole.folder)
    assert current(whole.folder) == live, told


@pytest.mark.parametrize("name", ["CURRENT", "manifest.json"])
def test_a_flipped_bit_in_what_names_the_files_is_noticed(
    whole: Whole, name: str, torture: Torture
) -> None:
    """They hold no words of an answer: at worst a whole generation answers that is not live."""
    ended: Counter[str] = Counter()
    draw = random.Random(name)
    for path in (path for path in whole.pointers if path.name == name):
        before = path.read_bytes()
        every = range(8 * len(before))
        for bit in draw.sample(every, min(len(every), torture.times(48, 1500))):
            changed = bytearray(before)
            changed[bit // 8] ^= 1 << bit % 8
            with put_instead(path, bytes(changed)):
                result = what_comes_of_it(whole, path, (path, bit))
            assert result != SILENT, (path, bit)
            ended[result] += 1
    torture.tell(f"damage: every kind of bit of {name}", **figures(ended))
    assert not ended[THE_FORMER] + ended[OF_ITSELF], ended


def test_files_in_the_place_of_each_other_are_noticed(whole: Whole, torture: Torture) -> None:
    draw = random.Random(4)
    ended: Counter[str] = Counter()
    pairs = [
        (path, other)
        for path in whole.files
        for other in whole.files
        if path != other and path.read_bytes() != other.read_bytes()
    ]
    for path, other in draw.sample(pairs, min(len(pairs), torture.times(6, 400))):
        with put_instead(path, other.read_bytes()):
            result = what_comes_of_it(whole, path, (path, other))
        former = [THE_FORMER] if path in whole.pointers else []  # whole, as after a rollback
        assert result in (*NOTICED, UNUSED, *former), (path, other, result)
        ended[result] += 1
    torture.tell("damage: one file in the place of another", **{SILENT: 0}, **figures(ended))


def test_the_command_names_the_damaged_file_and_the_remedy(whole: Whole) -> None:
    from typer.testing import CliRunner

    from ui.cli import app

    newest = max(path for path in whole.files if path not in whole.pointers)
    with put_instead(newest, flipped(newest.read_bytes(), random.Random(6))):
        told = CliRunner().invoke(app, ["verify", "--index", str(whole.folder)])
    assert told.exit_code == 1
    assert f"{newest}: damaged" in told.output.replace("\n", "")
    assert "wenbao index" in told.output


# The bundled model


@dataclass(frozen=True)
class Part:
    """A file of the bundled model, and what it gives when it is loaded from ``path``."""

    path: Path
    load: Callable[[Path], object]


def _encoder(file: Path) -> object:
    """Return who the encoder is: an index that another one built is not answered from."""
    from index.light import load_light

    folder = file.parent.parent if file.parent.name == "onnx" else file.parent
    embedder = load_light(folder, "copy")
    return embedder.identity, embedder.encode_questions(["清江大桥"]).tobytes()


def _reader(file: Path) -> object:
    from rag.reader import load_reader

    found = load_reader.__wrapped__(file).read("大桥多长？", ["清江大桥全长2160米。桥面宽33米。"])
    return repr(found)


def _translations(file: Path) -> object:
    from rag.translation import load_translations

    return {word: dict(forms) for word, forms in load_translations(file).items()}


def _glossary(file: Path) -> object:
    from index.glossary import load_glossary

    return vars(load_glossary.__wrapped__(file))


def _table_of(module: str, name: str) -> Callable[[Path], object]:
    def load(file: Path) -> object:
        from importlib import import_module

        import numpy as np

        found = import_module(module)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(found, "TABLE", file)
            values = vars(getattr(found, name).__wrapped__())
        return [np.asarray(value).tobytes() for value in values.values()]

    return load


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Part]]:
    """Return the files of a copy of the bundled model."""
    import index

    with in_memory(tmp_path_factory.mktemp("model")) as desk:
        copy = Path(shutil.copytree(Path(index.__file__).parent / "model", desk / "model"))
        if not (copy / "meaning.npz").is_file():
            pytest.skip("the bundled model is not in this checkout")
        yield {
            "weights": Part(copy / "encoder" / "model.safetensors", _encoder),
            "tokenizer": Part(copy / "encoder" / "tokenizer.json", _encoder),
            "body": Part(copy / "encoder" / "onnx" / "body.onnx", _encoder),
            "reader": Part(copy / "reader" / "reader.onnx", _reader),
            "translations": Part(copy / "translations.tsv.gz", _translations),
            "glosses": Part(copy / "glosses.tsv.gz", _glossary),
            "meaning": Part(copy / "meaning.npz", _table_of("index.meaning", "bundled_meaning")),
            "ngrams": Part(copy / "ngrams.npz", _table_of("index.ngrams", "bundled_ngrams")),
        }


def _what_is_loaded(part: Part, sound: object) -> str:
    """Return who notices that a file of the model is damaged."""
    try:
        same = part.load(part.path) == sound
    except CorpusError as error:
        problem = str(error)
    except Exception as error:  # noqa: BLE001 - counted, and told by the test
        return f"told as {type(error).__name__}"
    else:
        return "of no effect" if same else "another is loaded"
    return "noticed" if part.path.name in problem else f"noticed, but told: {problem}"


@pytest.mark.parametrize(
    "name",
    ["weights", "tokenizer", "body", "reader", "translations", "glosses", "meaning", "ngrams"],
)
def test_damage_to_the_bundled_model_is_noticed(
    model: dict[str, Part], name: str, torture: Torture
) -> None:
    part = model[name]
    sound = part.load(part.path)
    before = part.path.read_bytes()
    ended: Counter[str] = Counter()
    for number in range(torture.times(2, 60)):
        how = cut if number % 6 == 5 else flipped
        with put_instead(part.path, how(before, random.Random(f"{name} {number}"))):
            ended[_what_is_loaded(part, sound)] += 1
    torture.tell(f"damage to the model: {name}", **figures(ended))
    if name == "body":  # its digest is a part of the identity that an index was built with
        ended["noticed"] += ended.pop("another is loaded", 0)
    assert sum(ended.values()) == ended["noticed"] + ended["of no effect"], ended
