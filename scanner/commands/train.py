"""``digitscan train``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.commands.options import PATH_TYPE, data_option, example_epilog

_seed_option = click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="Random seed of data order, augmentation and initial weights.",
)
_models_option = click.option(
    "--models",
    type=PATH_TYPE,
    metavar="DIR",
    default=Path("models"),
    show_default=True,
    help="Folder for the weights and their model card.",
)

_rounds_option = click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="Number of rounds of training.  [default: as many as fit in an hour]",
)


PAGE_KINDS = ("exam_ids", "worksheets", "logs", "registers", "marksheets", "tally", "logbooks", "field", "print")
"""Kinds of pages in the data folder; a copy of their names, as importing them takes a second."""
_start_option = click.option(
    "--start",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Begin with these weights, such as those in models/, and train them further.",
)


@click.group(epilog=example_epilog("pip install 'digitscan[train]'", "digitscan train digits --data ~/digit-data"))
def train() -> None:
    """Train the models again.

    Uses a folder of labelled data.  Without one, MNIST is downloaded and combined
    with synthetic handwriting.  For the digits of your own hand there is
    digitscan train digits --drawn, which needs no other data.
    """


@train.command(
    epilog=example_epilog(
        "digitscan train digits --data ~/digit-data --epochs 5 --models my-models/",
        "digitscan train digits --drawn drawn/ --models my-models/",
    )
)
@data_option
@click.option(
    "--drawn",
    type=PATH_TYPE,
    metavar="DIR",
    help="Learn your own digits, offline and without other data: pictures of one digit each in DIR/0 to DIR/9, as "
    "digitscan pad saves them.  Begins with the weights that come with the program, unless --start names others.",
)
@_seed_option
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="Number of passes over the data.  [default: as many as fit in half an hour, with --drawn in a minute]",
)
@_start_option
@_models_option
def digits(
    data: Path | None, drawn: Path | None, seed: int, epochs: int | None, start: Path | None, models: Path
) -> None:
    """Train the neural network that reads single digits.

    With --drawn it learns how you write, from some hundred pictures.  A fifth of
    them is kept aside, to tell how many are read rightly before and after.
    """
    if drawn is None:
        from scanner.training.train_digits import train_digit_cnn

        train_digit_cnn(data, models, seed, epochs, click.echo, start)
        return
    if data is not None:
        raise click.UsageError("--data and --drawn both say what to learn from; give one of them")
    from scanner.training.train_own_digits import train_own_digits

    train_own_digits(drawn, models, seed, epochs, click.echo, start)


@train.command(epilog=example_epilog("digitscan train numbers --data ~/digit-data"))
@data_option
@_seed_option
@_rounds_option
@click.option(
    "--without",
    type=click.Choice(["cheques", "clinic", *PAGE_KINDS]),
    metavar="KIND",
    multiple=True,
    help="Learn nothing from cheques, clinic cells or a kind of page, such as tally, to measure on it.  May be "
    "repeated.",
)
@_start_option
@_models_option
def numbers(
    data: Path | None, seed: int, epochs: int | None, without: tuple[str, ...], start: Path | None, models: Path
) -> None:
    """Train the neural network that reads whole numbers.

    It learns from synthetic numbers and pages, and from the numbers in the data
    folder.  After an interruption, the same command resumes where it stopped.
    """
    from scanner.training.train_line_reader import train_line_reader

    train_line_reader(data, models, seed, epochs, click.echo, without, start)


@train.command(epilog=example_epilog("digitscan train pages --data ~/digit-data"))
@data_option
@_seed_option
@_rounds_option
@_models_option
@click.option(
    "--without",
    type=click.Choice(["clinic", *PAGE_KINDS]),
    metavar="KIND",
    multiple=True,
    help="Learn nothing from clinic cells or a kind of page, such as tally, to measure on it.  May be repeated.",
)
@_start_option
def pages(
    data: Path | None, seed: int, epochs: int | None, models: Path, without: tuple[str, ...], start: Path | None
) -> None:
    """Train the neural network that finds the numbers of a page.

    It is trained on synthetic pages, and on the numbers and pages of the data
    folder.  After an interruption, the same command resumes where it stopped.
    """
    from scanner.training.train_page_network import train_page_network

    train_page_network(data, models, seed, epochs, click.echo, without, start)


@train.command(epilog=example_epilog("digitscan train average first/pages.onnx second/pages.onnx --models mean/"))
@click.argument("files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True)
@_models_option
def average(files: tuple[Path, ...], models: Path) -> None:
    """Average the weights of networks trained one from another.

    FILES are weights with their cards, such as pages.onnx of a first run, and of
    one that began with it (--start).  Their mean reads other paper better than the
    last of them.
    """
    from scanner.training.average_weights import average_weights

    average_weights(files, models, click.echo)


@train.command(epilog=example_epilog("digitscan train orientation --data ~/digit-data"))
@data_option
@_seed_option
@click.option("--steps", type=click.IntRange(min=1), help="Number of batches.  [default: about half an hour's]")
@_models_option
def orientation(data: Path | None, seed: int, steps: int | None, models: Path) -> None:
    """Train the neural network that tells which way up a page is.

    It is trained on characters of synthetic pages.
    """
    from scanner.training.train_orientation import train_orientation_network

    train_orientation_network(data, models, seed, steps, click.echo)


@train.command(epilog=example_epilog("digitscan train svm --data ~/digit-data --models my-models/"))
@data_option
@_seed_option
@_models_option
def svm(data: Path | None, seed: int, models: Path) -> None:
    """Train the support vector machine that reads single digits."""
    from scanner.training.train_digits import train_digit_svm

    train_digit_svm(data, models, seed, click.echo)


@train.command(epilog=example_epilog("digitscan train marks --data ~/digit-data --models my-models/"))
@data_option
@_seed_option
@_models_option
def marks(data: Path | None, seed: int, models: Path) -> None:
    """Fit the model that tells crosses and dashes from digits.

    People write them into the empty cells of a form.  It learns from the digits and
    signs in the data folder, and from crosses and dashes that the program draws.
    """
    from scanner.training.train_blank_marks import train_blank_marks

    train_blank_marks(data, models, seed, click.echo)


@train.command(epilog=example_epilog("digitscan train crops --data ~/digit-data"))
@data_option
@_models_option
def crops(data: Path | None, models: Path) -> None:
    """Fit the model that tells how sure a picture of one number is.

    It is fitted to what the other models in the folder read in labelled pictures.
    Fit it again whenever one of them has changed.
    """
    from scanner.training.train_crop_model import train_crop_model

    train_crop_model(data, models, click.echo)


@train.command(epilog=example_epilog("digitscan train rows --data ~/digit-data --left-out left-out/"))
@data_option
@_models_option
@click.option(
    "--left-out",
    type=PATH_TYPE,
    metavar="DIR",
    help="Write DIR/KIND for each kind of page too: the model fitted without this kind, to measure on it.  If "
    "DIR/KIND has a page network, trained without the kind, it reads the pages of the kind.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Pages read at the same time.")
def rows(data: Path | None, models: Path, left_out: Path | None, jobs: int) -> None:
    """Fit the model that tells how sure a number on a page is.

    It is fitted to what the other models in the folder read on labelled and on
    synthetic pages.  Fit it again whenever one of them has changed.
    """
    from scanner.training.train_row_model import train_row_model

    train_row_model(data, models, left_out, jobs, click.echo)
