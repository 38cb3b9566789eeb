"""The bundled encoder without torch gives the vectors of the whole model, and is quick to start."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.bundled import BUNDLED, FOLDER, GRAPH, MAX_TOKENS, WEIGHTS, BundledEmbedder, word_rows
from index.embedding import load_embedder
from index.types import CorpusError

TEXTS = [
    "义乌文旅博览会来了多少采购商？",
    "How many buyers came to the culture and tourism fair?",
    "第20屆文旅博覽會吸引專業採購商58092人次。",
    "",
    "😀",
    "\ud800",
    "为期三天的展会共吸引专业采购商58092人次,同比增长4.7%。" * 6,
    "义乌" * 5_000,
]


@pytest.fixture(scope="module")
def light() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.mark.slow
def test_its_vectors_are_those_of_the_whole_model(light: BundledEmbedder, seeds: Path) -> None:
    lines = [line for page in seeds.glob("*.txt") for line in page.read_text("utf-8").split("\n")]
    texts = [*TEXTS, *(line for line in lines if line.strip())][:300]
    whole = load_embedder(str(FOLDER))
    cosines = (light.encode_passages(texts) * whole.encode_passages(texts)).sum(axis=1)
    assert cosines.min() > 0.995


def test_vectors_have_length_one_and_do_not_depend_on_their_batch(light: BundledEmbedder) -> None:
    together = light.encode_passages(TEXTS)
    alone = np.concatenate([light.encode_questions([text]) for text in TEXTS])
    assert together.shape == (len(TEXTS), light.dimension)
    assert together.dtype == np.float32
    assert (together**2).sum(axis=1) == pytest.approx(1.0, abs=1e-4)
    assert (together * alone).sum(axis=1).min() > 0.999


def test_no_text_gives_no_vector(light: BundledEmbedder) -> None:
    assert light.encode_passages([]).shape == light.encode_questions([]).shape
    assert light.encode_passages([]).shape == (0, light.dimension)


def test_a_question_is_nearer_to_its_answer_in_either_language(light: BundledEmbedder) -> None:
    chinese, english, answer, *_ = light.encode_passages(TEXTS)
    other = light.encode_passages(["台风登陆沿海，学校停课两天。"])[0]
    assert chinese @ answer > chinese @ other
    assert english @ answer > english @ other


def test_what_is_too_long_is_cut(light: BundledEmbedder) -> None:
    one, two = light.encode_passages(["义乌" * MAX_TOKENS, "义乌" * MAX_TOKENS + "完"])
    assert one @ two == pytest.approx(1.0, abs=1e-5)


def test_threads_may_share_it(light: BundledEmbedder) -> None:
    expected = light.encode_passages(TEXTS)
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(lambda _: light.encode_passages(TEXTS), range(8)):
            assert found == pytest.approx(expected, abs=1e-5)


def test_the_graph_was_made_from_the_weights_beside_it(light: BundledEmbedder) -> None:
    assert light.mismatch() == ""


@pytest.mark.parametrize("file", [GRAPH, WEIGHTS, "tokenizer.json"])
def test_a_missing_or_damaged_file_is_told_with_what_to_do(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "encoder"
    folder.mkdir()
    for name in (GRAPH, WEIGHTS, "tokenizer.json"):
        (folder / name).symlink_to(FOLDER / name)
    (folder / file).unlink()
    with pytest.raises(CorpusError, match=r"restore the folder from git"):
        BundledEmbedder(folder)
    (folder / file).write_bytes(b"\x00not what it was" * 3)
    with pytest.raises(CorpusError, match=r"restore the folder from git"):
        BundledEmbedder(folder)


def test_other_weights_are_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    folder.mkdir()
    for name in (GRAPH, "tokenizer.json"):
        (folder / name).symlink_to(FOLDER / name)
    shutil.copy(FOLDER / WEIGHTS, folder / WEIGHTS)
    with (folder / WEIGHTS).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    assert "other weights" in BundledEmbedder(folder).mismatch()


def test_word_rows_are_read_where_they_are(tmp_path: Path) -> None:
    rows = word_rows(FOLDER / WEIGHTS)
    assert isinstance(rows, np.memmap)
    assert rows.shape[1] == 384
    (tmp_path / "short.safetensors").write_bytes(b"\xff" * 20)
    with pytest.raises(ValueError, match="no safetensors file"):
        word_rows(tmp_path / "short.safetensors")


def test_a_question_is_answered_without_torch(seed_index: Path) -> None:
    program = (
        "import sys; sys.argv = ['wenbao', 'ask', '--index', sys.argv[1], '展会来了多少采购商？']\n"
        "from ui.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'langchain_core', 'gradio'}\n"
        "sys.exit(f'imported: {heavy & sys.modules.keys()}' if heavy & sys.modules.keys() else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(seed_index)],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "58092" in done.stdout


def test_the_default_is_the_bundled_one() -> None:
    assert isinstance(load_embedder(), BundledEmbedder)
    assert load_embedder().name == BUNDLED
