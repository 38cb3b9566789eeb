"""The chat app: a Gradio conversation beside the printed words, on a FastAPI server.

Steps of the conversation are pure (:func:`ask`); the page wires them to components. What
the browser and the server may do at all is in ``ui/shield.py``.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from index.types import CorpusError
from rag.config import Settings
from rag.question import MAX_QUESTION_CHARS
from rag.wording import Frame
from ui import assets, library_pages
from ui.facets import FIELDS, choices_of, filters_of, labels
from ui.library import Library
from ui.live import Live
from ui.render import Exchange, inert, messages, panel_html
from ui.shield import Shield
from ui.startup import Starting, Startup
from ui.strings import STRINGS, Strings, preferred_language

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

    from rag.answering import Answerer

ASSETS = ("style.css", "script.js", "pages.js", "library.css", "library.js")
CONCURRENT_ANSWERS = 20
WAITING_QUESTIONS = 200


def create_app(
    answerer: "Answerer",
    settings: Settings,
    library: Callable[[Live], Library] | None = None,
) -> "FastAPI":
    """Return the app of ``answerer``: the chat at ``/``, its state at ``/healthz``."""
    import gradio
    from fastapi import FastAPI

    live = Live(answerer)
    app = FastAPI(title="WenBao", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, str | int]:
        index = live.answerer.index
        return {
            "status": "ok",
            "generation": index.manifest.generation,
            "articles": len(index.articles),
            "chunks": len(index.chunks),
        }

    keeper = library(live) if library else Library(live, settings)
    app.include_router(library_pages.routes(keeper))
    app.include_router(assets.routes(*ASSETS))
    app.add_middleware(Shield)
    mounted: FastAPI = gradio.mount_gradio_app(
        app,
        _blocks(live),
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        head=assets.links("style.css", "script.js"),
        theme=_theme(),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        max_file_size=1,
    )
    return mounted


def serve(load: Callable[[Startup], "Answerer"], settings: Settings) -> None:
    """Serve the chat app at ``settings.host`` and ``settings.port`` until it is interrupted.

    It answers at once and says how far ``load`` is, which returns the answerer. Raises what
    ``load`` raises.
    """
    import uvicorn

    startup = Startup()

    def loaded() -> "Answerer":
        import gradio  # noqa: F401  (takes seconds: here the server answers meanwhile)

        return load(startup)

    def made(answerer: "Answerer") -> "FastAPI":
        return create_app(answerer, settings, watching)

    def watching(live: Live) -> Library:
        library = Library(live, settings)
        library.watch()
        return library

    def failed() -> None:
        server.should_exit = True

    starting = Starting(startup, loaded, made, failed)
    config = uvicorn.Config(
        starting, settings.host, settings.port, log_level="warning", ws="none", lifespan="on"
    )
    server = uvicorn.Server(config)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"问报 WenBao: http://{host}:{settings.port}  (Ctrl+C stops)", flush=True)
    server.run()
    if startup.error:
        raise startup.error


def _theme() -> "gradio.themes.Base":
    """Return a theme of system fonts and paper colours; style.css does the rest."""
    import gradio

    sans = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")
    mono = ("ui-monospace", "Menlo", "Consolas", "Noto Sans Mono CJK SC", "monospace")
    return gradio.themes.Base(font=sans, font_mono=mono).set(
        body_background_fill="#faf7f1",
        body_background_fill_dark="#171512",
        body_text_color="#1f1b16",
        body_text_color_dark="#e9e3d8",
    )


# The conversation: pure steps from state to what the components show


def ask(
    answerer: "Answerer",
    text: str,
    conversation: tuple[Exchange, ...],
    strings: Strings,
    narrowed: Sequence[str | None] = ("",) * len(FIELDS),
) -> Iterator[tuple[Exchange, ...]]:
    """Yield the conversation with ``text`` asked, its answer growing.

    ``narrowed`` holds the values of :data:`ui.facets.FIELDS`. The first one shows the question
    alone. A question that is too long or has no words, and
    whatever :class:`CorpusError` the answerer raises, become the last exchange's ``error``.
    """
    if not any(character.isalnum() for character in text):
        yield (*conversation, Exchange(text, error=strings.question_without_words))
        return
    if len(text) > MAX_QUESTION_CHARS:
        error = strings.question_too_long_of.format(length=len(text), limit=MAX_QUESTION_CHARS)
        yield (*conversation, Exchange(f"{text[:200]}…", error=error))
        return
    yield (*conversation, Exchange(text))
    history = [exchange.answer.question for exchange in conversation if exchange.answer]
    try:
        for answer in answerer.stream(text, history, filters_of(narrowed)):
            yield (*conversation, Exchange(text, answer))
    except CorpusError as error:
        yield (*conversation, Exchange(text, error=str(error)))


def welcome_html(strings: Strings) -> str:
    """Return what an empty conversation says."""
    return (
        f'<div class="welcome" lang="{strings.html_lang}"><p class="welcome-head">'
        f"{inert(strings.welcome)}</p><p>{inert(strings.welcome_detail)}</p></div>"
    )


def masthead_html(answerer: "Answerer", strings: Strings) -> str:
    """Return the masthead: the name, what it is for, and the size of the corpus."""
    index = answerer.index
    corpus = strings.corpus_of.format(pages=len(index.pages), articles=len(index.articles))
    return (
        f'<header class="masthead" lang="{strings.html_lang}">'
        '<h1><span class="han" lang="zh-Hans">问报</span> <span class="latin">WenBao</span></h1>'
        f'<p class="tagline">{inert(strings.tagline)}</p>'
        f'<p class="corpus">{inert(corpus)}</p></header>'
    )


# The page


def _blocks(live: Live) -> "gradio.Blocks":
    """Return the page: masthead, conversation, source panel, and what they do."""
    import gradio as gr

    first = STRINGS["zh"]  # on_load puts the reader's language in its place
    blocks = gr.Blocks(title="问报 WenBao", analytics_enabled=False, fill_width=True)
    with blocks:
        state = gr.State(())
        saved = gr.BrowserState(None, storage_key="wenbao-language", secret="wenbao-language")
        with gr.Row(elem_id="top"):
            masthead = _inert_markdown(masthead_html(live.answerer, first), "masthead")
            choices = [("中文", "zh"), ("English", "en"), ("繁體", "zh-Hant")]
            language = gr.Radio(
                choices, value="zh", show_label=False, container=False, elem_id="language"
            )
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="left"):
                chat = gr.Chatbot(
                    elem_id="chat",
                    show_label=False,
                    container=False,
                    height="100%",
                    layout="bubble",
                    buttons=[],
                    latex_delimiters=[],
                    allow_tags=False,
                    sanitize_html=True,
                    feedback_options=None,
                    allow_file_downloads=False,
                )
                with gr.Accordion(elem_id="filters", open=False) as narrowing, gr.Row():
                    offered = choices_of(live.answerer.retriever.facets, "zh", first)
                    narrowed = {
                        field: gr.Dropdown(
                            elem_id=f"filter-{field}",
                            choices=offered[field],
                            value="",
                            min_width=100,
                        )
                        for field in FIELDS
                    }
                with gr.Row(elem_id="asking"):
                    box = gr.Textbox(
                        elem_id="question",
                        show_label=False,
                        container=False,
                        lines=1,
                        max_lines=6,
                        scale=1,
                    )
                    send = gr.Button(elem_id="ask", variant="primary", scale=0)
                    stop = gr.Button(elem_id="stop", visible=False, scale=0)
                clear = gr.Button(elem_id="clear", size="sm", variant="secondary")
            panel = _inert_markdown(panel_html((), first), "panel")

        def texts(chosen: Frame) -> dict[Any, Any]:
            words = STRINGS[chosen]
            offered = choices_of(live.answerer.retriever.facets, chosen, words)
            return {
                masthead: masthead_html(live.answerer, words),
                chat: gr.update(
                    label=words.chat_label,
                    placeholder=welcome_html(words),
                    examples=[{"text": example} for example in words.examples],
                ),
                box: gr.update(label=words.question_label, placeholder=words.question_placeholder),
                language: gr.update(label=words.language_label, value=chosen),
                send: gr.update(value=words.ask),
                stop: gr.update(value=words.stop),
                clear: gr.update(value=words.clear),
                narrowing: gr.update(label=words.filters_label),
                **{
                    narrowed[field]: gr.update(
                        label=label, choices=offered[field], visible=len(offered[field]) > 1
                    )
                    for field, label in labels(words).items()
                },
            }

        def on_load(kept: Frame | None, request: gr.Request) -> dict[Any, Any]:
            header = request.headers.get("accept-language", "")
            chosen = kept if kept and kept in STRINGS else preferred_language(header)
            return texts(chosen) | {panel: panel_html((), STRINGS[chosen])}

        def on_language(chosen: Frame, conversation: tuple[Exchange, ...]) -> dict[Any, Any]:
            words = STRINGS[chosen]
            updates = texts(chosen)
            updates[chat]["value"] = messages(conversation, words)
            return updates | {panel: panel_html(conversation, words), saved: chosen}

        def on_ask(
            event: gr.EventData,
            typed: str,
            chosen: Frame,
            conversation: tuple[Exchange, ...],
            *values: str | None,
        ) -> Iterator[dict[Any, Any]]:
            example = isinstance(event.target, gr.Chatbot)
            text = event.value["text"] if example else typed or ""
            text = text.encode("utf-8", "replace").decode("utf-8").strip()
            if not text:
                yield {send: gr.skip()}
                return
            words = STRINGS[chosen]
            busy = {send: gr.update(visible=False), stop: gr.update(visible=True)}
            idle = {send: gr.update(visible=True), stop: gr.update(visible=False)}
            yield busy | {box: ""}
            sources = panel_html(conversation, words)
            last = conversation
            for last in ask(live.answerer, text, conversation, words, values):
                updates: dict[Any, Any] = {state: last, chat: messages(last, words)}
                answer = last[-1].answer
                if answer and (answer.citations or answer.refused):
                    drawn = panel_html(last, words)
                    if drawn != sources:
                        updates[panel] = sources = drawn
                yield updates
            yield idle | {box: text if last[-1].error else gr.skip()}

        def on_stop() -> dict[Any, Any]:
            return {send: gr.update(visible=True), stop: gr.update(visible=False)}

        def on_clear(chosen: Frame) -> dict[Any, Any]:
            return {state: (), chat: [], panel: panel_html((), STRINGS[chosen]), **on_stop()}

        shown = [
            masthead, chat, box, language, send, stop, clear, panel, narrowing, *narrowed.values()
        ]  # fmt: skip
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        blocks.load(on_load, [saved], shown, **quiet)
        language.input(on_language, [language, state], [*shown, saved], **quiet)
        asked = gr.on(
            [box.submit, send.click, chat.example_select],
            on_ask,
            [box, language, state, *narrowed.values()],
            [state, chat, panel, box, send, stop],
            concurrency_limit=CONCURRENT_ANSWERS,
            trigger_mode="once",
            **quiet,
        )
        stop.click(on_stop, None, [send, stop], cancels=[asked], **quiet)
        clear.click(
            on_clear, [language], [state, chat, panel, send, stop], cancels=[asked], **quiet
        )
    blocks.queue(
        max_size=WAITING_QUESTIONS, default_concurrency_limit=CONCURRENT_ANSWERS, api_open=False
    )
    return blocks


def _inert_markdown(html: str, elem_id: str) -> "gradio.Markdown":
    """Return a component for our own HTML. ``gr.HTML`` would need ``unsafe-eval`` in the policy."""
    import gradio

    return gradio.Markdown(html, elem_id=elem_id, latex_delimiters=[], sanitize_html=True)
