"""The life of one request: choose, open, commit, finish."""
