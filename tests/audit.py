"""What WenBao stands on: an SBOM of it, and the weaknesses that are known of it.

``make audit`` writes ``test-results/sbom.json`` (CycloneDX 1.6) and asks pip-audit for
advisories. It fails on one that ``tests/audit_accepted.tsv`` does not list with a reason; where
the advisories cannot be asked it says so, and does not fail.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SBOM = Path("test-results") / "sbom.json"
ACCEPTED = Path(__file__).with_name("audit_accepted.tsv")
EXTRAS = ("mcp", "pdf")  # what the image has
TIMEOUT_S = 60


def needed(name: str, extras: Sequence[str]) -> dict[str, Distribution]:
    """Return the installed packages that ``name`` needs to run, itself too, by name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(name, tuple(extras))]
    while waiting:
        name, wanted = waiting.pop()
        key = str(canonicalize_name(name))
        if (key, wanted) in seen:
            continue
        seen.add((key, wanted))
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:  # of an extra that is not installed
            continue
        for line in found[key].requires or ():
            requirement = Requirement(line)
            marker = requirement.marker
            if not marker or any(marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
                waiting.append((requirement.name, tuple(sorted(requirement.extras))))
    return dict(sorted(found.items()))


def sbom(packages: dict[str, Distribution]) -> dict[str, Any]:
    """Return the bill of materials: each package with its version, licence and address."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component("wenbao", packages["wenbao"], "application")},
        "components": [
            _component(name, each, "library") for name, each in packages.items() if name != "wenbao"
        ],
    }


def _component(name: str, package: Distribution, kind: str) -> dict[str, Any]:
    address = f"pkg:pypi/{name}@{package.version}"
    told = {"type": kind, "bom-ref": address, "name": name, "version": package.version}
    if "License-Expression" in package.metadata:
        licence = package.metadata["License-Expression"]
        return told | {"purl": address, "licenses": [{"expression": licence}]}
    return told | {"purl": address}


def accepted(lines: Iterable[str]) -> dict[str, str]:
    """Return why an advisory is accepted, by its id. Raises ``ValueError`` without a reason."""
    reasons = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            advisory, _, reason = line.strip().partition("\t")
            if not reason.strip():
                raise ValueError(f"{ACCEPTED}: {advisory} has no reason")
            reasons[advisory] = reason.strip()
    return reasons


def weaknesses(report: dict[str, Any], reasons: dict[str, str]) -> list[str]:
    """Return a line for each advisory of a report of pip-audit that is not accepted."""
    return [
        f"{package['name']} {package.get('version', '')}: {found['id']}, mended in "
        f"{', '.join(found['fix_versions']) or 'no version yet'}"
        for package in report["dependencies"]
        for found in package.get("vulns", ())
        if not {found["id"], *found.get("aliases", ())} & reasons.keys()
    ]


def asked(packages: dict[str, Distribution]) -> tuple[dict[str, Any] | None, str]:
    """Return the report of pip-audit, or None and why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        lines = [
            f"{name}=={each.version.partition('+')[0]}\n"
            for name, each in packages.items()
            if name != "wenbao"
        ]
        pins.write_text("".join(lines), "utf-8")
        command = [
            *(sys.executable, "-m", "pip_audit", "-r", str(pins), "--no-deps", "--disable-pip"),
            *("--progress-spinner", "off", "--format", "json", "--timeout", "10"),
        ]
        try:
            run = subprocess.run(
                command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return None, f"no answer within {TIMEOUT_S} s"
    try:
        report: dict[str, Any] = json.loads(run.stdout)
    except ValueError:
        return None, (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
    if all("skip_reason" in package for package in report["dependencies"]):
        return None, "it knows none of the packages"
    return report, ""


def main() -> int:
    """Write the SBOM, tell what is known, and return the exit code."""
    packages = needed("wenbao", EXTRAS)
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(sbom(packages), indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{SBOM}: {len(packages)} packages\n")
    report, why = asked(packages)
    if report is None:
        sys.stdout.write(f"not audited: the advisories could not be asked ({why})\n")
        return 0
    skipped = sum("skip_reason" in package for package in report["dependencies"])
    problems = weaknesses(report, accepted(ACCEPTED.read_text("utf-8").splitlines()))
    sys.stdout.write("".join(f"{line}\n" for line in problems))
    sys.stdout.write(f"{len(problems)} known weaknesses; {skipped} packages are not known there\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
