"""The report as one HTML page: no script, nothing fetched, light and dark."""

from collections.abc import Sequence
from html import escape

from evals.charts import svg
from evals.sheets import sheet_of
from evals.tables import MISSING, Entry, Filter, Table
from evals.types import AnyResult

# Nothing may run or be fetched, whatever a page or a language model wrote.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

STYLE = """
:root { color-scheme: light dark; --line: #d4d4d8; --soft: #f4f4f5; --dim: #52525b;
  --good: #166534; --bad: #b91c1c; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3f3f46; --soft: #27272a; --dim: #a1a1aa; --good: #86efac; --bad: #fca5a5; }
}
body { font: 15px/1.6 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.3; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0; text-align: left;
  white-space: nowrap; }
.dim, dt { color: var(--dim); }
.broken, .fail .verdict { color: var(--bad); }
.pass .verdict { color: var(--good); }
.verdict { display: inline-block; min-width: 8.5rem; font-weight: 600; }
figure { max-width: 45rem; margin: 1rem 0; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; }
summary { padding: .4rem .7rem; cursor: pointer; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .3rem 1rem; margin: 0;
  padding: .5rem .7rem .8rem; background: var(--soft); }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
label { margin-right: 1rem; }
"""


def page(result: AnyResult) -> str:
    """Return the HTML of the report; every text of a case, page or answer is escaped."""
    sheet = sheet_of(result)
    environment = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(_plain(value))}</dd>"
        for name, value in result.environment.items()
    )
    broken = "".join(f'<li class="broken">{escape(line)}</li>' for line in result.broken_floors)
    skipped = "".join(
        f"<li>Skipped: {escape(group)} ({escape(why)}).</li>"
        for group, why in result.skipped.items()
    )
    title = f"WenBao evaluation: {escape(result.suite)}"
    tables = "\n".join(_table(table) for table in sheet.tables)
    rows = "\n".join(_entry(entry) for entry in sheet.entries)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{STYLE}{_rules(sheet.filters)}</style>
</head>
<body>
<h1>{title}</h1>
<ul>{broken or "<li>Every floor held.</li>"}{skipped}</ul>
<p class="dim">{escape(sheet.legend)}</p>
{tables}
<h2>Environment</h2>
<dl>{environment}</dl>
<h2>{sheet.rows}: {len(result.failures)} of {len(result.rows)} not right</h2>
{_filters(sheet.filters)}
<div class="rows">
{rows}
</div>
</body>
</html>
"""


def _filters(filters: Sequence[Filter]) -> str:
    """Return the radio buttons that the style sheet reads: a filter without a script."""
    return "\n".join(
        f'<input type="radio" name="{name}" id="{_safe(key)}"{" checked" if first == 0 else ""}>'
        f'<label for="{_safe(key)}">{label}</label>'
        for name, choices in filters
        for first, (key, label) in enumerate(choices)
    )


def _rules(filters: Sequence[Filter]) -> str:
    """Return the rules by which each choice but the first, which is of all rows, hides others."""
    return "".join(
        f"#{_safe(key)}:checked ~ .rows > :not(.{_safe(key)}) {{ display: none; }}\n"
        for _, choices in filters
        for key, _ in choices[1:]
    )


def _safe(key: str) -> str:
    """Return ``key`` as it may stand in a selector, where a dot begins a class."""
    return key.replace(".", "-")


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in table.header)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in table.rows
    )
    return (
        f'<h2>{escape(table.title)}</h2>\n<div class="wide"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>"
        f"{f'<figure>{svg(table.chart)}</figure>' if table.chart else ''}"
    )


def _entry(entry: Entry) -> str:
    body = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in entry.fields if text)
    state = "pass" if entry.passed else "fail"
    return (
        f'<details class="{state} {_safe(entry.group)}"><summary>'
        f'<span class="verdict">{escape(entry.verdict)}</span>{escape(entry.title)} '
        f'<span class="dim">{escape(entry.note)}</span></summary><dl>{body}</dl></details>'
    )


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return MISSING if value is None else str(value)
