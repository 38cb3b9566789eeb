"""WenBao for assistants: the tools ``ask`` and ``read_article`` of the Model Context Protocol.

Over standard input and output (``wenbao mcp``), or over HTTP at ``/mcp`` of the app. Needs
the extra ``mcp``.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from index.types import Article, CorpusError
from rag.filters import filters_from
from rag.types import Answer
from ui.api import no_article, whole_answer
from ui.live import Live
from ui.schema import AnswerJson, Day, FilterWords, WholeArticleJson, Words
from ui.terminal import answer_text, article_json
from ui.workers import BusyError, Workers

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mcp.server import MCPServer

INSTRUCTIONS = (
    "Answers come from a collection of newspaper pages, mostly Chinese, and from nothing else. "
    "Every statement of an answer has a number [n] and a verbatim quote from the page: keep the "
    "numbers and the quotes when you pass it on. A refusal means that the pages do not say."
)


def require_sdk() -> None:
    """Raise :class:`CorpusError` where the SDK is not installed."""
    if find_spec("mcp") is None:
        raise CorpusError('the extra "mcp" is not installed: pip install "wenbao[mcp]"')


def server_of(live: Live, workers: Workers) -> "MCPServer":
    """Return the server with both tools. Raises :class:`CorpusError` without the SDK."""
    require_sdk()
    from mcp.server import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.types import CallToolResult, TextContent, ToolAnnotations

    # Errors alone: at other levels the SDK logs what was asked.
    server = MCPServer("wenbao", title="问报 WenBao", instructions=INSTRUCTIONS, log_level="ERROR")
    reading = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

    def result(text: str, structured: dict[str, Any]) -> CallToolResult:
        content = TextContent(type="text", text=text)
        return CallToolResult(content=[content], structured_content=structured)

    @server.tool(title="Ask the newspaper", annotations=reading)
    async def ask(
        question: Annotated[Words, Field(description="in Chinese or English")],
        session_history: Annotated[
            list[Words] | None, Field(description="earlier questions, oldest first")
        ] = None,
        since: Day | None = None,
        until: Day | None = None,
        file: Annotated[FilterWords | None, Field(description="name of a page file")] = None,
        genre: Annotated[FilterWords | None, Field(description="news, interview, …")] = None,
        series: Annotated[FilterWords | None, Field(description="words of the kicker")] = None,
        reporter: Annotated[FilterWords | None, Field(description="name in the byline")] = None,
        page: Annotated[FilterWords | None, Field(description="of an issue: 3 or A2")] = None,
    ) -> Annotated[CallToolResult, AnswerJson]:
        """Answer a question from the newspaper pages, each statement with a verbatim quote.

        The filters narrow which articles may answer. Refuses what the pages do not say.
        """
        try:
            filters = filters_from(since, until, file, genre, series, reporter, page)
            answer = await whole_answer(live, workers, question, session_history or (), filters)
        except (CorpusError, BusyError) as error:
            raise ToolError(str(error)) from None
        return result(told(answer), answer.to_json())

    @server.tool(title="Read an article", annotations=reading)
    async def read_article(
        article_id: Annotated[Words, Field(description="as in the citations of an answer")],
    ) -> Annotated[CallToolResult, WholeArticleJson]:
        """Return the whole text of one newspaper article, with its headline, byline and date."""
        try:
            article = live.answerer.index.articles.get(article_id)
        except CorpusError as error:
            raise ToolError(str(error)) from None
        if article is None:
            raise ToolError(no_article(article_id))
        return result(set_out(article), article_json(article) | {"text": article.body.text})

    return server


def told(answer: Answer) -> str:
    """Return the answer for a language model: as in the terminal, and the ids of the articles."""
    ids = [f"[{each.n}] read_article: {each.article.id}" for each in answer.citations]
    return "\n".join([answer_text(answer), *([""] if ids else []), *ids])


def set_out(article: Article) -> str:
    """Return the article as it reads: kicker, headline, subheads, byline, date, body."""
    head = (article.kicker, article.headline, *article.subheads, article.byline, article.date)
    return "\n".join([*filter(None, head), "", article.body.text])


def run_stdio(live: Live) -> None:
    """Serve the tools over standard input and output until the input ends."""
    server_of(live, Workers()).run("stdio")


def serve_at(app: "FastAPI", live: Live, workers: Workers) -> None:
    """Let ``app`` serve the tools at ``/mcp`` (streamable HTTP, no sessions).

    Without the SDK a call there is told how to install it. Which calls may come at all is
    in ``ui/shield.py``.
    """
    try:
        server = server_of(live, workers)
    except CorpusError as error:
        from fastapi.responses import JSONResponse

        reply = JSONResponse({"detail": str(error)}, 501)
        app.add_api_route("/mcp", lambda: reply, methods=["POST"], include_in_schema=False)
        return
    from mcp.server.transport_security import TransportSecuritySettings

    http = server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    app.router.routes.extend(http.routes)
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(of: "FastAPI") -> AsyncIterator[Any]:
        async with server.session_manager.run(), before(of) as state:
            yield state

    app.router.lifespan_context = lifespan
