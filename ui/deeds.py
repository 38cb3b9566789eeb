"""What can be done with an exchange: ask again, edit, copy; and what can be asked next.

HTML as pure functions. The buttons have classes ``do-…``, which ``ui/chat.js`` listens to;
the texts to copy stand hidden beside them, so that copying asks the server nothing.
"""

from collections.abc import Sequence

from rag.types import Answer
from ui.references import as_markdown, as_text, references
from ui.render import inert
from ui.strings import Strings


def deeds_html(answer: Answer | None, last: bool, strings: Strings) -> str:
    """Return the row of buttons below an exchange; the ``last`` can be asked anew and edited."""
    buttons = ""
    if last:
        buttons += _button("do-retry", strings.retry) + _button("do-edit", strings.edit)
    if answer is not None and not answer.growing:
        buttons += _copy_menu(answer, strings)
    if not buttons:
        return ""
    return f'<div class="deeds" lang="{strings.html_lang}">{buttons}</div>'


def chips_html(questions: Sequence[str], refused: bool, strings: Strings) -> str:
    """Return the questions that may be asked next; empty when there are none."""
    if not questions:
        return ""
    head = strings.better_questions if refused else strings.follow_ups
    rows = "".join(f"<li>{_button('do-ask', question)}</li>" for question in questions)
    return (
        f'<div class="suggested" lang="{strings.html_lang}">'
        f'<p class="suggested-head">{inert(head)}</p><ul>{rows}</ul></div>'
    )


def editing_html(strings: Strings) -> str:
    """Return what stands above the question box while the last question is edited."""
    return (
        f'<div class="editing" lang="{strings.html_lang}"><span>{inert(strings.editing)}</span> '
        f"{_button('do-keep', strings.editing_cancel)}</div>"
    )


def said_by_script(strings: Strings) -> str:
    """Return, hidden, what the script of the page says."""
    told = {
        "copied": strings.answer_copied,
        "uncopied": strings.copy_failed,
        "asked-again": strings.asking_again,
    }
    rows = "".join(f'<span id="say-{key}">{inert(text)}</span>' for key, text in told.items())
    return f'<span class="says" hidden="hidden">{rows}</span>'


def _copy_menu(answer: Answer, strings: Strings) -> str:
    kinds = [("text", strings.copy_text, as_text(answer, strings.citations))]
    kinds.append(("markdown", strings.copy_markdown, as_markdown(answer, strings.citations)))
    if answer.citations:
        kinds.append(("reference", strings.copy_reference, "\n".join(references(answer))))
    items = "".join(
        f'<span class="copying">{_button(f"do-copy copy-{kind}", label)}'
        f'<span class="copied-text" hidden="hidden">{_whole(text)}</span></span>'
        for kind, label, text in kinds
    )
    return (
        f'<details class="copy-menu"><summary>{inert(strings.copy_answer)}</summary>'
        f'<span class="copy-kinds">{items}</span></details>'
    )


def _whole(text: str) -> str:
    """Return ``text`` inert, with its line breaks, and without a blank line for Markdown."""
    return "&#10;".join(inert(line) for line in text.split("\n"))


def _button(name: str, label: str) -> str:
    return f'<button type="button" class="{name}">{inert(label)}</button>'
