"""Who speaks a dialect at an address: one folder each, a profile as its value."""

from typing import Final

from . import claude, openai_compat
from .contract import Profile

__all__ = ["PROFILES", "Profile"]

PROFILES: Final = {
    profile.id: profile for profile in (openai_compat.PROFILE, claude.PROFILE)
}
