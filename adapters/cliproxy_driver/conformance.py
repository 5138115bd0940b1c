"""What every adapter must pass: real sockets, both ends of the proxy in one hand.

A case holds the client and the upstream itself and moves one of them at a time, so
that it knows what the proxy has seen. No case waits for a time to pass: each waits
for something to arrive or to be closed.

    for case in CASES:
        with listening() as upstream, <a proxy with case.config(its address)>:
            case.check(Bench(address of the proxy, upstream, leases held))
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import Timeouts

from . import conforming as works
from . import conforming_ends as ends
from .bench import Bench, Case
from .peers import listening

__all__ = ["CASES", "Bench", "Case", "listening"]

_KEYS: Final = (Secret("k"),)

CASES: Final = (
    Case(run=works.whole),
    Case(run=works.streamed),
    Case(run=works.cut_everywhere),
    Case(run=works.two_on_one_connection),
    Case(run=works.pipelined),
    Case(run=works.expect_continue),
    Case(run=works.head_only),
    Case(run=works.large_both_ways),
    Case(run=works.early_refusal, api_keys=_KEYS),
    Case(run=works.early_refusal, max_body_bytes=1000),
    Case(run=works.early_refusal_closes, api_keys=_KEYS, own_http=True),
    Case(run=works.chunked_too_large, max_body_bytes=1000),
    Case(run=works.garbage),
    Case(run=ends.head_deadline, timeouts=Timeouts(head=ends.SHORT), own_http=True),
    Case(run=ends.idle_deadline, timeouts=Timeouts(idle=ends.SHORT), own_http=True),
    Case(run=ends.body_deadline, timeouts=Timeouts(body=ends.SHORT)),
    Case(run=ends.no_answer, timeouts=Timeouts(first_byte=ends.SHORT)),
    Case(run=ends.no_answer, timeouts=Timeouts(request=ends.SHORT)),
    Case(run=ends.no_handshake, timeouts=Timeouts(connect=ends.SHORT), scheme="https"),
    Case(run=ends.silence, timeouts=Timeouts(silence=ends.SHORT)),
    Case(run=ends.endless_stream, timeouts=Timeouts(request=ends.SHORT)),
    Case(run=ends.stalled_client, timeouts=Timeouts(stall=ends.SHORT)),
    Case(run=ends.gone_in_the_head),
    Case(run=ends.gone_in_the_body),
    Case(run=ends.gone_while_connecting, scheme="https"),
    Case(run=ends.gone_before_the_answer),
    Case(run=ends.gone_in_the_stream),
    Case(run=ends.gone_rudely),
    Case(run=ends.gone_while_blocked),
    Case(run=ends.gone_by_half_while_blocked, own_http=True),
    Case(run=ends.slow_reader),
    Case(run=ends.pipelined_without_end),
    Case(run=ends.reset_after_three_tokens),
    Case(run=ends.cut_short),
    Case(run=ends.refused),
    Case(run=ends.no_http),
    Case(run=ends.answer_before_the_end_of_the_request),
    Case(run=ends.closed_between_exchanges),
    Case(run=ends.closed_under_a_request),
    Case(run=ends.body_that_does_not_end),
)
