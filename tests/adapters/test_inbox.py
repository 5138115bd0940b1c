"""The inbox of an anyio session: bounded, alarmed, and fair to deadlines."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import anyio
import pytest
from anyio.abc import TaskGroup
from cliproxy_anyio.inbox import MAX_WAITING, Inbox

from cliproxy_core.base.clock import Mono

Test: TypeAlias = Callable[[Inbox[int], TaskGroup], Awaitable[None]]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[[Test], None]:
    """Runs a test with an inbox whose alarm clock goes."""

    async def main(test: Test) -> None:
        inbox = Inbox[int](lambda _: math.inf)
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(inbox.ring)
                await anyio.wait_all_tasks_blocked()
                await test(inbox, tasks)
                tasks.cancel_scope.cancel()

    return lambda test: anyio.run(main, test, backend=request.param)


def soon(seconds: float = 0.01) -> Mono:
    return Mono(anyio.current_time() + seconds)


def test_inputs_come_in_order(run: Callable[[Test], None]) -> None:
    async def test(inbox: Inbox[int], tasks: TaskGroup) -> None:
        inbox.post(1)
        await inbox.put(2)
        assert [await inbox.wait(None), await inbox.wait(None)] == [1, 2]

    run(test)


def test_a_deadline_is_told(run: Callable[[Test], None]) -> None:
    async def test(inbox: Inbox[int], tasks: TaskGroup) -> None:
        deadline = soon()
        assert await inbox.wait(deadline) is None
        assert anyio.current_time() >= deadline

    run(test)


def test_a_deadline_may_move_both_ways(run: Callable[[Test], None]) -> None:
    async def test(inbox: Inbox[int], tasks: TaskGroup) -> None:
        inbox.post(1)
        assert await inbox.wait(soon(0.01)) == 1
        later = soon(0.03)
        assert await inbox.wait(later) is None
        assert anyio.current_time() >= later
        inbox.post(2)
        assert await inbox.wait(soon(1000)) == 2
        assert await inbox.wait(soon()) is None

    run(test)


def test_an_earlier_deadline_than_the_armed_one_is_kept(
    run: Callable[[Test], None],
) -> None:
    async def test(inbox: Inbox[int], tasks: TaskGroup) -> None:
        inbox.arm(soon(1000))
        assert await inbox.wait(soon()) is None

    run(test)


def test_what_came_in_time_is_told_before_the_deadline(
    run: Callable[[Test], None],
) -> None:
    async def test(inbox: Inbox[int], tasks: TaskGroup) -> None:
        deadline = soon()
        inbox.post(1)
        inbox.post(2)
        inbox.arm(deadline)
        await anyio.sleep_until(deadline + 0.01)
        inbox.post(3)
        told = [await inbox.wait(deadline) for _ in range(4)]
        assert told == [1, 2, None, 3]

    run(test)


def test_a_flood_does_not_hide_a_deadline(run: Callable[[Test], None]) -> None:
    async def test(inbox: Inbox[int], tasks: TaskGroup) -> None:
        async def flood() -> None:
            while True:
                await inbox.put(1)

        tasks.start_soon(flood)
        deadline = soon()
        while await inbox.wait(deadline) is not None:
            await anyio.lowlevel.checkpoint()
        assert anyio.current_time() >= deadline

    run(test)


def test_it_is_bounded(run: Callable[[Test], None]) -> None:
    async def test(inbox: Inbox[int], tasks: TaskGroup) -> None:
        put: list[int] = []

        async def fill() -> None:
            for i in range(MAX_WAITING + 2):
                await inbox.put(i)
                put.append(i)

        tasks.start_soon(fill)
        await anyio.wait_all_tasks_blocked()
        assert len(put) == MAX_WAITING
        assert await inbox.wait(None) == 0
        await anyio.wait_all_tasks_blocked()
        assert len(put) == MAX_WAITING + 1
        inbox.close()
        await anyio.wait_all_tasks_blocked()
        assert len(put) == MAX_WAITING + 2

    run(test)
