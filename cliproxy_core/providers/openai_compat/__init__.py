"""Any service that speaks Chat Completions at a base URL."""

from .profile import PROFILE

__all__ = ["PROFILE"]
