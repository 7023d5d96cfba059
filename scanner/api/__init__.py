"""The package for Python programs; its names are those of ``scanner`` itself."""
