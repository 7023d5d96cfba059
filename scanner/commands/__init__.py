"""The command line.

Each command is a module of this package.  OpenCV, NumPy and everything else that
takes time to load is imported inside the command that needs it, so that
``--help`` answers at once.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from scanner import __version__
from scanner.commands.benchmark import benchmark
from scanner.commands.classify import classify
from scanner.commands.evaluate import evaluate
from scanner.commands.exit_codes import EXIT_CODES_HELP, INTERRUPTED_CODE, interrupt_message
from scanner.commands.export import export
from scanner.commands.form import form
from scanner.commands.options import example_epilog
from scanner.commands.pad import pad
from scanner.commands.review import review
from scanner.commands.samples import samples
from scanner.commands.scan import scan
from scanner.commands.stress import stress
from scanner.commands.synthesize import synthesize
from scanner.commands.train import train
from scanner.commands.web import web
from scanner.errors import DigitscanError, NotInstalledError
from scanner.isolated_python import isolated
from scanner.memory_limit import check_system_limit

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _memory_limit_named() -> Iterator[None]:
    """Name the limit that the system has set, if it is too low for the libraries: their own errors say otherwise."""
    try:
        yield
    except (ImportError, MemoryError):
        check_system_limit()
        raise


class _CommandGroup(click.Group):
    """A group of commands whose errors are one line on standard error and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            with _memory_limit_named():
                return super().invoke(ctx)
        except DigitscanError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except ImportError as error:
            if (error.name or "").startswith("scanner"):
                raise
            # Usually OpenCV on a machine without a screen: pip cannot install the system libraries it needs.
            advice = "install digitscan again; OpenCV on Debian and Ubuntu needs libgl1 and libglib2.0-0"
            click.echo(f"Error: a library cannot be loaded ({error}); {advice}", err=True)
            ctx.exit(NotInstalledError.exit_code)
        except MemoryError:
            click.echo("Error: there is not enough memory; end other programs, or allow more (ulimit -v)", err=True)
            ctx.exit(DigitscanError.exit_code)
        except KeyboardInterrupt as interrupt:
            click.echo(interrupt_message(interrupt), err=True)
            ctx.exit(INTERRUPTED_CODE)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - given by click
        """List the commands in the order in which they are used, not alphabetically."""
        return list(self.commands)


@click.group(
    cls=_CommandGroup,
    epilog=example_epilog("digitscan scan forms/ --out results.csv --annotate checked/") + EXIT_CODES_HELP,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="digitscan")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Read the handwritten numbers on scanned pages into a table."""
    # Libraries start processes too: on some machines a lock of tqdm does.
    ctx.with_resource(isolated())


for _command in (
    scan,
    review,
    export,
    form,
    evaluate,
    classify,
    pad,
    web,
    samples,
    synthesize,
    benchmark,
    train,
    stress,
):
    main.add_command(_command)
