"""Run digitscan from a checkout: ``python cli.py`` is the same as the installed ``digitscan``."""

if __name__ == "__main__":
    from scanner.isolation import isolate

    # Before anything is imported that a file beside this one could stand in for.
    isolate()
    from scanner.commands import main

    main()
