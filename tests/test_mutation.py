"""Faults are small, stand where they are said to be, and those that cannot matter are real ones."""

import ast

from tests.mutation import CORE, ROOT, WIDER, equivalent, faulty, mutants

SOURCE = """
def fits(count: int, most: int = 9) -> bool:
    \'\'\'Return whether it fits.\'\'\'
    if count < most and not count == 3:
        return True
    if not list(zip([count], [most], strict=True)):
        return False
    raise ValueError(count)
"""


def test_every_fault_is_one_change_and_leaves_a_program() -> None:
    found = mutants("m.py", SOURCE)
    assert {each.change for each in found} == {
        "9 → 10",
        "9 → 8",
        "count < most and (not count == 3) → count < most or not count == 3",
        "count < most → count <= most",
        "not count == 3 → count == 3",
        "count == 3 → count != 3",
        "3 → 4",
        "3 → 2",
        "return True → return None",
        "True → False",
        "not list(zip([count], [most], strict=True)) → list(zip([count], [most], strict=True))",
        "False → True",
        "raise ValueError(count) → pass",
    }
    programs = [faulty(SOURCE, each) for each in found]
    whole = ast.unparse(ast.parse(SOURCE)).splitlines()
    for program in programs:
        assert sum(a != b for a, b in zip(program.splitlines(), whole, strict=True)) == 1
    assert len(set(programs)) == len(programs)


def test_what_is_run_is_there() -> None:
    assert all((ROOT / module).is_file() for module in CORE)
    for names in (*CORE.values(), *WIDER.values()):
        assert all((ROOT / f"tests/test_{name}.py").is_file() for name in names.split())


def test_what_cannot_matter_is_still_in_the_code() -> None:
    known = equivalent()
    modules = {module for module, _, _ in known}
    there = {
        (module, each.line, each.change)
        for module in modules
        for each in mutants(module, (ROOT / module).read_text("utf-8"))
    }
    assert known.keys() <= there
    assert all(known.values())
