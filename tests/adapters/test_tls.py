"""Upstreams over TLS: certificates are checked, truncation is a failure."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from cliproxy_driver.bench import answer, asking, document, post
from cliproxy_driver.conformance import listening
from cliproxy_driver.peers import Peer

from tests.adapters.servers import KINDS, one_upstream, start_proxy


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def shaken(listener: socket.socket, context: ssl.SSLContext) -> Iterator[Peer]:
    """The upstream's side of the next connection, after the handshake."""
    sock, _ = listener.accept()
    with context.wrap_socket(sock, server_side=True) as secure:
        yield Peer(secure)


@pytest.mark.parametrize("kind", KINDS)
def test_exchanges_over_tls(
    kind: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with listening() as listener:
        config = one_upstream(f"https://localhost:{listener.getsockname()[1]}")
        with start_proxy(kind, config) as proxy:
            client = Peer.to(proxy.address)
            client.send(post(asking("hi")))
            with shaken(listener, context) as upstream:
                for content in ("ho", "hoho"):  # the second on the same connection
                    assert upstream.read().body == asking("hi")
                    upstream.send(answer(content))
                    assert client.read().body == document(content)
                    client.send(post(asking("hi")))
                upstream.read()
            client.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_certificate_is_not_trusted(
    kind: str, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with listening() as listener:
        config = one_upstream(f"https://localhost:{listener.getsockname()[1]}")
        with start_proxy(kind, config) as proxy:
            client = Peer.to(proxy.address)
            client.send(post(asking("hi")))
            with pytest.raises(ssl.SSLError), shaken(listener, context):
                pass
            refused = client.read()
            assert refused.status == 502
            assert b"the TLS handshake failed" in refused.body
            client.close()
