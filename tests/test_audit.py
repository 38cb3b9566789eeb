"""The SBOM and the list of known weaknesses, without a network."""

import pytest

from tests.audit import ACCEPTED, EXTRAS, accepted, needed, sbom, weaknesses

REPORT = {
    "dependencies": [
        {"name": "good", "version": "1", "vulns": []},
        {"name": "bad", "version": "2", "vulns": [
            {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"]},
            {"id": "PYSEC-2", "aliases": [], "fix_versions": []},
        ]},
        {"name": "unknown", "skip_reason": "not found"},
    ]
}  # fmt: skip


def test_the_bill_names_what_is_needed_and_nothing_else() -> None:
    packages = needed("wenbao", EXTRAS)
    assert {"faiss-cpu", "gradio", "argon2-cffi", "argon2-cffi-bindings"} <= packages.keys()
    assert not {"pytest", "mypy", "ruff"} & packages.keys()
    bill = sbom(packages)
    assert bill["bomFormat"] == "CycloneDX"
    references = [each["bom-ref"] for each in bill["components"]]
    assert len(references) == len(set(references)) == len(packages) - 1
    assert all(reference.startswith("pkg:pypi/") for reference in references)


def test_a_known_weakness_is_told_unless_it_is_accepted() -> None:
    assert weaknesses(REPORT, {}) == [
        "bad 2: PYSEC-1, mended in 3", "bad 2: PYSEC-2, mended in no version yet"
    ]  # fmt: skip
    assert weaknesses(REPORT, {"CVE-1": "not used", "PYSEC-2": "not used"}) == []


def test_what_is_accepted_has_a_reason() -> None:
    accepted(ACCEPTED.read_text("utf-8").splitlines())
    assert accepted(["# words", "", "CVE-1\tnot used here"]) == {"CVE-1": "not used here"}
    with pytest.raises(ValueError, match="CVE-2 has no reason"):
        accepted(["CVE-2\t "])
