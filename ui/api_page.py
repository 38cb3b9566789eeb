"""``/api``: what programs can ask, drawn from the OpenAPI description of the app.

The usual page for it (Swagger) loads its scripts from another host; this one needs none.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ui.pages import language_of, page
from ui.render import inert
from ui.strings import STRINGS, Strings

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

METHODS = ("get", "post")
OPERATION = "operation"
EXAMPLE = """curl -s {root}api/ask -H 'content-type: application/json' \\
  -d '{{"question": "{question}"}}'"""

Schema = Mapping[str, Any]


def routes(app: "FastAPI") -> "APIRouter":
    """Return the page ``/api``, about the routes of ``app`` that its description holds."""
    from fastapi import APIRouter, Request
    from fastapi.responses import HTMLResponse

    router = APIRouter(include_in_schema=False)

    @router.get("/api", response_class=HTMLResponse)
    def api(request: Request) -> HTMLResponse:
        strings = STRINGS[language_of(request)]
        main = documented(app.openapi(), strings, str(request.base_url))
        return page(request, strings.api_title, main, assets=["api.css"])

    return router


def documented(description: Schema, strings: Strings, root: str) -> str:
    """Return the HTML of an OpenAPI ``description``; the app stands at ``root``."""
    example = EXAMPLE.format(root=root, question=strings.examples[0])
    parts = [
        f'<div class="api"><h1>{inert(strings.api_title)}</h1>',
        f"<p>{inert(strings.api_intro)}</p>",
        f'<p><a href="openapi.json">{inert(strings.api_machine)}</a></p>',
        f'<h2>{inert(strings.api_example)}</h2><pre tabindex="0">{_lines(example)}</pre>',
        f"<h2>{inert(strings.api_routes)}</h2>",
        *_routes(description, strings),
        f"<h2>{inert(strings.api_records)}</h2>",
        *_records(description, strings),
        "</div>",
    ]
    return "".join(parts)


def _routes(description: Schema, strings: Strings) -> Iterator[str]:
    found = [
        (path, method, methods[method])
        for path, methods in description["paths"].items()
        for method in METHODS
        if method in methods
    ]
    # what asks comes before what watches the server
    for path, method, route in sorted(found, key=lambda each: OPERATION in each[2].get("tags", ())):
        yield from _route(path, method, route, strings)


def _route(path: str, method: str, route: Schema, strings: Strings) -> Iterator[str]:
    yield f"<section><h3><code>{method.upper()} {inert(path)}</code></h3>"
    yield f'<p lang="en">{inert(route.get("description") or route.get("summary", ""))}</p>'
    parameters = route.get("parameters", ())
    if parameters:
        rows = ((each["name"], each["schema"], each, each["required"]) for each in parameters)
        yield _table(rows, strings)
    body = route.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        yield f"<p>{inert(strings.api_sent)}: {_type_of(body['schema'])}</p>"
    yield f"<p>{inert(strings.api_replies)}:</p><ul>"
    for status, reply in sorted(route["responses"].items()):
        kinds = reply.get("content", {})
        schema = kinds.get("application/json", {}).get("schema", {})
        shown = _type_of(schema) if schema else inert(", ".join(kinds))
        said = inert(reply["description"])
        yield f'<li><code>{inert(status)}</code> {shown} <span lang="en">{said}</span></li>'
    yield "</ul></section>"


def _records(description: Schema, strings: Strings) -> Iterator[str]:
    for name, schema in sorted(description.get("components", {}).get("schemas", {}).items()):
        required = schema.get("required", ())
        yield f'<section id="{inert(name)}"><h3><code>{inert(name)}</code></h3>'
        yield f'<p lang="en">{inert(schema.get("description", ""))}</p>'
        fields = schema.get("properties", {})
        yield _table(((n, field, field, n in required) for n, field in fields.items()), strings)
        yield "</section>"


def _table(rows: Iterator[tuple[str, Schema, Schema, bool]], strings: Strings) -> str:
    heads = (strings.api_name, strings.api_type, strings.api_meaning)
    head = "".join(f'<th scope="col">{inert(each)}</th>' for each in heads)
    body = "".join(
        f"<tr><td><code>{inert(name)}</code></td><td>{_type_of(schema)}"
        f"{f', {inert(strings.api_required)}' if required else ''}</td>"
        f'<td lang="en">{inert(said.get("description", ""))}</td></tr>'
        for name, schema, said, required in rows
    )
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _type_of(schema: Schema) -> str:
    """Return the type in HTML; a record links to its table."""
    if "$ref" in schema:
        name = inert(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="api#{name}"><code>{name}</code></a>'
    if "anyOf" in schema:
        return " | ".join(map(_type_of, schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(f"<code>{inert(repr(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"{_type_of(schema.get('items', {}))} […]"
    return f"<code>{inert(str(schema.get('type', 'any')))}</code>"


def _lines(text: str) -> str:
    return "<br>".join(
        re.sub("^ +", lambda m: "&nbsp;" * len(m[0]), inert(each)) for each in text.split("\n")
    )
