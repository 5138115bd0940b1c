"""Which credential takes a request."""

from .credential import Credential, credentials_of
from .machine import Acquire, Granted, Pool, Refused, Return, Withdraw

__all__ = [
    "Acquire",
    "Credential",
    "Granted",
    "Pool",
    "Refused",
    "Return",
    "Withdraw",
    "credentials_of",
]
