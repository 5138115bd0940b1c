"""Every way of running the proxy passes the one conformance suite."""

from __future__ import annotations

import pytest
from cliproxy_driver.conformance import CASES, Bench, Case, listening

from tests.adapters.servers import KINDS, start_proxy

# Under an ASGI server these are the server's: it reads and writes HTTP.
NOT_OURS = {"asgi"}

PAIRS = [
    pytest.param(kind, case, id=f"{kind}-{case.name}")
    for kind in KINDS
    for case in CASES
    if not (case.own_http and kind in NOT_OURS)
]


@pytest.mark.parametrize(("kind", "case"), PAIRS)
def test_it_conforms(kind: str, case: Case) -> None:
    with (
        listening() as upstream,
        start_proxy(kind, case.config(*upstream.getsockname())) as proxy,
    ):
        bench = Bench(proxy.address, upstream, lambda: len(proxy.app.pool.held))
        case.check(bench)
