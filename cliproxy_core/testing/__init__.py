"""For tests, ours and an embedder's: scripted upstreams that say what a test wrote."""
