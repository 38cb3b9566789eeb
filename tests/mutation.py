"""Do the tests notice? Small faults are put into the core, one by one, and its tests are run.

A fault that makes no test fail in the module's own test files, nor in the wider ones, survives.
Those that cannot matter are listed, each with its reason, in ``mutation_equivalent.tsv``::

    python -m tests.mutation --sample 150          # the same seed finds the same faults
    python -m tests.mutation --again               # those that survived the last time

What came of each goes into ``test-results/mutation.jsonl``. After DeMillo, Lipton and Sayward,
"Hints on test data selection" (1978).
"""

import argparse
import ast
import compileall
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.torture import Torture

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path("test-results") / "mutation.jsonl"
EQUIVALENT = Path(__file__).with_name("mutation_equivalent.tsv")
LIMIT_S = 240.0
FLOOR = 0.85
DECLARING = ("annotation", "returns", "decorator_list")
FATES = ("killed", "survived", "equivalent")

# The tests of each module, the quickest first.
CORE = {
    "index/build.py": "store segments build",
    "index/chunking.py": "chunking",
    "index/decoding.py": "decoding mojibake formats",
    "index/former_formats.py": "former_formats",
    "index/index.py": "store segments build pages_of_issues",
    "index/lexical.py": "lexical segments pinyin",
    "index/manifest.py": "former_formats store",
    "index/numbers.py": "numbers citations quantities checking",
    "index/records.py": "kept segments",
    "index/revision.py": "corrections segments build",
    "index/segments.py": "store segments build",
    "index/store.py": "store rollback segments durability",
    "index/text.py": "text lexical",
    "index/types.py": "chunking citations segments",
    "index/vectors.py": "vectors segments",
    "rag/answering.py": "caveats answering",
    "rag/checking.py": "checking llm",
    "rag/citations.py": "citations checking",
    "rag/claims.py": "claims checking",
    "rag/extractive.py": "extractive caveats answering",
    "rag/filters.py": "filters pages_of_issues wording listing",
    "rag/fusion.py": "fusion retrieval",
    "rag/quantities.py": "quantities checking",
    "rag/question.py": "question follow_up retrieval answering",
    "rag/retrieval.py": "retrieval sparse answering",
}
WIDER = {
    "index": "text decoding kept former_formats retrieval bulk rollback chunking",
    "rag": "question notices agreement listing citations retrieval checking answering",
}

_SWAPS: dict[type[ast.AST], Any] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.And: ast.Or, ast.Or: ast.And,
    ast.Continue: ast.Break, ast.Break: ast.Continue,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A fault: the line without its margin, and what a part of it becomes.

    ``at`` and ``kind`` number the place in the module and what can go wrong there, ``number``
    is that of the line.
    """

    module: str
    at: int
    kind: int
    number: int
    line: str
    change: str


def places(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes in which a fault may be: all but annotations and decorators.

    Nor ``zip(strict=True)``, an assertion: it says that what comes is of one length.
    """
    yield node
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            asserts = isinstance(child, ast.keyword) and child.arg == "strict"
            if isinstance(child, ast.AST) and name not in DECLARING and not asserts:
                yield from places(child)


def faults(node: ast.AST) -> list[ast.AST]:
    """Return what can stand in the place of ``node`` by a small fault; often nothing."""
    match node:
        case ast.Compare(left, ops, right):
            swapped = [[*ops[:i], _SWAPS[type(op)](), *ops[i + 1 :]] for i, op in enumerate(ops)]
            return [ast.Compare(left, each, right) for each in swapped]
        case ast.BinOp(left, op, right) if type(op) in _SWAPS:
            return [ast.BinOp(left, _SWAPS[type(op)](), right)]
        case ast.BoolOp(op, values):
            return [ast.BoolOp(_SWAPS[type(op)](), values)]
        case ast.UnaryOp(ast.Not(), value):
            return [value]
        case ast.Constant(bool() as value):
            return [ast.Constant(not value)]
        case ast.Constant(int() | float() as value):
            return [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.Continue() | ast.Break():
            return [_SWAPS[type(node)]()]
        case ast.Return(ast.Constant(None | False) | None):
            return []  # False is as false as None
        case ast.Return():
            return [ast.Return(ast.Constant(None))]
        case ast.Raise() | ast.AugAssign() | ast.Expr(ast.Call()) | ast.Delete():
            return [ast.Pass()]
        case ast.Assign([ast.Attribute() | ast.Subscript()]):
            return [ast.Pass()]
    return []


def mutants(module: str, source: str) -> list[Mutant]:
    """Return every fault that can be put into a module."""
    lines = source.splitlines()
    return [
        Mutant(
            module,
            at,
            kind,
            node.lineno,
            lines[node.lineno - 1].strip(),
            f"{ast.unparse(node)} → {ast.unparse(fault)}".replace("\n", " ").replace("\t", " "),
        )
        for at, node in enumerate(places(ast.parse(source)))
        if isinstance(node, ast.expr | ast.stmt)
        for kind, fault in enumerate(faults(node))
    ]


def faulty(source: str, mutant: Mutant) -> str:
    """Return ``source`` with the fault in it, without its comments."""
    tree = ast.parse(source)
    node = list(places(tree))[mutant.at]
    fault = faults(node)[mutant.kind]

    class Put(ast.NodeTransformer):
        def visit(self, each: ast.AST) -> ast.AST:
            return fault if each is node else self.generic_visit(each)

    return ast.unparse(ast.fix_missing_locations(Put().visit(tree)))


def equivalent() -> dict[tuple[str, str, str], str]:
    """Return why the faults that cannot matter do not, by module, line and change."""
    rows = [row.split("\t") for row in EQUIVALENT.read_text("utf-8").splitlines()]
    return {(module, line, change): why for module, line, change, why in rows}


def passes(tree: Path, names: str) -> bool:
    """Return whether the test files of ``names`` pass in ``tree``, and within their time."""
    files = [f"tests/test_{name}.py" for name in dict.fromkeys(names.split())]
    command = [sys.executable, "-m", "pytest", "-xq", "-p", "no:cacheprovider"]
    command += ["-p", "_hypothesis_pytestplugin", "--hypothesis-seed=0", *files]
    command += ["-m", "not slow and not browser"]
    environ = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        cwd=tree,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(LIMIT_S) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def fate(tree: Path, mutant: Mutant, known: dict[tuple[str, str, str], str]) -> str:
    """Return what becomes of ``mutant`` in ``tree``, which is a whole one before and after."""
    if (mutant.module, mutant.line, mutant.change) in known:
        return "equivalent"
    path = tree / mutant.module
    source = path.read_text("utf-8")
    path.write_text(faulty(source, mutant), "utf-8")
    try:
        own, wider = CORE[mutant.module], WIDER[mutant.module.partition("/")[0]]
        return "survived" if passes(tree, own) and passes(tree, wider) else "killed"
    finally:
        path.write_text(source, "utf-8")


def main() -> int:
    """Sample faults, run the tests on each, and print what came of them by module."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=150, help="how many faults")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--module", action="append", choices=CORE, help="only of this module")
    parser.add_argument("--again", action="store_true", help="those that survived the last time")
    given = parser.parse_args()
    pool = [
        each
        for module in given.module or CORE
        for each in mutants(module, (ROOT / module).read_text("utf-8"))
    ]
    if given.again:
        last = {_key(each): each["fate"] for each in _results()}
        chosen = [each for each in pool if last.get(_key(asdict(each))) == "survived"]
    else:
        chosen = random.Random(given.seed).sample(pool, min(given.sample, len(pool)))
    RESULTS.parent.mkdir(exist_ok=True)
    known, counts = equivalent(), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory(prefix="wenbao-mutation-") as folder:
        tree = copied(Path(folder))
        for mutant in chosen:
            came = fate(tree, mutant, known)
            counts[mutant.module, came] += 1
            with RESULTS.open("a", encoding="utf-8") as file:
                row = {**asdict(mutant), "fate": came}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            if came == "survived":
                sys.stdout.write(f"{mutant.module}:{mutant.number}: {mutant.change}\n")
                sys.stdout.flush()
    return told(counts)


def copied(folder: Path) -> Path:
    """Return ``folder`` with a copy of the tree in it, whose tests pass without a fault."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().rstrip("\0").split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    compileall.compile_dir(folder, quiet=1)
    if not passes(folder, " ".join((*CORE.values(), *WIDER.values()))):
        raise SystemExit("the tests fail without a fault: mend that first")
    return folder


def told(counts: Counter[tuple[str, str]]) -> int:
    """Print what came of the faults by module; return 1 where fewer than 85 % were noticed."""
    total: Counter[str] = Counter()
    sys.stdout.write("| module | noticed | survived | cannot matter |\n|---|---|---|---|\n")
    for module in sorted({module for module, _ in counts}):
        row = [counts[module, each] for each in FATES]
        total.update(dict(zip(FATES, row, strict=True)))
        sys.stdout.write(f"| {module} | {' | '.join(map(str, row))} |\n")
    share = total["killed"] / max(total["killed"] + total["survived"], 1)
    sys.stdout.write(f"| all | {' | '.join(str(total[each]) for each in FATES)} |\n")
    Torture(full=True).tell("tests notice", **total, noticed=f"{share:.1%}")
    return int(share < FLOOR)


def _results() -> list[dict[str, str]]:
    return [json.loads(line) for line in RESULTS.read_text("utf-8").splitlines()]


def _key(mutant: dict[str, str]) -> tuple[str, str, str]:
    return mutant["module"], mutant["line"], mutant["change"]


if __name__ == "__main__":
    sys.exit(main())
