"""``python -m scanner`` is ``digitscan``."""

if __name__ == "__main__":
    from scanner.isolation import isolate

    # Before anything is imported that a file in the current folder could stand in for.
    isolate()
    from scanner.commands import main

    main()
