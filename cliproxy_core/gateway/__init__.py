"""One downstream connection and its exchanges, at byte and at message level."""
