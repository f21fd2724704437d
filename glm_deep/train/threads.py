"""Work on several processors, with the same results on any number of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch
from threadpoolctl import threadpool_limits

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int, progress: Callable[[int, int], None]
) -> list[Result]:
    """`work` done on all items, in their order; each on one thread, so that the result does not depend on how many."""
    todo = list(items)
    results: list[Result] = []
    with torch_threads(1), threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(max(1, threads)) as pool:
        for done, result in enumerate(pool.map(work, todo)):
            results.append(result)
            progress(done + 1, len(todo))
    return results


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Torch works with `count` threads inside."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
