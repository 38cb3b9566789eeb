"""The reader's weights are read back from its graph."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from index.training import reader_again
from index.training.export import ENCODER, export_reader
from index.training.reader import save_reader
from index.training.reader_again import BUNDLED, SHARE, load_trained, towards
from rag.reader import load_reader

PASSAGE = "大桥昨日合龙，两岸居民过江只要五分钟。总工程师王洽清说，大桥全长三千二百米。"
QUESTIONS = ("大桥全长多少米？", "总工程师是谁？", "How long is the bridge?", "谁投资了？")


@pytest.fixture
def body() -> Any:
    from sentence_transformers import SentenceTransformer

    encoder: Any = SentenceTransformer(str(ENCODER), device="cpu")
    return encoder[0].model


@pytest.mark.slow
def test_what_is_read_back_and_written_again_reads_as_before(body: Any, tmp_path: Path) -> None:
    weights, graph = tmp_path / "reader.safetensors", tmp_path / "reader.onnx"
    save_reader(load_trained(body, BUNDLED), weights)
    export_reader(weights, ENCODER, graph)
    before, after = (load_reader.__wrapped__(path) for path in (BUNDLED, graph))
    for question in QUESTIONS:
        ((old,), (new,)) = (reader.read(question, [PASSAGE]) for reader in (before, after))
        assert new.answers == pytest.approx(old.answers, abs=0.1)
        for one, other in zip(old.sentences, new.sentences, strict=True):
            assert (one.start, one.end) == (other.start, other.end)
            assert one.log_probability == pytest.approx(other.log_probability, abs=0.1)


def test_another_graph_is_told(body: Any, tmp_path: Path) -> None:
    import onnx

    graph = tmp_path / "reader.onnx"
    shutil.copy(BUNDLED, graph)
    model = onnx.load(graph)
    (own,) = (each for each in model.graph.initializer if each.name == "reader.answers.bias")
    own.name = "reader.other.bias"
    onnx.save(model, graph)
    with pytest.raises(ValueError, match=r"other weights than the reader's: \['answers.bias'\]"):
        load_trained(body, graph)


def test_a_file_that_is_not_there_is_told_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("asked_questions", "near_misses", "news_documents"):
        monkeypatch.setattr(reader_again, name, lambda _: [])
    monkeypatch.setattr(reader_again, "sentence_pairs", lambda _: ([], []))
    monkeypatch.setattr(reader_again, "Student", lambda _: pytest.fail("it was loaded"))
    missing = tmp_path / "found.jsonl.gz"
    given = ["reader_again", "--data", str(tmp_path), "--found", str(missing)]
    monkeypatch.setattr("sys.argv", given)
    assert reader_again.main() == 1
    assert f"{missing}: cannot be read" in capsys.readouterr().err


def test_a_share_of_what_is_learned_stays(body: Any) -> None:
    reader = load_trained(body, BUNDLED)
    before = {name: weight.clone() for name, weight in reader.state_dict().items()}
    with torch.no_grad():
        reader.answers.bias.add_(1.0)
    towards(reader, before)
    learned = reader.state_dict()["answers.bias"] - before["answers.bias"]
    assert learned.item() == pytest.approx(SHARE)
    assert torch.equal(reader.state_dict()["span.weight"], before["span.weight"])
