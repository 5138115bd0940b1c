"""Bytes to frames and back. Has never heard of a model."""
