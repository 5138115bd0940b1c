"""Who speaks a dialect at an address: one folder each, a profile as its value."""

from typing import Final

from . import claude, codex, gemini, openai_compat
from .contract import CountPlace, Profile

__all__ = ["PROFILES", "CountPlace", "Profile"]

PROFILES: Final = {
    profile.id: profile
    for profile in (
        openai_compat.PROFILE,
        claude.PROFILE,
        gemini.PROFILE,
        codex.PROFILE,
    )
}
