"""`python -m populace` is the `populace` command."""

from populace.cli.main import main

main()
