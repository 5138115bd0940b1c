"""Asked to stop, every server ends what is idle and lets the rest finish."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cliproxy_driver.bench import HEALTH, LAST, STOP, Bench, chunk
from cliproxy_driver.conformance import listening

from tests.adapters.servers import KINDS, Proxy, one_upstream, start_proxy


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest) -> Iterator[tuple[Proxy, Bench]]:
    with listening() as upstream:
        host, port = upstream.getsockname()
        config = one_upstream(f"http://{host}:{port}")
        with start_proxy(request.param, config) as proxy:
            yield (
                proxy,
                Bench(proxy.address, upstream, lambda: len(proxy.app.pool.held)),
            )


def test_idle_connections_are_closed_and_streams_finish(
    bench: tuple[Proxy, Bench],
) -> None:
    proxy, between = bench
    with between.client() as idle, between.streaming() as (client, upstream):
        idle.send(HEALTH)
        assert idle.read().status == 200
        proxy.stop()
        assert idle.read_to_close() == b""
        upstream.send(chunk(STOP) + LAST)
        assert client.read_chunks() == STOP
        assert client.read_to_close() == b""
        assert upstream.read_to_close() == b""
        proxy.wait()
        with pytest.raises(ConnectionRefusedError), between.client():
            pass
    assert proxy.app.pool.held == {}
