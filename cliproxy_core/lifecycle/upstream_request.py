"""The HTTP request of one attempt: which header fields go upstream, and the body."""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.errors import LocalError
from cliproxy_core.pool.credential import Credential
from cliproxy_core.providers import Profile
from cliproxy_core.translate.lane import Lane
from cliproxy_core.wire.http import Headers, RequestHead
from cliproxy_core.wire.url import join

from .job import Job

__all__ = ["USER_AGENT", "request_head"]

USER_AGENT: Final = b"cliproxy"


def request_head(
    job: Job, credential: Credential, model: str, lane: Lane
) -> RequestHead:
    """What goes before the body. Later fields replace earlier ones of that name.

    Only on the native lane do fields of the caller's go on, and only those that the
    provider's API knows: never his key, cookies or addresses.
    """
    profile = credential.profile
    fields: dict[bytes, bytes] = {
        b"host": credential.origin.host_header,
        b"accept": b"text/event-stream" if job.streams else b"application/json",
        b"accept-encoding": b"identity",
        b"content-type": b"application/json",
        b"user-agent": USER_AGENT,
    }
    fields.update(profile.headers)
    if lane is Lane.NATIVE:
        fields.update(_forwarded(job.headers, profile.forwarded))
    fields.update(profile.auth(credential.key.reveal(), credential.origin))
    for name, text in credential.headers:
        fields[name.lower().encode()] = text.reveal().encode()
    target = join(credential.path, _path(job, profile, model)).encode()
    return RequestHead(b"POST", target, tuple(fields.items()))


def _path(job: Job, profile: Profile, model: str) -> str:
    if not job.counts:
        return profile.path(model, job.streams)
    if profile.counting is None:
        raise LocalError("a question about tokens for somebody who cannot count them")
    return profile.counting.path(model)


def _forwarded(headers: Headers, names: tuple[bytes, ...]) -> dict[bytes, bytes]:
    out: dict[bytes, bytes] = {}
    for name, text in headers:
        if name.startswith(names):
            out[name] = out[name] + b", " + text if name in out else text
    return out
