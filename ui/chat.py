"""The chat page: a Gradio conversation beside the printed words. Gradio is imported here alone.

The steps of the conversation are in ``ui/conversation.py``; the page wires them to components.
"""

import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from index.types import CorpusError
from rag.config import Settings
from rag.types import Answer
from rag.wording import Frame
from ui import api
from ui.askers import Asker, asker_of, set_current
from ui.conversation import answered, ask, ended
from ui.deeds import chips_html, editing_html, said_by_script
from ui.facets import FIELDS, choices_of, labels
from ui.history import kept, restored
from ui.live import Live
from ui.login_strings import LOGIN_STRINGS
from ui.render import Exchange, inert, messages, panel_html
from ui.strings import LANGUAGE_NAMES, STRINGS, Strings, frame_in, preferred_language
from ui.suggested import Examples, follow_ups
from ui.workers import BusyError, Workers

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

    from rag.answering import Answerer
    from rag.types import Language

ANSWER_IN: dict[str, "Language | None"] = {"": None, "zh": "zh", "en": "en"}
AGAIN = ("retry", "alone")  # deeds that ask the last question once more; "edit" mends it
MAX_SESSIONS = 1000  # whose conversations the server holds; the page keeps its own
GRADIO_THREADS = 40  # its own default; answers have threads of their own

log = logging.getLogger(__name__)


def chat_of(
    live: Live, examples: Examples, workers: Workers, has_accounts: bool
) -> "gradio.Blocks":
    """Return the page: masthead, conversation, source panel, and what they do."""
    import gradio as gr

    first = STRINGS["zh"]  # on_load puts the reader's language in its place
    blocks = gr.Blocks(title="问报 WenBao", analytics_enabled=False, fill_width=True)
    with blocks:
        state = gr.State(())
        saved = gr.BrowserState(None, storage_key="wenbao-language", secret="wenbao-language")
        talked = gr.BrowserState(
            None, storage_key="wenbao-conversation", secret="wenbao-conversation"
        )
        with gr.Row(elem_id="top"):
            masthead = _inert_markdown(
                masthead_html(live.answerer, first, has_accounts), "masthead"
            )
            choices = [(name, frame) for frame, name in LANGUAGE_NAMES.items()]
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
                chips = _inert_markdown("", "suggested")
                with gr.Accordion(elem_id="filters", open=False) as narrowing, gr.Row():
                    answer_in = gr.Dropdown(
                        elem_id="answer-in", choices=_answer_languages(first), value="",
                        min_width=100,
                    )  # fmt: skip
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
                editing = _inert_markdown(editing_html(first), "editing")
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
                # What the script asks for: a deed of the last exchange, and the button to do it.
                deed = gr.Textbox("", elem_id="deed", show_label=False, container=False)
                redo = gr.Button("", elem_id="redo")
            panel = _inert_markdown(panel_html((), first), "panel")

        def texts(chosen: Frame) -> dict[Any, Any]:
            words = STRINGS[chosen]
            offered = choices_of(live.answerer.retriever.facets, chosen, words)
            return {
                masthead: masthead_html(live.answerer, words, has_accounts),
                chat: gr.update(
                    label=words.chat_label,
                    placeholder=welcome_html(words),
                ),
                editing: editing_html(words),
                answer_in: gr.update(label=words.answer_language, choices=_answer_languages(words)),
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

        def drawn(conversation: tuple[Exchange, ...], words: Strings) -> dict[Any, Any]:
            return {
                state: conversation,
                chat: messages(conversation, words),
                panel: panel_html(conversation, words),
            }

        @discreet()
        def on_load(
            remembered: object, conversation: object, request: gr.Request
        ) -> dict[Any, Any]:
            header = request.headers.get("accept-language", "")
            kept_one = [frame for frame in STRINGS if frame == remembered]
            chosen = kept_one[0] if kept_one else preferred_language(header)
            shown = drawn(restored(conversation, live.answerer.index), STRINGS[chosen])
            updates = texts(chosen)
            updates[chat]["value"] = shown.pop(chat)
            return updates | shown

        def on_examples(chosen: Frame) -> dict[str, Any]:
            rows = [{"text": text} for text in examples.of(live.answerer, chosen)]
            return gr.update(examples=rows)

        def on_language(chosen: Frame, conversation: tuple[Exchange, ...]) -> dict[Any, Any]:
            words = STRINGS[chosen]
            updates = texts(chosen)
            updates[chat]["value"] = messages(conversation, words)
            return updates | {panel: panel_html(conversation, words), saved: chosen}

        async def on_suggest(chosen: Frame, conversation: tuple[Exchange, ...]) -> str:
            answer = conversation[-1].answer if conversation else None
            if answer is None or answer.growing or not workers.at_rest:
                return ""
            try:
                place = workers.enter(Asker(), measured=False)
                return await workers.run(partial(suggestions, answer, chosen, conversation), place)
            except BusyError:
                return ""

        @discreet()
        def suggestions(answer: Answer, chosen: Frame, conversation: tuple[Exchange, ...]) -> str:
            asked = [exchange.text for exchange in conversation]
            questions = follow_ups(live.answerer, answer, asked)
            if answer.refused and not questions:
                known = examples.of(live.answerer, chosen)
                questions = tuple(each for each in known if each not in asked)
            return chips_html(questions, answer.refused, STRINGS[chosen])

        async def on_ask(
            event: gr.EventData,
            request: gr.Request,
            typed: str,
            chosen: Frame,
            conversation: tuple[Exchange, ...],
            todo: str | None,
            language_of_answer: str | None,
            *values: str | None,
        ) -> AsyncIterator[dict[Any, Any]]:
            example = isinstance(event.target, gr.Chatbot)
            # A deed whose call failed still stands in its field when the next question comes.
            meant = AGAIN if event.target is redo else () if example else ("edit",)
            again = bool(conversation) and todo in meant
            before = conversation[:-1] if again else conversation
            text = event.value["text"] if example else typed or ""
            if again and todo != "edit":
                text = conversation[-1].text
            text = text.encode("utf-8", "replace").decode("utf-8").strip()
            if not text:
                yield {send: gr.skip()}
                return
            words = STRINGS[chosen]
            busy = {send: gr.update(visible=False), stop: gr.update(visible=True)}
            idle = {send: gr.update(visible=True), stop: gr.update(visible=False)}
            yield busy | {box: "", deed: "", chips: ""}
            sources = panel_html(conversation, words)
            spoken = ANSWER_IN.get(language_of_answer or "")
            alone = again and todo == "alone"
            asking = ask(live.answerer, text, before, words, values, spoken, alone)
            last = next(asking)  # the question alone, or what is wrong with it
            yield {state: last, chat: messages(last, words)}
            with discreet():
                async for each in answered(asking, last, workers, asker_of(request, chosen)):
                    if each is None:
                        yield {send: gr.skip()}  # Gradio looks whether the reader is still there
                        continue
                    last = each
                    updates: dict[Any, Any] = {state: last, chat: messages(last, words)}
                    answer = last[-1].answer
                    if answer and (answer.citations or answer.refused):
                        drawn = panel_html(last, words)
                        if drawn != sources:
                            updates[panel] = sources = drawn
                    yield updates
            # Where the last answer was replaced by an error, what it cited is still in the panel.
            yield idle | {
                box: text if last[-1].error else gr.skip(),
                panel: panel_html(last, words) if again and last[-1].error else gr.skip(),
                talked: kept(last),
            }

        ready = {send: gr.update(visible=True), stop: gr.update(visible=False)}

        def on_stop(chosen: Frame, conversation: tuple[Exchange, ...]) -> dict[Any, Any]:
            last = ended(conversation, STRINGS[chosen].stopped)
            return drawn(last, STRINGS[chosen]) | ready | {talked: kept(last)}

        def on_failure(chosen: Frame, conversation: tuple[Exchange, ...]) -> dict[Any, Any]:
            last = ended(conversation, STRINGS[chosen].broken)
            return drawn(last, STRINGS[chosen]) | ready

        def on_clear(chosen: Frame) -> dict[Any, Any]:
            return drawn((), STRINGS[chosen]) | ready | {talked: kept(()), chips: "", deed: ""}

        shown = [
            masthead, chat, box, language, send, stop, clear, panel, narrowing, editing, answer_in,
            *narrowed.values(),
        ]  # fmt: skip
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        suggesting = (on_suggest, [language, state], chips)
        # Those of an answer that came while others were sought are sought next, not left out.
        patient: dict[str, Any] = {**quiet, "trigger_mode": "always_last"}
        loaded = blocks.load(on_load, [saved, talked], [*shown, state], **quiet)
        greeted = loaded.then(on_examples, [language], chat, **quiet)
        switched = language.input(on_language, [language, state], [*shown, saved], **quiet)
        turned = switched.then(on_examples, [language], chat, **quiet)
        asked = gr.on(
            [box.submit, send.click, redo.click, chat.example_select],
            on_ask,
            [box, language, state, deed, answer_in, *narrowed.values()],
            [state, chat, panel, box, send, stop, deed, chips, talked],
            concurrency_limit=None,  # the line is that of the workers
            trigger_mode="once",
            **quiet,
        )
        suggested = [
            after(*suggesting, **patient) for after in (greeted.then, turned.then, asked.success)
        ]
        everything = [state, chat, panel, send, stop, talked]
        asked.failure(on_failure, [language, state], everything, **quiet)
        stop.click(on_stop, [language, state], everything, cancels=[asked], **quiet)
        clear.click(
            on_clear, [language], [*everything, chips, deed], cancels=[asked, *suggested], **quiet
        )
        gr.events.api(
            _for_gradio_client(live, workers),
            api_name="ask",
            concurrency_limit=None,
        )
    blocks.state_session_capacity = MAX_SESSIONS
    blocks.max_threads = MAX_SESSIONS  # events under way, most of which wait for the workers
    blocks.queue(max_size=MAX_SESSIONS, default_concurrency_limit=None, api_open=False)
    blocks.max_threads = GRADIO_THREADS
    return blocks


def mounted(app: "FastAPI", blocks: "gradio.Blocks", settings: Settings, head: str) -> "FastAPI":
    """Return ``app`` with the page at ``/``; ``head`` holds its links to styles and scripts."""
    import gradio

    found: FastAPI = gradio.mount_gradio_app(
        app,
        blocks,
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        root_path=settings.root_path or None,
        head=head,
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
    return found


def load_gradio() -> None:
    """Import Gradio, which takes seconds."""
    import gradio  # noqa: F401


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


def welcome_html(strings: Strings) -> str:
    """Return what an empty conversation says."""
    return (
        f'<div class="welcome" lang="{strings.html_lang}"><p class="welcome-head">'
        f"{inert(strings.welcome)}</p><p>{inert(strings.welcome_detail)}</p></div>"
    )


def masthead_html(answerer: "Answerer", strings: Strings, has_accounts: bool = False) -> str:
    """Return the masthead: the name, what it is for, and the size of the corpus.

    With accounts it leads to where one logs out.
    """
    index = answerer.index
    size = strings.corpus_of.format(pages=len(index.pages), articles=len(index.articles))
    words = LOGIN_STRINGS[frame_in(strings)]
    account = f' <a href="login">{inert(words.log_out)}</a>' if has_accounts else ""
    return (
        f'<header class="masthead" lang="{strings.html_lang}">'
        f'<a class="skip" href="#question">{inert(strings.skip)}</a>'
        '<h1><span class="han" lang="zh-Hans">问报</span> <span class="latin">WenBao</span></h1>'
        f'<p class="tagline">{inert(strings.tagline)}</p>'
        f'<p class="corpus"><a href="corpus">{inert(strings.corpus_link)}</a> '
        f'<span class="size">{inert(size)}</span>{account}</p>{said_by_script(strings)}</header>'
    )


@contextmanager
def discreet() -> Iterator[None]:
    """Let an error that nobody expects be logged here: Gradio would print its message too."""
    import gradio

    try:
        yield
    except Exception as error:
        log.exception("a question in the chat was not answered")
        raise gradio.Error(type(error).__name__, print_exception=False) from None


def _answer_languages(strings: Strings) -> list[tuple[str, str]]:
    """Return the languages to answer in, as shown and as a value of :data:`ANSWER_IN`."""
    return [(strings.answer_auto, ""), ("中文", "zh"), ("English", "en")]


def _for_gradio_client(
    live: Live, workers: Workers
) -> Callable[..., Coroutine[Any, Any, dict[str, Any]]]:
    """Return what the package ``gradio_client`` calls as ``/ask``."""
    import gradio

    async def ask(
        request: gradio.Request, question: str, session_history: list[str] | None = None
    ) -> dict[str, Any]:
        """Answer a question: the answer JSON. Earlier questions come oldest first."""
        set_current(asker_of(request, "en"))  # its own: Gradio runs this outside of the request
        try:
            answer = await api.whole_answer(live, workers, question, session_history or ())
            return answer.to_json()
        except (CorpusError, BusyError) as error:
            raise gradio.Error(str(error), print_exception=False) from None

    return ask


def _inert_markdown(html: str, elem_id: str) -> "gradio.Markdown":
    """Return a component for our own HTML. ``gr.HTML`` would need ``unsafe-eval`` in the policy."""
    import gradio

    return gradio.Markdown(html, elem_id=elem_id, latex_delimiters=[], sanitize_html=True)
