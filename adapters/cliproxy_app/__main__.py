"""`python -m cliproxy_app` is `cliproxy`."""

from .cli import main

main()
