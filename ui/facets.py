"""What the reader of the app may narrow the search by: days, genre, series, reporter, page."""

from collections.abc import Mapping, Sequence

from rag.filters import Facets, Filters, filters_from
from rag.wording import Frame, genre_told
from ui.strings import Strings

FIELDS = ("since", "until", "genre", "series", "reporter", "page")  # arguments of filters_from
MAX_CHOICES = 300  # of one field: the newest days, of the others the most common

Choice = tuple[str, str]  # as shown, and as filtered by; the empty value asks for nothing


def labels(strings: Strings) -> Mapping[str, str]:
    """Return what each field is called."""
    return {
        "since": strings.filter_since,
        "until": strings.filter_until,
        "genre": strings.filter_genre,
        "series": strings.filter_series,
        "reporter": strings.filter_reporter,
        "page": strings.filter_page,
    }


def choices_of(facets: Facets, language: Frame, strings: Strings) -> dict[str, list[Choice]]:
    """Return the choices of each field, the one that asks for nothing first.

    Days newest first, pages in their order, everything else most common first, with the count
    of articles.
    """
    days = dict(sorted(facets.dates.items(), reverse=True))
    values: dict[str, Mapping[str, int]] = {
        "since": days,
        "until": days,
        "genre": facets.genres,
        "series": facets.series,
        "reporter": facets.reporters,
        "page": dict(sorted(facets.pages.items(), key=lambda page: (len(page[0]), page[0]))),
    }
    return {
        field: [
            (strings.filter_any, ""),
            *(
                (f"{genre_told(value, language) if field == 'genre' else value} ({count})", value)
                for value, count in list(values[field].items())[:MAX_CHOICES]
            ),
        ]
        for field in FIELDS
    }


def filters_of(values: Sequence[str | None]) -> Filters:
    """Return the filters of the values of :data:`FIELDS`.

    Raises :class:`CorpusError` where no day lies between the two chosen.
    """
    return filters_from(**{f: v or None for f, v in zip(FIELDS, values, strict=True)})
