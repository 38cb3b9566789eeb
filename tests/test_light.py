"""The light embedder on a tiny encoder: the same vectors as the whole pipeline, without torch."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.embedding import BUNDLED_FOLDER, load_embedder
from index.light import BODY, TOKENIZER, WEIGHTS, digest_beside, load_light
from index.tensors import mapped_arrays
from index.text import simplify
from index.types import CorpusError
from tests.tiny_models import bert_folder

ROOT = Path(__file__).resolve().parent.parent
TEXTS = (
    "第20届文旅博览会来了多少采购商？",
    "第20屆文旅博覽會來了多少採購商？",
    "How many buyers came?",
    "",
    "😀",
    "的" * 500,
    "\ud800 alone",
)


@pytest.fixture(scope="module", params=["mean of the last layer", "sum of two layers"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny encoder with a body that was exported from it."""
    pytest.importorskip("onnxscript", reason="exporting needs the extra: training")
    from index.training.export import export_body

    folder = tmp_path_factory.mktemp("tiny")
    bert_folder(folder, two_layers=request.param == "sum of two layers")
    export_body(folder, folder / BODY)
    return folder


@pytest.fixture
def own(encoder: Path, tmp_path: Path) -> Path:
    """Return a copy of the tiny encoder that the test may change."""
    return Path(shutil.copytree(encoder, tmp_path / "own"))


def test_vectors_are_those_of_the_whole_pipeline(encoder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(encoder), device="cpu", local_files_only=True)
    wanted = reference.encode([simplify(text) for text in TEXTS], normalize_embeddings=True)
    found = load_light(encoder, "tiny").encode_passages(TEXTS)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), 128)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert (found * wanted).sum(axis=1).min() > 0.999


def test_a_vector_does_not_depend_on_its_company_or_its_thread(encoder: Path) -> None:
    light = load_light(encoder, "tiny")
    alone = np.stack([light.encode_questions([text])[0] for text in TEXTS])
    np.testing.assert_array_equal(light.encode_passages(TEXTS), alone)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(light.encode_passages, [TEXTS] * 16):
            np.testing.assert_array_equal(found, alone)


def test_traditional_text_is_simplified_first(encoder: Path) -> None:
    vectors = load_light(encoder, "tiny").encode_questions(TEXTS[:2])
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_no_texts_have_no_vectors(encoder: Path) -> None:
    assert load_light(encoder, "tiny").encode_passages([]).shape == (0, 128)


def test_the_word_rows_stay_on_the_disk(encoder: Path) -> None:
    arrays = mapped_arrays(encoder / WEIGHTS)
    rows = next(rows for name, rows in arrays.items() if "word_embeddings" in name)
    with pytest.raises(ValueError, match="read-only"):
        rows[0] = 0


@pytest.mark.parametrize(("nearest", "code"), [(0.9, 1), (0.999, 0)])
def test_a_body_is_replaced_only_by_one_that_was_measured(
    own: Path, monkeypatch: pytest.MonkeyPatch, nearest: float, code: int
) -> None:
    from index.training import export

    def figures(folder: Path, _: list[str]) -> dict[str, float]:
        assert (own / BODY).read_bytes() == b"before"
        assert load_light(folder, "tiny").dimension == 128
        return {"cosine_min": nearest}

    (own / BODY).write_bytes(b"before")
    monkeypatch.setattr(export, "figures", figures)
    assert export.main(["--encoder", str(own)]) == code
    assert ((own / BODY).read_bytes() == b"before") == bool(code)
    assert list(own.parent.iterdir()) == [own]


def test_an_encoder_is_replaced_only_by_one_that_is_whole(
    own: Path, encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.training import __main__ as training

    def broken(_: Path, body: Path) -> None:
        raise ValueError(body)

    monkeypatch.setattr(training, "export_body", broken)
    with pytest.raises(ValueError, match=r"body\.onnx"):
        training.copy_encoder(encoder, own)
    assert load_light(own, "tiny").dimension == 128
    monkeypatch.undo()
    training.copy_encoder(encoder, own)
    assert load_light(own, "tiny").dimension == 128
    assert list(own.parent.iterdir()) == [own]


def test_an_export_has_the_same_bytes_each_time(encoder: Path, tmp_path: Path) -> None:
    from index.training.export import export_body

    export_body(encoder, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == (encoder / BODY).read_bytes()


@pytest.mark.parametrize("file", [WEIGHTS, TOKENIZER])
def test_a_body_of_other_files_is_refused_with_the_command(own: Path, file: str) -> None:
    data = bytearray((own / file).read_bytes())
    data[-1] ^= 1
    (own / file).write_bytes(data)
    with pytest.raises(CorpusError, match=rf"not made from the {file}.*index\.training\.export"):
        load_light(own, "tiny")


def bundle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put ``folder`` in the place of the bundled encoder."""
    import rag.reader  # noqa: F401  (which keeps the place that it finds when it is imported)

    monkeypatch.setattr("index.embedding.BUNDLED_FOLDER", folder)


def test_verify_tells_of_a_body_of_other_weights(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui.checks import checks

    bundle(own, monkeypatch)
    assert dict(checks(tmp_path / "none"))["model"] == []
    with (own / WEIGHTS).open("ab") as file:
        file.write(b"\0")
    problems = dict(checks(tmp_path / "none"))["model"]
    assert len(problems) == 1
    assert "index.training.export" in problems[0]


def test_another_body_has_another_identity(own: Path) -> None:
    import onnx

    before = load_light(own, "tiny").identity
    assert load_light(own, "tiny").identity == before
    body = onnx.load(own / BODY)
    body.doc_string = "another"
    onnx.save(body, own / BODY)
    with pytest.raises(CorpusError, match="its sha256 has changed"):
        load_light(own, "tiny")
    digest_beside(own / BODY).unlink()
    assert load_light(own, "tiny").identity != before


@pytest.mark.parametrize("damage", [b"", b"not a graph", None])
def test_a_damaged_body_is_reported(own: Path, damage: bytes | None) -> None:
    if damage is None:
        (own / BODY).write_bytes((own / BODY).read_bytes()[:-1000])
    else:
        (own / BODY).write_bytes(damage)
    with pytest.raises(CorpusError, match=r"cannot be read.*restore it from git"):
        load_light(own, "tiny")


def test_a_missing_file_is_reported(own: Path) -> None:
    (own / TOKENIZER).unlink()
    with pytest.raises(CorpusError, match="cannot be read"):
        load_light(own, "tiny")


def test_the_bundled_name_means_the_light_embedder(
    own: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bundle(own, monkeypatch)
    light = load_embedder()
    assert type(light).__name__ == "LightEmbedder"
    assert light.name == "bundled"
    assert not caplog.messages
    (own / BODY).unlink()
    whole = load_embedder()
    assert "body.onnx is missing" in caplog.text, "nobody waits without being told why"
    assert type(whole).__name__ == "SentenceTransformerEmbedder"
    assert whole.name == "bundled"
    assert whole.identity != light.identity


HAS_BODY = pytest.mark.skipif(
    not (BUNDLED_FOLDER / BODY).is_file(), reason=f"{BODY} is not in this checkout"
)


@HAS_BODY
@pytest.mark.slow
def test_the_bundled_one_is_near_the_whole_model_it_was_made_from(seeds: Path) -> None:
    lines = [line for page in seeds.glob("*.txt") for line in page.read_text("utf-8").split("\n")]
    texts = [*TEXTS, *(line for line in lines if line.strip())][:200]
    light, whole = load_embedder(), load_embedder(str(BUNDLED_FOLDER))
    cosines = (light.encode_passages(texts) * whole.encode_passages(texts)).sum(axis=1)
    assert cosines.min() > 0.995


@HAS_BODY
def test_the_bundled_one_brings_both_languages_to_the_same_print() -> None:
    chinese, english, answer, other = load_embedder().encode_passages([
        TEXTS[0],
        "How many buyers came to the culture and tourism fair?",
        "为期三天的展会共吸引专业采购商58092人次，同比增长4.7%。",
        "台风登陆沿海，学校停课两天。",
    ])  # fmt: skip
    assert chinese @ answer > chinese @ other
    assert english @ answer > english @ other


@HAS_BODY
def test_a_question_is_answered_without_torch(seed_index: Path) -> None:
    code = (
        "import sys, json; from rag.answering import load_answerer;"
        "from rag.config import load_settings; from pathlib import Path;"
        f"a = load_answerer(load_settings(index=Path({str(seed_index)!r})));"
        "answer = a.ask('第20届文旅博览会来了多少采购商？');"
        "print(json.dumps([answer.refused, sorted({m.partition('.')[0] for m in sys.modules})]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    refused, loaded = json.loads(result.stdout)
    assert not refused
    heavy = {"torch", "transformers", "sentence_transformers", "sklearn", "langchain", "gradio"}
    assert not heavy & set(loaded)
