"""Run digitscan from a checkout: ``python cli.py`` is the same as the installed ``digitscan``."""

from scanner.commands import main

if __name__ == "__main__":
    main()
