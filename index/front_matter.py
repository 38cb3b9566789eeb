"""YAML front matter of a text: what it says of the article below it."""

import re

import yaml

from index.drafts import Draft, date_in, found_in, plain
from index.types import CorpusError, Page

MAX_FRONT_MATTER_CHARS = 20_000

_FRONT_MATTER = re.compile(
    r"---[ \t]*(?:\r\n|\r|\n)(?P<yaml>.*?(?:\r\n|\r|\n))(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)",
    re.DOTALL,
)


def front_matter(page: Page) -> tuple[Draft, int]:
    """Return what the front matter says, and where the text begins (0 when there is none).

    Raises :class:`CorpusError` when it is not YAML.
    """
    match = _FRONT_MATTER.match(page.text, 0, MAX_FRONT_MATTER_CHARS)
    draft = Draft()
    if not match:
        return draft, 0
    try:
        root = yaml.compose(match["yaml"], Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise CorpusError(
            f"{page.file}: line {line}: the front matter is not YAML; put the value in quotes, "
            "or remove the lines between the two ---"
        ) from error
    if not isinstance(root, yaml.MappingNode):
        return draft, 0  # two thematic breaks
    for key, value in root.value:
        name = key.value.lower() if isinstance(key, yaml.ScalarNode) else ""
        items = value.value if isinstance(value, yaml.SequenceNode) else [value]
        words = [item for item in items if isinstance(item, yaml.ScalarNode) and item.value]
        text = " ".join(plain(item.value) for item in words)
        start = match.start("yaml")
        places = [
            found_in(page, item.value, start + item.start_mark.index, start + item.end_mark.index)
            for item in words
        ]
        if name in ("title", "headline") and not draft.headline:
            draft.headline = text
            draft.marked.extend(places)
        elif name in ("author", "authors", "byline"):
            draft.byline = f"{draft.byline} {text}".strip()
            draft.marked.extend(places)
        elif name == "date":
            draft.date = date_in(text)
        elif name == "kicker":
            draft.kicker = text
    return draft, match.end()
