"""``python -m scanner`` is ``digitscan``."""

from scanner.commands import main

if __name__ == "__main__":
    main()
