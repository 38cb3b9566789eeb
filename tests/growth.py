"""How the time of some work grows with its size, told robustly on a noisy machine."""

import gc
import time
from collections.abc import Callable

TIMES = 8  # so many times the size: a quadratic cost would take 64 times as long
REPEATS = 3


def grows_linearly(work: Callable[[int], object], size: int) -> bool:
    """Return whether ``work`` of :data:`TIMES` the ``size`` takes at most thrice as many times.

    Processor time, the least of :data:`REPEATS` runs, without the garbage collector, whose
    full rounds come at sizes of their own. A few milliseconds count as nothing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        work(size)  # what is imported and compiled once
        few, many = (
            min(_seconds(work, each) for _ in range(REPEATS)) for each in (size, TIMES * size)
        )
    finally:
        if collecting:
            gc.enable()
    return many < 3 * TIMES * max(few, 0.005)


def _seconds(work: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    work(size)
    return time.process_time() - started
