"""The table of the settings for the docs: ``python -m ui.settings`` prints it in Markdown.

With ``--write`` it goes into ``docs/contracts.md``, between two marks.
"""

import re
import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from rag.config import ROOT, Settings

DOCS = ROOT / "docs" / "contracts.md"
START, END = "<!-- settings: python -m ui.settings --write -->", "<!-- end of the settings -->"


def table() -> str:
    """Return the table: the variable, its default and its meaning, a row a field."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        meaning = (field.description or "").replace("|", r"\|")
        rows.append(f"| `WENBAO_{name.upper()}` | {_default(field)} | {meaning} |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """Return ``text`` with the table between its marks."""
    between = re.compile(f"(?<={re.escape(START)}\n).*?(?={re.escape(END)})", re.DOTALL)
    return between.sub(lambda _: f"{table()}\n", text)


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT).as_posix()
    return "none" if value in (None, "") else f"`{value}`"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        DOCS.write_text(with_table(DOCS.read_text("utf-8")), "utf-8")
    else:
        print(table())
