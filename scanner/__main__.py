"""``python -m scanner`` is ``digitscan``."""

if __name__ == "__main__":
    from scanner.isolated_python import isolate

    # Before any import that a file in the current folder could shadow.
    isolate()
    from scanner.commands import main

    main()
