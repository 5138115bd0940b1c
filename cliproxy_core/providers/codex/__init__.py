"""OpenAI's Responses API, at its vendor or at anybody who offers it."""

from .profile import PROFILE

__all__ = ["PROFILE"]
