"""LangChain gets the passages that WenBao finds, with the places that prove them."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough

from index.types import CorpusError
from rag.langchain import WenbaoRetriever
from rag.types import Passage, Question
from tests.fakes import newspaper, ranked


class Finder:
    """Finds passages of a small newspaper by shared characters."""

    def __init__(self) -> None:
        self.paper: SimpleNamespace = newspaper()

    def retrieve(self, question: Question, k: int) -> list[Passage]:
        return ranked(question.search_text, self.paper.chunks)[:k]


def test_documents_come_best_first_and_no_more_than_asked_for() -> None:
    documents = WenbaoRetriever(source=Finder(), k=2).invoke("吸引专业采购商多少人次？")

    assert len(documents) == 2
    assert "58092人次" in documents[0].page_content
    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True)


def test_a_document_says_where_its_words_are_printed() -> None:
    finder = Finder()
    best = WenbaoRetriever(source=finder, k=1).invoke("展览面积")[0]

    page = finder.paper.pages[best.metadata["file"]].text
    printed = "".join(page[span["start"] : span["end"]] for span in best.metadata["spans"])
    assert printed == best.page_content
    assert best.metadata["headline"] == "第20届文旅博览会"
    assert best.metadata["article"] == "fair.txt#1"
    assert best.metadata["date"] == "2026-05-12"
    assert best.id


def test_it_stands_in_a_chain() -> None:
    model = GenericFakeChatModel(messages=iter(["58092 [1]"]))
    prompt = ChatPromptTemplate.from_template("{pages}\n{question}")
    retriever = WenbaoRetriever(source=Finder())
    chain = (
        {"pages": retriever, "question": RunnablePassthrough()} | prompt | model | StrOutputParser()
    )

    assert chain.invoke("有多少采购商？") == "58092 [1]"


def test_a_question_without_words_is_a_users_mistake() -> None:
    with pytest.raises(CorpusError, match="no words"):
        WenbaoRetriever(source=Finder()).invoke("？？")


def test_a_missing_index_is_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(CorpusError):
        WenbaoRetriever.from_index(tmp_path / "nothing")


def test_the_index_of_the_real_pages_is_found_by_its_folder(seed_index: Path) -> None:
    documents = WenbaoRetriever.from_index(seed_index, k=3).invoke(
        "How many international sister cities does Yiwu have?"
    )

    assert len(documents) == 3
    assert any("51" in document.page_content for document in documents)
