"""The sans-IO core of cliproxy."""

__version__ = "0.1.0"
