"""`python -m populace` is the `populace` command."""

from populace.cli.main import main

if __name__ == "__main__":
    main()
