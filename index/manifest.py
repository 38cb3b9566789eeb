"""The manifest of a generation: its model, its counts, its sources, and its segments."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

FORMAT_VERSION = 4

Search = Literal["exact", "8-bit codes", "4-bit codes"]


@dataclass(frozen=True)
class SegmentRef:
    """A segment of a generation.

    ``files`` holds the sha256 of each of its files. ``search`` tells how the nearest of its
    vectors are found: by comparing all, or their codes first (of 8 bits in older segments).
    ``dead_pages`` and ``dead_articles`` are the numbers of those that were taken out since it
    was written.
    """

    name: str
    files: Mapping[str, str]
    search: Search = "exact"
    dead_pages: tuple[int, ...] = ()
    dead_articles: tuple[int, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a generation is.

    ``roots`` maps each received file to the folder that it was indexed from, ``corrections``
    each corrected one to the digest of what was corrected. ``removed`` holds the files and
    article ids that a user took out. ``files`` holds the sha256 of what lies beside it.
    ``former`` is the generation that was live before it.
    """

    generation: str
    model_name: str
    model_identity: str
    dimension: int
    counts: Mapping[str, int]
    roots: Mapping[str, str]
    removed: tuple[str, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)
    segments: tuple[SegmentRef, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION
    former: str = ""


def to_bytes(manifest: Manifest) -> bytes:
    """Return the file of ``manifest``; it ends with the digest of what it says."""
    values = {each.name: getattr(manifest, each.name) for each in fields(manifest)}
    values["segments"] = [asdict(each) for each in manifest.segments]
    values["digest"] = digest_of(values)
    # A line for each value: of a large archive one names hundreds of thousands of files.
    lines = (f' "{name}": {json.dumps(each, ensure_ascii=False)}' for name, each in values.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def from_values(values: Mapping[str, Any]) -> Manifest:
    """Return the manifest of a file that was read as JSON.

    Raises :class:`ValueError`, :class:`KeyError` or :class:`TypeError` for a damaged one.
    """
    values = dict(values)
    if values.pop("digest") != digest_of(values):
        raise ValueError("it does not say what was written")
    segments = tuple(
        SegmentRef(
            each["name"],
            each["files"],
            each["search"],
            tuple(each["dead_pages"]),
            tuple(each["dead_articles"]),
        )
        for each in values["segments"]
    )
    return Manifest(**{**values, "removed": tuple(values["removed"]), "segments": segments})


def digest_of(values: Mapping[str, Any]) -> str:
    """Return the sha256 of ``values``, however their JSON is set."""
    text = json.dumps(values, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
