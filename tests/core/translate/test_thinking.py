"""What a caller wants of a model's thinking, and what the model takes."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.reasoning import (
    BudgetRange,
    Effort,
    ReasoningWish,
    ThinkingSupport,
    budget_of,
    effort_of,
)
from cliproxy_core.translate.thinking import Fitted, fit_thinking, split_suffix
from cliproxy_core.translate.thinking_wires import WIRES

CHAT, CLAUDE = "openai_chat", "claude_messages"
RESPONSES, GEMINI = "openai_responses", "gemini"

NONE, MINIMAL, LOW, MEDIUM, HIGH, XHIGH, MAX = Effort

# What the vectors of facts/02, section 7.12, call the models.
LEVELS = ThinkingSupport(levels=(MINIMAL, LOW, MEDIUM, HIGH))
SUBSET = ThinkingSupport(levels=(LOW, HIGH))
TO_XHIGH = ThinkingSupport(levels=(LOW, MEDIUM, HIGH, XHIGH))
G_BUDGET = ThinkingSupport(budgets=BudgetRange(128, 20000), dynamic_allowed=True)
G_MIXED = ThinkingSupport(
    levels=(LOW, HIGH), budgets=BudgetRange(128, 32768), dynamic_allowed=True
)
G_TOGGLE = ThinkingSupport(budgets=BudgetRange(512, 24576), zero_allowed=True)
FLASH = ThinkingSupport(budgets=BudgetRange(0, 24576))
C_BUDGET = ThinkingSupport(budgets=BudgetRange(1024, 128000), zero_allowed=True)
SONNET = ThinkingSupport(levels=(LOW, MEDIUM, HIGH))
OPUS = ThinkingSupport(levels=(LOW, MEDIUM, HIGH, MAX))
OPUS_5 = ThinkingSupport(
    levels=(LOW, MEDIUM, HIGH, XHIGH, MAX), zero_allowed=True, dynamic_allowed=True
)
KIMI = ThinkingSupport(levels=(LOW, HIGH), zero_allowed=True, foreign=True)
KIMI_ALWAYS = ThinkingSupport(levels=(LOW, HIGH), foreign=True)
GROK = ThinkingSupport(levels=(NONE, LOW, MEDIUM, HIGH), foreign=True)
THOUGHTLESS = ThinkingSupport()
UNKNOWN = None


# Wishes in words: `high`, `8192`, `auto`, `auto high` (Claude's adaptive with an
# effort); in parentheses when a suffix of the model name says it.


def wish_of(words: str) -> ReasoningWish:
    wish = ReasoningWish()
    for word in words.split():
        if word == "auto":
            wish = attrs.evolve(wish, adaptive=True)
        elif word.lstrip("-").isdigit():
            wish = attrs.evolve(wish, budget=int(word))
        elif word in ("shown", "hidden"):
            wish = attrs.evolve(wish, visible=word == "shown")
        else:
            wish = attrs.evolve(wish, effort=Effort(word))
    return wish


def words_of(wish: ReasoningWish | None) -> str:
    if wish is None:
        return ""
    words = [
        "auto" if wish.adaptive else "",
        "" if wish.budget is None else str(wish.budget),
        "" if wish.effort is None else wish.effort.value,
        {None: "", True: "shown", False: "hidden"}[wish.visible],
    ]
    return " ".join(word for word in words if word)


def fit(
    source: str,
    target: str,
    support: ThinkingSupport | None,
    said: str,
    default: Effort | None = None,
) -> Fitted:
    body, _, suffix = said.partition("(")
    return fit_thinking(
        wish_of(body) if body.strip() else None,
        support,
        source=source,
        target=target,
        suffix=split_suffix(f"m({suffix}")[1] if suffix else None,
        default=default,
    )


# fmt: off
VECTORS = [
    # vector  caller     upstream   model        said            written
    (17,      CHAT,      CLAUDE,    OPUS,        "none",         "none"),
    (17,      CHAT,      CLAUDE,    C_BUDGET,    "none",         "none"),
    (17,      CHAT,      CLAUDE,    OPUS,        "minimal",      "auto low"),
    (17,      CHAT,      CLAUDE,    OPUS,        "xhigh",        "auto max"),
    (17,      CHAT,      CLAUDE,    SONNET,      "xhigh",        "auto high"),
    (17,      CHAT,      CLAUDE,    OPUS,        "auto",         "auto high"),
    (17,      CHAT,      CLAUDE,    C_BUDGET,    "medium",       "8192"),
    (60,      CLAUDE,    RESPONSES, TO_XHIGH,    "auto",         "xhigh"),
    (60,      CLAUDE,    RESPONSES, TO_XHIGH,    "none",         "low"),
    (60,      CLAUDE,    RESPONSES, GROK,        "none",         "none"),
    (162,     CHAT,      RESPONSES, LEVELS,      "(none)",       "minimal"),
    (162,     CHAT,      RESPONSES, LEVELS,      "(auto)",       "medium"),
    (162,     CHAT,      RESPONSES, LEVELS,      "(64000)",      "high"),
    (162,     CHAT,      RESPONSES, LEVELS,      "(0)",          "minimal"),
    (162,     CHAT,      RESPONSES, LEVELS,      "(-1)",         "medium"),
    (162,     CHAT,      RESPONSES, LEVELS,      "(xhigh)",      "error"),
    (162,     CHAT,      RESPONSES, LEVELS,      "xhigh",        "error"),
    (163,     CLAUDE,    CHAT,      LEVELS,      "",             ""),
    (163,     CLAUDE,    CHAT,      LEVELS,      "64000",        "high"),
    (163,     CLAUDE,    CHAT,      LEVELS,      "0",            "minimal"),
    (163,     CLAUDE,    CHAT,      LEVELS,      "auto xhigh",   "high"),
    (163,     CLAUDE,    CHAT,      LEVELS,      "auto max",     "high"),
    (164,     CHAT,      RESPONSES, SUBSET,      "(8192)",       "low"),
    (164,     CHAT,      RESPONSES, SUBSET,      "(1)",          "low"),
    (164,     CHAT,      RESPONSES, SUBSET,      "(auto)",       "low"),
    (165,     CHAT,      GEMINI,    G_BUDGET,    "medium",       "8192"),
    (165,     CHAT,      GEMINI,    G_BUDGET,    "xhigh",        "20000"),
    (165,     CHAT,      GEMINI,    G_BUDGET,    "64000",        "20000"),
    (165,     CHAT,      GEMINI,    G_BUDGET,    "0",            "128"),
    (165,     CHAT,      GEMINI,    G_BUDGET,    "none",         "128"),
    (165,     CHAT,      GEMINI,    G_BUDGET,    "(0)",          "128"),
    (165,     CHAT,      GEMINI,    G_BUDGET,    "-1",           "auto"),
    (165,     CHAT,      GEMINI,    G_BUDGET,    "(auto)",       "auto"),
    (165,     GEMINI,    GEMINI,    G_BUDGET,    "64000",        "error"),
    (165,     GEMINI,    GEMINI,    G_BUDGET,    "(64000)",      "20000"),
    (166,     CHAT,      GEMINI,    G_MIXED,     "high",         "high"),
    (166,     CHAT,      GEMINI,    G_MIXED,     "xhigh",        "high"),
    (166,     CHAT,      GEMINI,    G_MIXED,     "none",         "low"),
    (166,     CHAT,      GEMINI,    G_MIXED,     "64000",        "32768"),
    (166,     CHAT,      GEMINI,    G_MIXED,     "auto",         "auto"),
    (166,     GEMINI,    GEMINI,    G_TOGGLE,    "shown (none)", "none"),
    (167,     CHAT,      CLAUDE,    C_BUDGET,    "medium",       "8192"),
    (167,     CHAT,      CLAUDE,    C_BUDGET,    "xhigh",        "32768"),
    (167,     CHAT,      CLAUDE,    C_BUDGET,    "none",         "none"),
    (167,     CHAT,      CLAUDE,    C_BUDGET,    "(auto)",       "64512"),
    (167,     CHAT,      CLAUDE,    C_BUDGET,    "200000",       "128000"),
    (167,     CLAUDE,    CLAUDE,    C_BUDGET,    "200000",       "error"),
    (168,     CHAT,      CLAUDE,    SONNET,      "minimal",      "auto low"),
    (168,     CHAT,      CLAUDE,    SONNET,      "xhigh",        "auto high"),
    (168,     CHAT,      CLAUDE,    SONNET,      "max",          "auto high"),
    (168,     GEMINI,    CLAUDE,    SONNET,      "512",          "auto low"),
    (168,     GEMINI,    CLAUDE,    SONNET,      "1024",         "auto low"),
    (168,     GEMINI,    CLAUDE,    SONNET,      "8192",         "auto medium"),
    (168,     GEMINI,    CLAUDE,    SONNET,      "24576",        "auto high"),
    (168,     GEMINI,    CLAUDE,    SONNET,      "32768",        "auto high"),
    (168,     GEMINI,    CLAUDE,    SONNET,      "-1",           "auto high"),
    (168,     GEMINI,    CLAUDE,    SONNET,      "0",            "none"),
    (168,     GEMINI,    CLAUDE,    OPUS,        "32768",        "auto max"),
    (168,     CLAUDE,    CLAUDE,    SONNET,      "auto max",     "error"),
    (168,     CLAUDE,    CLAUDE,    SONNET,      "auto xhigh",   "error"),
    (169,     CLAUDE,    GEMINI,    G_BUDGET,    "auto",         "20000"),
    (169,     CLAUDE,    GEMINI,    SUBSET,      "auto",         "high"),
    (170,     CHAT,      CLAUDE,    THOUGHTLESS, "max",          ""),
    (170,     CHAT,      CLAUDE,    THOUGHTLESS, "shown",        ""),
    (170,     CHAT,      CLAUDE,    THOUGHTLESS, "none",         ""),
    (170,     CLAUDE,    CLAUDE,    THOUGHTLESS, "5000 shown",   ""),
    (170,     CLAUDE,    CLAUDE,    THOUGHTLESS, "high",         ""),
    (170,     CHAT,      CHAT,      THOUGHTLESS, "(xhigh)",      ""),
    (170,     CHAT,      CHAT,      THOUGHTLESS, "(auto)",       ""),
    (170,     CHAT,      CHAT,      UNKNOWN,     "(8192)",       "medium"),
    (170,     CHAT,      CHAT,      UNKNOWN,     "(64000)",      "xhigh"),
    (170,     CHAT,      CHAT,      UNKNOWN,     "(0)",          "none"),
    (170,     CHAT,      CHAT,      UNKNOWN,     "(-1)",         "auto"),
    (170,     CHAT,      CLAUDE,    UNKNOWN,     "(8192)",       "8192"),
    (170,     CHAT,      CLAUDE,    UNKNOWN,     "8192",         "8192"),
    # Which of two fields a caller of Kimi's goes by, and `keep`, wait for the provider.
    (171,     CHAT,      CHAT,      KIMI,        "none",         "none"),
    (171,     CHAT,      CHAT,      KIMI_ALWAYS, "none",         "low"),
    (171,     CHAT,      CHAT,      KIMI_ALWAYS, "32768",        "high"),
    (171,     CHAT,      CHAT,      GROK,        "xhigh",        "high"),
    (171,     CHAT,      CHAT,      GROK,        "max",          "high"),
    (171,     CHAT,      CHAT,      GROK,        "(512)",        "low"),
    (171,     CHAT,      CHAT,      GROK,        "0",            "none"),
    (171,     CHAT,      CHAT,      GROK,        "minimal",      "low"),
]

# What the vectors leave open.
CASES = [
    # caller     upstream   model       said             written
    (CHAT,       CLAUDE,    OPUS_5,     "auto",          "auto"),
    (CHAT,       CLAUDE,    OPUS_5,     "xhigh",         "auto xhigh"),
    (CHAT,       CLAUDE,    OPUS_5,     "8192",          "auto medium"),
    (CHAT,       CLAUDE,    OPUS_5,     "high hidden",   "auto high hidden"),
    (CHAT,       CLAUDE,    SONNET,     "shown",         "auto high shown"),
    (CHAT,       CLAUDE,    C_BUDGET,   "shown",         "1024 shown"),
    (CHAT,       CLAUDE,    FLASH,      "shown",         "1024 shown"),
    (CHAT,       CLAUDE,    C_BUDGET,   "hidden",        "hidden"),
    (CHAT,       CLAUDE,    C_BUDGET,   "low shown",     "1024 shown"),
    (CHAT,       CLAUDE,    UNKNOWN,    "shown",         "shown"),
    (CHAT,       CLAUDE,    UNKNOWN,    "high",          "24576"),
    (CHAT,       CLAUDE,    UNKNOWN,    "auto",          "auto"),
    (CHAT,       CLAUDE,    UNKNOWN,    "low 9000",      "9000"),
    (CHAT,       CLAUDE,    UNKNOWN,    "0",             "none"),
    (CHAT,       CLAUDE,    UNKNOWN,    "-7",            "error"),
    (CHAT,       CLAUDE,    C_BUDGET,   "-7",            "error"),
    # Claude's effort beside and without thinking.
    (CLAUDE,     CLAUDE,    SONNET,     "auto",          "auto"),
    (CLAUDE,     CLAUDE,    SONNET,     "auto low",      "auto low"),
    (CLAUDE,     CLAUDE,    SONNET,     "max",           "max"),
    (CLAUDE,     CLAUDE,    SONNET,     "max (low)",     "auto low"),
    (CLAUDE,     CLAUDE,    SONNET,     "9000",          "auto high"),
    (CLAUDE,     CLAUDE,    OPUS,       "32768",         "auto high"),
    (CLAUDE,     CLAUDE,    SONNET,     "9000 low",      "auto low"),
    (CLAUDE,     CLAUDE,    C_BUDGET,   "9000 low",      "9000 low"),
    (CLAUDE,     CLAUDE,    C_BUDGET,   "auto",          "64512"),
    (CLAUDE,     CLAUDE,    C_BUDGET,   "0",             "none"),
    (CLAUDE,     CLAUDE,    C_BUDGET,   "none shown",    "none"),
    (CLAUDE,     CLAUDE,    C_BUDGET,   "500000 (1)",    "1024"),
    (CLAUDE,     CLAUDE,    UNKNOWN,    "auto max",      "auto max"),
    (CLAUDE,     CLAUDE,    UNKNOWN,    "-7",            "-7"),
    (CLAUDE,     CLAUDE,    UNKNOWN,    "(high)",        "24576"),
    (CLAUDE,     CHAT,      UNKNOWN,    "auto max",      "max"),
    (CLAUDE,     CHAT,      UNKNOWN,    "9000 low",      "low"),
    (CLAUDE,     CHAT,      LEVELS,     "high",          "high"),
    (CLAUDE,     GEMINI,    G_BUDGET,   "9000 low",      "9000"),
    (CLAUDE,     GEMINI,    G_BUDGET,   "low (auto)",    "auto"),
    # A suffix says how much; whether it is shown, only the body can say.
    (GEMINI,     GEMINI,    G_BUDGET,   "900 shown (9)", "128 shown"),
    (GEMINI,     GEMINI,    G_MIXED,    "xhigh",         "error"),
    (GEMINI,     GEMINI,    G_MIXED,    "(xhigh)",       "error"),
    (GEMINI,     GEMINI,    G_MIXED,    "0",             "128"),
    (GEMINI,     GEMINI,    G_TOGGLE,   "auto",          "12544"),
    (GEMINI,     GEMINI,    FLASH,      "none",          "none"),
    # Numbers where the API has words, of a model that has numbers.
    (GEMINI,     CHAT,      G_BUDGET,   "max",           "high"),
    (GEMINI,     CHAT,      G_BUDGET,   "auto",          "high"),
    (GEMINI,     CHAT,      G_MIXED,    "300",           "low"),
    (GEMINI,     CHAT,      G_BUDGET,   "none",          "minimal"),
    # One family, another vendor's model.
    (CLAUDE,     CLAUDE,    KIMI,       "auto max",      "auto high"),
    (CHAT,       CHAT,      LEVELS,     "max",           "error"),
]
# fmt: on


def outcome(source: str, target: str, model: ThinkingSupport | None, said: str) -> str:
    try:
        return words_of(fit(source, target, model, said).wish)
    except DecodeError:
        return "error"


@pytest.mark.parametrize(
    ("vector", "source", "target", "model", "said", "written"), VECTORS
)
def test_vectors(
    vector: int,
    source: str,
    target: str,
    model: ThinkingSupport | None,
    said: str,
    written: str,
) -> None:
    assert outcome(source, target, model, said) == written, vector


@pytest.mark.parametrize(("source", "target", "model", "said", "written"), CASES)
def test_a_wish_is_fitted(
    source: str, target: str, model: ThinkingSupport | None, said: str, written: str
) -> None:
    assert outcome(source, target, model, said) == written


@pytest.mark.parametrize("body", [None, ReasoningWish()])
@pytest.mark.parametrize("support", [UNKNOWN, LEVELS, THOUGHTLESS])
def test_nothing_said_is_nothing_written(
    body: ReasoningWish | None, support: ThinkingSupport | None
) -> None:
    assert fit_thinking(body, support, source=CHAT, target=CLAUDE) == Fitted(None)


# fmt: off
DEFAULTS = [
    # vector  caller     upstream   model     said     written
    (60,      CLAUDE,    RESPONSES, TO_XHIGH, "",      "medium"),
    (60,      CLAUDE,    RESPONSES, UNKNOWN,  "",      "medium"),
    (162,     CHAT,      RESPONSES, LEVELS,   "",      "medium"),
    (162,     CHAT,      RESPONSES, SUBSET,   "shown", "low shown"),
    (162,     CHAT,      RESPONSES, LEVELS,   "high",  "high"),
    (162,     GEMINI,    RESPONSES, G_BUDGET, "",      "medium"),
    (162,     RESPONSES, RESPONSES, LEVELS,   "",      ""),
    (170,     CHAT,      RESPONSES, THOUGHTLESS, "",   ""),
]
# fmt: on


@pytest.mark.parametrize(
    ("vector", "source", "target", "model", "said", "written"), DEFAULTS
)
def test_an_upstream_may_want_a_level_where_nothing_is_said(
    vector: int,
    source: str,
    target: str,
    model: ThinkingSupport | None,
    said: str,
    written: str,
) -> None:
    fitted = fit(source, target, model, said, default=MEDIUM)
    assert words_of(fitted.wish) == written, vector
    assert fitted.dropped == ()


# fmt: off
REASONS = [
    # caller  upstream   model        said           reason
    (CHAT,    GEMINI,    G_BUDGET,    "64000",       "budget 64000 clamped to 20000"),
    (CHAT,    GEMINI,    G_BUDGET,    "xhigh",       "level xhigh became budget 20000"),
    (CHAT,    GEMINI,    G_BUDGET,    "none",        "level none became budget 128"),
    (CHAT,    CLAUDE,    SONNET,      "xhigh",       "level xhigh became level high"),
    (CHAT,    CLAUDE,    SONNET,      "auto",        "auto became level high"),
    (CHAT,    CLAUDE,    SONNET,      "8192",        "budget 8192 became level medium"),
    (CLAUDE,  GEMINI,    G_BUDGET,    "auto",        "auto became budget 20000"),
    (CLAUDE,  CHAT,      UNKNOWN,     "64000",       "budget 64000 became level xhigh"),
    (CHAT,    CLAUDE,    THOUGHTLESS, "high",        "this model does not think"),
    (CHAT,    CLAUDE,    C_BUDGET,    "none shown",  "there is no thinking to show"),
    (CLAUDE,  CHAT,      LEVELS,      "9000 low",    "the level says how much"),
    (CLAUDE,  GEMINI,    G_BUDGET,    "9000 low",    "the budget says how much"),
    (CLAUDE,  CLAUDE,    C_BUDGET,    "0 low",       "the budget says how much"),
    # Nothing is lost when a level becomes the budget that it stands for, and so on.
    (CHAT,    CLAUDE,    SONNET,      "high",        None),
    (CHAT,    CLAUDE,    C_BUDGET,    "high",        None),
    (CHAT,    CLAUDE,    C_BUDGET,    "0",           None),
    (CHAT,    CLAUDE,    C_BUDGET,    "none hidden", None),
    (CHAT,    CLAUDE,    OPUS_5,      "auto",        None),
    (CHAT,    CLAUDE,    THOUGHTLESS, "none",        None),
    (CLAUDE,  CLAUDE,    C_BUDGET,    "9000 low",    None),
    (GEMINI,  GEMINI,    G_BUDGET,    "900 (8192)",  None),
]

# Each of these is changed by a model of one level.
PLACES = [
    (CHAT,      "max",        ".reasoning_effort"),
    (CHAT,      "none",       ".reasoning_effort"),
    (CHAT,      "9000",       ".reasoning.max_tokens"),
    (CHAT,      "auto",       ".reasoning.enabled"),
    (CHAT,      "low (max)",  ".model"),
    (RESPONSES, "max",        ".reasoning.effort"),
    (RESPONSES, "none",       ".reasoning.effort"),
    (CLAUDE,    "max",        ".output_config.effort"),
    (CLAUDE,    "auto max",   ".output_config.effort"),
    (CLAUDE,    "none",       ".thinking.type"),
    (CLAUDE,    "auto",       ".thinking.type"),
    (CLAUDE,    "9000",       ".thinking.budget_tokens"),
    (CLAUDE,    "0",          ".thinking.budget_tokens"),
    (GEMINI,    "max",        ".generationConfig.thinkingConfig.thinkingLevel"),
    (GEMINI,    "9000",       ".generationConfig.thinkingConfig.thinkingBudget"),
    (GEMINI,    "-1",         ".generationConfig.thinkingConfig.thinkingBudget"),
]
# fmt: on


@pytest.mark.parametrize(("source", "target", "model", "said", "reason"), REASONS)
def test_what_changes_is_reported(
    source: str,
    target: str,
    model: ThinkingSupport | None,
    said: str,
    reason: str | None,
) -> None:
    dropped = fit(source, target, model, said).dropped
    assert [item.reason for item in dropped] == ([reason] if reason else [])


@pytest.mark.parametrize(("source", "said", "path"), PLACES)
def test_it_is_reported_where_the_caller_said_it(
    source: str, said: str, path: str
) -> None:
    model = ThinkingSupport(levels=(MINIMAL,), foreign=True)
    (item,) = fit(source, CHAT, model, said).dropped
    assert item.path == path


# fmt: off
SHOWN = [
    # caller    model     said          path
    (CHAT,      C_BUDGET, "shown",      ".reasoning.exclude"),
    (RESPONSES, SONNET,   "shown",      ".reasoning.summary"),
    (CLAUDE,    SONNET,   "shown (none)", ".thinking.display"),
    (GEMINI,    SONNET,   "none shown",
     ".generationConfig.thinkingConfig.includeThoughts"),
]
# fmt: on


@pytest.mark.parametrize(("source", "model", "said", "path"), SHOWN)
def test_so_is_what_becomes_of_showing_it(
    source: str, model: ThinkingSupport, said: str, path: str
) -> None:
    (item,) = fit(source, CLAUDE, model, said).dropped
    assert item.path == path


# fmt: off
COMPLAINTS = [
    # caller  model     said            path                       reason
    (CHAT,    LEVELS,   "max",          ".reasoning_effort",
     "expected one of minimal, low, medium, high for this model"),
    (CHAT,    LEVELS,   "(max)",        ".model",
     "expected one of minimal, low, medium, high for this model"),
    (CLAUDE,  OPUS_5,   "auto minimal", ".output_config.effort",
     "expected one of none, low, medium, high, xhigh, max for this model"),
    (CLAUDE,  C_BUDGET, "1023",         ".thinking.budget_tokens",
     "expected 1024 to 128000 tokens for this model"),
    (CLAUDE,  C_BUDGET, "-2",           ".thinking.budget_tokens",
     "expected -1, 0 or a number of tokens"),
    (GEMINI,  G_BUDGET, "20001",
     ".generationConfig.thinkingConfig.thinkingBudget",
     "expected 128 to 20000 tokens for this model"),
]
# fmt: on


@pytest.mark.parametrize(("source", "model", "said", "path", "reason"), COMPLAINTS)
def test_a_complaint_has_the_callers_path(
    source: str, model: ThinkingSupport, said: str, path: str, reason: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        fit(source, source, model, said)
    assert (caught.value.path, caught.value.reason) == (path, reason)


# fmt: off
SUFFIXES = [
    # name               bare name      what the suffix asks for
    ("m",                "m",           ""),
    ("m(high)",          "m",           "high"),
    ("m(XHigh)",         "m",           "xhigh"),
    ("m(NONE)",          "m",           "none"),
    ("m(auto)",          "m",           "auto"),
    ("m(-1)",            "m",           "auto"),
    ("m(0)",             "m",           "none"),
    ("m(000)",           "m",           "none"),
    ("m(007)",           "m",           "7"),
    ("m(8192)",          "m",           "8192"),
    ("m(999999999)",     "m",           "999999999"),
    ("m(1000000000)",    "m",           ""),
    ("m(-2)",            "m",           ""),
    ("m(+1)",            "m",           ""),
    ("m(1.5)",           "m",           ""),
    ("m(\u0661)",        "m",           ""),
    ("m(tall)",          "m",           ""),
    ("m()",              "m",           ""),
    ("a(b)(low)",        "a(b)",        "low"),
    ("m (low)",          "m ",          "low"),
    ("m(low) ",          "m(low) ",     ""),
    ("m(low",            "m(low",       ""),
    ("low)",             "low)",        ""),
    ("",                 "",            ""),
]
# fmt: on


@pytest.mark.parametrize(("model", "name", "words"), SUFFIXES)
def test_a_suffix_is_split_off(model: str, name: str, words: str) -> None:
    found, wish = split_suffix(model)
    assert (found, words_of(wish)) == (name, words)


def test_every_dialect_has_a_row() -> None:
    assert DIALECTS.keys() <= WIRES.keys()


# Through the dialects, as far as they exist.

ASKED: JsonObject = {
    "model": "m",
    "max_tokens": 64000,
    "messages": [{"role": "user", "content": "hi"}],
}


def crossed(
    source: str, target: str, support: ThinkingSupport | None, **said: Json
) -> tuple[JsonObject, list[str]]:
    """What goes upstream of the caller's words, and the paths that were reported."""
    request = DIALECTS[source].parse_request({**ASKED, **said})
    fitted = fit_thinking(request.reasoning, support, source=source, target=target)
    request = attrs.evolve(request, reasoning=fitted.wish)
    emitted = DIALECTS[target].emit_request(request)
    kept = ("thinking", "output_config", "reasoning_effort", "reasoning")
    written = {k: v for k, v in emitted.payload.items() if k in kept}
    return written, [item.path for item in (*fitted.dropped, *emitted.dropped)]


def enabled(budget: int) -> JsonObject:
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


def adaptive(effort: str | None = None) -> JsonObject:
    thinking: JsonObject = {"thinking": {"type": "adaptive"}}
    return {**thinking, "output_config": {"effort": effort}} if effort else thinking


DISABLED: JsonObject = {"thinking": {"type": "disabled"}}

# fmt: off
TO_CLAUDE = [
    # model       effort     written            whether reported
    (OPUS,        "none",    DISABLED,          False),
    (OPUS,        "minimal", adaptive("low"),   True),
    (OPUS,        "xhigh",   adaptive("max"),   True),
    (SONNET,      "xhigh",   adaptive("high"),  True),
    (OPUS_5,      "xhigh",   adaptive("xhigh"), False),
    (C_BUDGET,    "medium",  enabled(8192),     False),
    (C_BUDGET,    "minimal", enabled(1024),     True),
    (UNKNOWN,     "medium",  enabled(8192),     False),
    (THOUGHTLESS, "high",    {},                True),
]
TO_CHAT = [
    # model       said              effort     reported
    (LEVELS,      {},               None,      []),
    (LEVELS,      enabled(64000),   "high",    [".thinking.budget_tokens"]),
    (LEVELS,      adaptive(),       "high",    [".thinking.type"]),
    (TO_XHIGH,    adaptive(),       "xhigh",   [".thinking.type"]),
    (TO_XHIGH,    adaptive("max"),  "xhigh",   [".output_config.effort"]),
    (LEVELS,      DISABLED,         "minimal", [".thinking.type"]),
    (KIMI,        DISABLED,         "none",    []),
    (UNKNOWN,     enabled(8192),    "medium",  [".thinking.budget_tokens"]),
    (THOUGHTLESS, enabled(8192),    None,      [".thinking.budget_tokens"]),
]
# fmt: on


@pytest.mark.parametrize(("support", "effort", "written", "reported"), TO_CLAUDE)
def test_claude_is_told(
    support: ThinkingSupport | None, effort: str, written: JsonObject, reported: bool
) -> None:
    found, paths = crossed(CHAT, CLAUDE, support, reasoning_effort=effort)
    assert (found, paths) == (written, [".reasoning_effort"] if reported else [])


@pytest.mark.parametrize(("support", "said", "effort", "reported"), TO_CHAT)
def test_chat_is_told(
    support: ThinkingSupport | None,
    said: JsonObject,
    effort: str | None,
    reported: list[str],
) -> None:
    written = {"reasoning_effort": effort} if effort else {}
    assert crossed(CLAUDE, CHAT, support, **said) == (written, reported)


# For every model and every wish.

ranges = st.tuples(st.integers(0, 40000), st.integers(1, 200000)).map(
    lambda ends: BudgetRange(min(ends), max(ends))
)
supports = st.builds(
    ThinkingSupport,
    levels=st.sets(st.sampled_from(Effort)).map(tuple),
    budgets=st.none() | ranges,
    zero_allowed=st.booleans(),
    dynamic_allowed=st.booleans(),
    foreign=st.booleans(),
)
budgets = st.integers(0, 250000)
wishes = st.builds(
    ReasoningWish,
    effort=st.none() | st.sampled_from(Effort),
    budget=st.none() | st.just(-1) | budgets,
    adaptive=st.booleans(),
    visible=st.none() | st.booleans(),
)
wires = st.sampled_from(sorted(WIRES))


def is_allowed(wish: ReasoningWish, support: ThinkingSupport, target: str) -> bool:
    """Whether a model at an API of this dialect takes what is to be written."""
    wire, claude = WIRES[target], target == CLAUDE
    if wish.effort is NONE:
        return wish == ReasoningWish(effort=NONE) and (support.can_rest or claude)
    if wish.budget is not None:
        within = support.budgets is not None and support.budgets.clamp(wish.budget)
        return wire.budgets and within == wish.budget != 0 and not wish.adaptive
    if wish.effort is not None and support.budgets is not None and not support.steps:
        nearest = support.budgets.clamp(budget_of(wish.effort))
        return not wire.budgets and effort_of(nearest) is wish.effort
    if wish.effort is not None:
        return wish.effort in support.steps and wish.adaptive is claude
    if wish.adaptive:
        return wire.adapts and (support.dynamic_allowed or claude)
    return True


def is_bare_effort(wish: ReasoningWish, source: str, target: str) -> bool:
    return (
        source == target == CLAUDE
        and wish.effort not in (None, NONE)
        and wish == ReasoningWish(effort=wish.effort, visible=wish.visible)
    )


def fitted_or_none(
    wish: ReasoningWish,
    support: ThinkingSupport | None,
    source: str,
    target: str,
    by: str,
) -> Fitted | None:
    visible = ReasoningWish(visible=wish.visible)
    try:
        return fit_thinking(
            visible if by == "suffix" else wish,
            support,
            source=source,
            target=target,
            suffix=wish if by == "suffix" else None,
        )
    except DecodeError:
        return None


@example(
    ReasoningWish(effort=Effort.NONE),
    ThinkingSupport(budgets=BudgetRange(1, 1)),
    "gemini",
    "gemini",
    "body",
)
@given(wishes, supports, wires, wires, st.sampled_from(["body", "suffix"]))
def test_what_is_written_is_allowed_and_stays(
    wish: ReasoningWish, support: ThinkingSupport, source: str, target: str, by: str
) -> None:
    fitted = fitted_or_none(wish, support, source, target, by)
    assume(fitted is not None)
    assert fitted is not None
    written = fitted.wish
    if written is None:
        assert not support.thinks or wish == ReasoningWish()
        return
    assert support.thinks
    if not (by == "body" and is_bare_effort(wish, source, target)):
        assert is_allowed(written, support, target)
    again = fitted_or_none(written, support, source, target, by)
    assert again == Fitted(written)


def strength(wish: ReasoningWish | None) -> int:
    if wish is None:
        return 0
    if wish.budget is not None:
        return wish.budget
    return budget_of(wish.effort or NONE)


@given(wishes, wires, wires, st.sampled_from(["body", "suffix"]))
def test_of_an_unknown_model_what_is_written_stays(
    wish: ReasoningWish, source: str, target: str, by: str
) -> None:
    written = fitted_or_none(wish, UNKNOWN, source, target, by)
    assert written is not None
    if written.wish is not None:
        again = fitted_or_none(written.wish, UNKNOWN, source, target, by)
        assert again == Fitted(written.wish)


@given(st.tuples(budgets, budgets).map(sorted), supports, wires, wires)
def test_who_asks_for_more_gets_no_less(
    asked: list[int], support: ThinkingSupport, source: str, target: str
) -> None:
    less, more = (
        fitted_or_none(ReasoningWish(budget=n), support, source, target, "body")
        for n in asked
    )
    if less is not None and more is not None:
        assert strength(less.wish) <= strength(more.wish)


@given(wishes, wishes, supports, wires, wires)
def test_a_suffix_outweighs_the_body(
    body: ReasoningWish,
    suffix: ReasoningWish,
    support: ThinkingSupport,
    source: str,
    target: str,
) -> None:
    alone = ReasoningWish(visible=body.visible)
    found = [outcome_of(one, suffix, support, source, target) for one in (body, alone)]
    assert found[0] == found[1]


def outcome_of(
    body: ReasoningWish,
    suffix: ReasoningWish,
    support: ThinkingSupport,
    source: str,
    target: str,
) -> Fitted | str:
    try:
        return fit_thinking(body, support, source=source, target=target, suffix=suffix)
    except DecodeError as error:
        return error.path
