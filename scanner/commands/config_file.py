"""The options of a command from a file, which is read only where ``--config`` names it.

No file is looked for: one that lies in a folder of scans must not say where results are written or which models are
loaded.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import click


def _read_config(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    """Take the options in a file for the defaults of the command; callback of an option."""
    if value is None:
        return
    try:
        entries = tomllib.loads(value.read_text("utf-8"))
    except OSError as error:
        raise click.BadParameter(f"{value}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise click.BadParameter(f"{value}: is not TOML ({error})") from error
    options = {name: each for each in ctx.command.params if each is not param for name in _keys(each)}
    defaults: dict[str, Any] = {}
    for key, entry in entries.items():
        if key not in options:
            raise click.BadParameter(f"{value}: {key} is no option; there are {', '.join(sorted(options))}")
        option = options[key]
        assert option.name is not None
        try:
            defaults[option.name] = _value(option, entry)
        except ValueError as error:
            raise click.BadParameter(f"{value}: {key} {error}") from error
    ctx.default_map = defaults


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    is_eager=True,
    expose_value=False,
    callback=_read_config,
    help="Take options from this TOML file, such as max-error = '1%'; those typed go before them.  No file is read "
    "unless it is named here.",
)


def _keys(parameter: click.Parameter) -> list[str]:
    """The long names of an option, without dashes; not those that switch it off."""
    if not isinstance(parameter, click.Option) or parameter.name == "help":
        return []
    return [flag.removeprefix("--") for flag in parameter.opts if flag.startswith("--")]


def _value(parameter: click.Parameter, entry: object) -> object:
    """Convert the value of an entry to what would be typed.

    Raises:
        ValueError: if it is of another type; the message says of which type it must be.
    """
    if isinstance(parameter, click.Option) and parameter.is_flag:
        if not isinstance(entry, bool):
            raise ValueError("must be true or false")
        return entry
    if parameter.multiple:
        if not isinstance(entry, list) or not all(isinstance(each, str) for each in entry):
            raise ValueError("must be a list of texts")
        return entry
    if isinstance(entry, bool) or not isinstance(entry, str | int | float):
        raise ValueError("must be a text or a number")
    return str(entry)
