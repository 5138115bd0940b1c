"""The composition root: commands, files and randomness of a deployment."""
