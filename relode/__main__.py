"""`python -m relode` is the command line."""

from .cli import main

main()
