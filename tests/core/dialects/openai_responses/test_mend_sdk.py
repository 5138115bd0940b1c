"""What the mender lets through, as the vendor's own accumulator takes it.

However a stream was bent, what comes out is legal (`hear` sees to that), ends with the
output that was told, and makes sense to the SDK.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import omit
from openai._models import construct_type
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.responses import ResponseStreamEvent

from tests.core.dialects.openai_responses.streams import (
    call,
    custom,
    frame,
    good,
    hear,
    message,
    numbered,
    reasoning,
)

Event = dict[str, Any]

STREAM = good(
    reasoning(0, "A", "B", sealed="enc"),
    message(1, "hello", "more"),
    call(2, '{"a":1}'),
    custom(3, "ls"),
    call(4, "{}"),
)
JUNK: list[Any] = [
    None,
    0,
    1,
    7,
    -1,
    True,
    "",
    "x",
    [],
    {},
    {"type": "message"},
    [None],
    [{}],
]


def taken(events: list[Event]) -> Any:
    """The final response of the SDK."""
    state: Any = ResponseStreamState(input_tools=omit, text_format=omit)
    for event in copy.deepcopy(events):
        state.handle_event(construct_type(type_=ResponseStreamEvent, value=event))
    return state._completed_response


def test_the_sdk_takes_what_is_in_order() -> None:
    response = taken(numbered(STREAM))
    assert [item.type for item in response.output] == [
        "reasoning",
        "message",
        "function_call",
        "custom_tool_call",
        "function_call",
    ]
    assert response.output_text == "hellomore"


def bent(events: list[Event], at: int, how: int, pick: int, junk: int) -> None:
    """Do one thing to a stream: lose, repeat, move or damage something."""
    event = events[at % len(events)]
    holder = event
    for key in ("item", "part", "response"):
        if how % 2 and isinstance(event.get(key), dict):
            holder = event[key]
    keys = sorted(holder)
    match how // 2:
        case 0:
            events.remove(event)
        case 1:
            events.insert(pick % len(events), copy.deepcopy(event))
        case 2:
            events.remove(event)
            events.insert(pick % (len(events) + 1), event)
        case 3 if keys:
            del holder[keys[pick % len(keys)]]
        case 4 if keys:
            holder[keys[pick % len(keys)]] = copy.deepcopy(JUNK[junk])


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@settings(max_examples=250, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.integers(0, 9),
            st.integers(0, 60),
            st.integers(0, len(JUNK) - 1),
        ),
        max_size=5,
    )
)
def test_whatever_was_bent(bends: list[tuple[int, int, int, int]]) -> None:
    events = numbered(copy.deepcopy(STREAM))
    for bend in bends:
        if events:
            bent(events, *bend)
    heard = hear(b"".join(map(frame, events)))
    if heard.failure is not None:
        return
    ended = {
        event["output_index"]: event["item"]
        for event in heard.events
        if event["type"] == "response.output_item.done"
    }
    output = heard.events[-1]["response"]["output"]
    assert [item["id"] for item in output] == [
        ended[index]["id"] for index in sorted(ended)
    ]
    assert len({item["id"] for item in output}) == len(output)
    response = taken(heard.events)
    assert (response is None) is (heard.events[-1]["type"] != "response.completed")
