"""``python -m scanner`` is ``digitscan``."""

if __name__ == "__main__":
    from scanner.isolated_python import isolate

    # Before all further imports: those of runpy come earlier, and only "python -P" keeps the current folder from them.
    isolate()
    from scanner.commands import main

    main()
