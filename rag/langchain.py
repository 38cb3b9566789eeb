r"""WenBao's retrieval as a LangChain retriever, for use in chains of one's own.

For example, with any chat model::

    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnablePassthrough
    from rag.langchain import WenbaoRetriever

    retriever = WenbaoRetriever.from_index("index/build", k=5)
    prompt = ChatPromptTemplate.from_template("Quote from: {pages} Answer: {question}")
    chain = (
        {"pages": retriever, "question": RunnablePassthrough()}
        | prompt
        | chat_model
        | StrOutputParser()
    )
    chain.invoke("义乌有多少个国际友城？")
"""

from dataclasses import asdict
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from rag.config import load_settings
from rag.question import understand
from rag.types import Passage, Question


@runtime_checkable
class FindsPassages(Protocol):
    """What is needed of :class:`rag.retrieval.Retriever`."""

    def retrieve(self, question: Question, k: int) -> list[Passage]:
        """Return the ``k`` best passages, best first."""


class WenbaoRetriever(BaseRetriever):
    """Finds passages of newspaper articles for a question in Chinese or English.

    A document's ``page_content`` is the passage as printed, its ``id`` the chunk's. The
    metadata: ``article`` (id), ``headline``, ``file``, ``date`` (ISO or None), ``spans``
    (places in the received file) and ``score`` (higher is better, for this question only).
    """

    source: FindsPassages
    k: int = Field(default=10, ge=1, description="documents returned for a question")

    @classmethod
    def from_index(cls, folder: str | Path | None = None, k: int = 10) -> Self:
        """Return the retriever over the index in ``folder``, by default that of the settings.

        Raises :class:`index.types.CorpusError` where ``wenbao ask`` would.
        """
        from rag.answering import load_answerer

        answerer = load_answerer(load_settings(index=folder))
        return cls(source=answerer.retriever, k=k)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002
    ) -> list[Document]:
        """Return the passages for ``query``, best first."""
        return [document_of(p) for p in self.source.retrieve(understand(query), self.k)]


def document_of(passage: Passage) -> Document:
    """Return ``passage`` as a LangChain document (see :class:`WenbaoRetriever`)."""
    article, excerpt = passage.article, passage.chunk.excerpt
    return Document(
        id=passage.chunk.id,
        page_content=excerpt.text,
        metadata={
            "article": article.id,
            "headline": article.headline,
            "file": passage.file,
            "date": article.date,
            "spans": [asdict(span) for span in excerpt.spans],
            "score": passage.score,
        },
    )
