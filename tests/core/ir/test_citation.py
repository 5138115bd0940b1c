"""Notes on words: values that may be compared and never show words."""

from __future__ import annotations

from cliproxy_core.ir.citation import Citation, TokenProb


def test_they_compare_by_value_and_hide_what_was_said() -> None:
    cited = Citation(dialect="d", raw={"a": 1}, url="http://secret", quoted="secret")
    assert cited == Citation(
        dialect="d", raw={"a": 1}, url="http://secret", quoted="secret"
    )
    prob = TokenProb("secret", -0.5, (1,), (TokenProb("secret", -1),))
    assert prob != TokenProb("secret", -0.5)
    assert "secret" not in repr(cited) + repr(prob)
