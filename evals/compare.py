"""Two reports of one suite side by side: which rows became better, and which figures moved."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.types import WHOLE
from index.types import CorpusError

REPORT = "report.json"
# How good a verdict on a question is. A statement that is not proved is the worst.
STANDING = {
    "right": 1.0,
    "refused": 1.0,
    "other evidence": 0.8,
    "missing fact": 0.6,
    "false refusal": 0.4,
    "not refused": 0.2,
    "unproved": 0.0,
}
SETTINGS = ("commit", "model", "model_identity", "llm_model", "cases")
NOT_SHOWN = ("latency", "per_minute")  # times are those of the machine


@dataclass(frozen=True, slots=True)
class Change:
    """A row of both reports that became better or worse: its name, its verdicts, its question.

    ``by`` is how much better, below 0 for worse.
    """

    row: str
    question: str
    old: str
    new: str
    by: float


@dataclass(frozen=True, slots=True)
class Delta:
    """A figure of either report: its value and number of cases, as text, in the old and new.

    ``change`` is the new value less the old; None where one report lacks the figure.
    """

    metric: str
    old: tuple[str, str]
    new: tuple[str, str]
    change: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two reports of one suite.

    ``settings`` says what was measured in both, where that differs. ``better`` and ``worse``
    hold the rows of both reports, the greatest change first; ``same`` counts the others.
    ``gone`` and ``added`` name the rows of one report alone.
    """

    settings: tuple[tuple[str, str], ...]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    same: int
    gone: tuple[str, ...]
    added: tuple[str, ...]
    deltas: tuple[Delta, ...]


def load_report(path: Path) -> Mapping[str, Any]:
    """Return the report in ``path``: a ``report.json``, or the folder that holds one.

    Raises :class:`CorpusError` for what cannot be read and what is no report of a suite.
    """
    file = path / REPORT if path.is_dir() else path
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        why = error.strerror or error
        raise CorpusError(
            f"{file}: cannot read the report ({why}); name a folder that "
            "`wenbao eval --report DIR` wrote, or its report.json"
        ) from None
    except ValueError as error:  # neither UTF-8 nor JSON
        raise CorpusError(
            f"{file}: not a report ({error}); name a report.json, not report.html or report.md"
        ) from None
    problem = _problem(report)
    if problem:
        raise CorpusError(
            f"{file}: not a report of a suite ({problem}); "
            "write one with `wenbao eval --report DIR`"
        )
    return dict(report)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Return what differs between two reports that :func:`load_report` gave.

    Raises :class:`CorpusError` where they are of different suites.
    """
    if old["suite"] != new["suite"]:
        raise CorpusError(
            f"the reports are of different suites, {old['suite']!r} and {new['suite']!r}; "
            "compare two reports of one suite"
        )
    before, after = _by_name(old["rows"]), _by_name(new["rows"])
    changes = [_change(name, before[name], row) for name, row in after.items() if name in before]
    better = sorted((each for each in changes if each.by > 0), key=lambda each: -each.by)
    worse = sorted((each for each in changes if each.by < 0), key=lambda each: each.by)
    return Comparison(
        settings=_settings(old.get("environment") or {}, new.get("environment") or {}),
        better=tuple(better),
        worse=tuple(worse),
        same=len(changes) - len(better) - len(worse),
        gone=tuple(name for name in before if name not in after),
        added=tuple(name for name in after if name not in before),
        deltas=_deltas(old["metrics"], new["metrics"]),
    )


def standing(row: Mapping[str, Any]) -> float:
    """Return how good a row is, the higher the better; only rows of one suite compare.

    That of a question is :data:`STANDING` of its verdict, that of a page the faults it is
    free of, that of retrieval one over the rank.
    """
    if "faults" in row:
        return -float(len(row["faults"]))
    if "ranks" in row:
        rank = row["ranks"].get(WHOLE)
        return 1.0 / rank if rank else 0.0
    return STANDING.get(row["verdict"], 0.0)


def _problem(report: object) -> str:
    """Return why ``report`` is not one; empty where it is."""
    if not isinstance(report, dict):
        return "no JSON object"
    if not isinstance(report.get("suite"), str):
        return '"suite" is missing'
    metrics, rows = report.get("metrics"), report.get("rows")
    if not isinstance(metrics, dict) or not all(map(_is_figure, metrics.values())):
        return '"metrics" must hold figures with "value" and "n"'
    if not isinstance(rows, list) or not all(map(_is_row, rows)):
        return '"rows" must hold rows with a "verdict"'
    return ""


def _is_figure(figure: object) -> bool:
    return isinstance(figure, dict) and all(
        isinstance(figure.get(key), int | float) for key in ("value", "n")
    )


def _is_row(row: object) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("verdict"), str)
        and isinstance(row.get("faults", []), list)
        and isinstance(row.get("ranks", {}), dict)
    )


def _by_name(rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the rows by their name; one that occurs again is counted: ``name (2)``."""
    found: dict[str, Mapping[str, Any]] = {}
    seen: dict[str, int] = {}
    for row in rows:
        name = str(row.get("id") or row.get("name") or f"{row.get('set')}: {row.get('question')}")
        seen[name] = seen.get(name, 0) + 1
        found[name if seen[name] == 1 else f"{name} ({seen[name]})"] = row
    return found


def _change(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    question = str(new.get("question", "")) if "id" in new else ""
    by = standing(new) - standing(old)
    return Change(name, question, _verdict(old), _verdict(new), by)


def _verdict(row: Mapping[str, Any]) -> str:
    verdict = str(row["verdict"])
    return f"{verdict}, {len(row['faults'])} faults" if "faults" in row else verdict


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, f"{old.get(name)} → {new.get(name)}")
        for name in SETTINGS
        if old.get(name) != new.get(name)
    )


def _deltas(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Delta, ...]:
    """Return the figures whose value or number of cases changed, in the order of the reports."""
    found: list[Delta] = []
    for metric in dict.fromkeys((*old, *new)):
        before, after = old.get(metric), new.get(metric)
        if any(word in metric for word in NOT_SHOWN) or _told(before) == _told(after):
            continue
        change = after["value"] - before["value"] if before and after else None
        found.append(Delta(metric, _told(before), _told(after), change))
    return tuple(found)


def _told(figure: Mapping[str, Any] | None) -> tuple[str, str]:
    return (f"{figure['value']:.3f}", str(figure["n"])) if figure else ("–", "0")
