"""`python -m petition` is the `petition` command."""

from petition.cli import main

main()
