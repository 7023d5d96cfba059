"""``digitscan form``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.options import PATH_TYPE, example_epilog, models_option
from scanner.commands.result_paths import FORM_PATH, PICTURE_PATH
from scanner.errors import PageError
from scanner.weights import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.weights import OwnWeights

_force_option = click.option("--force", is_flag=True, help="Overwrite files that exist.")


@click.group(
    epilog=example_epilog(
        "digitscan form new blank.png --out form.toml",
        "digitscan form edit form.toml",
    )
)
def form() -> None:
    """Make form files, which name the fields of a form once for all its pages."""


@form.command(
    epilog=example_epilog(
        "digitscan form new blank.png --out form.toml",
        "digitscan form new 'forms.pdf#2' --out second.toml --blank",
    )
)
@click.argument("page", metavar="PAGE")
@click.option("--out", type=FORM_PATH, required=True, metavar="FILE", help="Form file to write, FILE.toml.")
@click.option(
    "--filled/--blank",
    default=None,
    help="Whether somebody has written on the page.  [default: judged by what is seen in its fields]",
)
@models_option
@_force_option
def new(page: str, out: Path, filled: bool | None, models: OwnWeights | None, force: bool) -> None:
    """Suggest a form file for PAGE, to be edited.

    PAGE is a picture or a PDF of the form, best a blank one; FILE#2 is page 2.
    Combs, boxes, boxes to tick and tables become fields.  They are named by the
    words beside them if the PDF has text, and otherwise field_1, field_2 and so on.
    A page that does not lie straight is written once more beside the form file,
    straightened, to be its reference.
    """
    from scanner.form_making.new_form import write_new_form
    from scanner.forms.form import ReferenceState
    from scanner.reading_models import load_networks

    state = None if filled is None else ReferenceState.FILLED if filled else ReferenceState.BLANK
    made = write_new_form(page, out, load_networks(folder=folder_of(models)), state, overwrite=force)
    if made.straightened is not None:
        click.echo(f"the page does not lie straight; straightened -> {made.straightened}")
    counts = ((len(made.form.fields), "field"), (len(made.form.tables), "table"))
    counted = ", ".join(f"{count} {noun}" if count == 1 else f"{count} {noun}s" for count, noun in counts)
    click.echo(f"{counted}, reference {made.form.reference.state.value} -> {out}")
    click.echo(f"look at them: digitscan form show {out} --out {out.stem}.png")


@form.command(
    epilog=example_epilog(
        "digitscan form edit form.toml",
        "digitscan form edit form.toml page-17.png",
        "digitscan form edit new.toml blank.png",
    )
)
@click.argument("form_file", type=FORM_PATH, metavar="FORM")
@click.argument("page", required=False, metavar="[PAGE]")
@click.option("--port", type=int, default=0, metavar="N", help="Port to listen on.  [default: a free one]")
@models_option
def edit(form_file: Path, page: str | None, port: int, models: OwnWeights | None) -> None:
    """Edit FORM in a browser, and see what is read in its fields.

    Fields are drawn, moved, named and deleted on the page.  With PAGE, they are
    shown on that page and read there.  If FORM does not exist, PAGE is the page
    that it is made of, as with digitscan form new, and FORM is written when it is
    saved.  The server runs until Ctrl-C, for this computer alone.
    """
    from scanner.web import edit_form

    edit_form(
        form_file, page, port, lambda url: click.echo(f"Open {url} in a browser; Ctrl-C stops."), folder_of(models)
    )


@form.command(
    epilog=example_epilog(
        "digitscan form show form.toml --out fields.png",
        "digitscan form show form.toml page-17.png --out fields.png",
    )
)
@click.argument("form_file", type=PATH_TYPE, metavar="FORM")
@click.argument("page", required=False, metavar="[PAGE]")
@click.option("--out", type=PICTURE_PATH, required=True, metavar="FILE", help="Picture to write, FILE.png or FILE.jpg.")
def show(form_file: Path, page: str | None, out: Path) -> None:
    """Draw the fields of FORM on its reference, or on PAGE laid on it."""
    from scanner.atomic_write import write_image
    from scanner.form_making.form_pages import draw_on_reference

    write_image(out, draw_on_reference(form_file, page))
    click.echo(out)


@form.command(
    epilog=example_epilog(
        "digitscan form blank filled/ --out blank.png",
        "digitscan form new blank.png --out form.toml --blank",
    )
)
@click.argument("pages", nargs=-1, required=True, type=PATH_TYPE, metavar="FILE|FOLDER...")
@click.option("--out", type=PICTURE_PATH, required=True, metavar="FILE", help="Picture to write, FILE.png or FILE.jpg.")
@click.option(
    "--reference",
    metavar="PAGE",
    help="Page on which the others are laid, one that lies straight and is scanned well; FILE#2 is page 2.  "
    "[default: the first]",
)
@_force_option
@click.pass_context
def blank(ctx: click.Context, pages: tuple[Path, ...], out: Path, reference: str | None, force: bool) -> None:
    """Compute the blank form from filled pages of it.

    What nearly all pages have at the same place is kept.  Five pages or more are
    needed to be rid of the numbers in boxes; what is written alike on most pages
    stays.  Pages that are of another form are named and left out.
    """
    from scanner.form_making.blank_form import GOOD_PAGES, write_blank_form

    made = write_blank_form(pages, out, reference, overwrite=force)
    for line in made.left_out:
        click.echo(line, err=True)
    click.echo(f"computed from {made.used} pages -> {out}")
    if made.used < GOOD_PAGES:
        click.echo(f"from {GOOD_PAGES} pages on, less writing is left in it")
    if made.left_out:
        ctx.exit(PageError.exit_code)


@form.command(
    epilog=example_epilog(
        "digitscan form sample sample-form/",
        "digitscan scan sample-form/filled --form sample-form/form.toml",
    )
)
@click.argument("directory", type=PATH_TYPE, metavar="DIR")
def sample(directory: Path) -> None:
    """Write a sample form into DIR: its form file, a blank sheet, and filled ones.

    They are drawn by this program and are always the same.  One has a sum that is
    wrong.  Existing files with these names are overwritten.
    """
    from scanner.synthesis.sample_form import write_sample_form

    for path in write_sample_form(directory):
        click.echo(path)
