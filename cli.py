"""Run digitscan from a checkout: ``python cli.py`` is the same as the installed ``digitscan``."""

if __name__ == "__main__":
    from scanner.isolated_python import isolate

    # Before any import that a file beside this one could shadow.
    isolate()
    from scanner.commands import main

    main()
