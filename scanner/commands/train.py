"""``digitscan train``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.commands.options import PATH_TYPE, data_option, example_epilog

_seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="Of data order, augmentation and initial weights."
)
_models_option = click.option(
    "--models",
    type=PATH_TYPE,
    metavar="DIR",
    default=Path("models"),
    show_default=True,
    help="Where the weights and their card go.",
)


@click.group(epilog=example_epilog("pip install 'digitscan[train]'", "digitscan train digits --data ~/digit-data"))
def train() -> None:
    """Train a classifier anew; needs labelled data.

    Without a data folder MNIST is downloaded, and the digits of this program's
    own pen are added.
    """


@train.command(epilog=example_epilog("digitscan train digits --data ~/digit-data --epochs 5 --models my-models/"))
@data_option
@_seed_option
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Passes over the data; without it, about half an hour of them."
)
@_models_option
def digits(data: Path | None, seed: int, epochs: int | None, models: Path) -> None:
    """Train the neural network that reads digits."""
    from scanner.training.train_digits import train_digit_cnn

    train_digit_cnn(data, models, seed, epochs, click.echo)


@train.command(epilog=example_epilog("digitscan train numbers --data ~/digit-data"))
@data_option
@_seed_option
@click.option("--epochs", type=click.IntRange(min=1), help="Rounds of training; without it, about an hour of them.")
@_models_option
def numbers(data: Path | None, seed: int, epochs: int | None, models: Path) -> None:
    """Train the neural network that reads whole numbers.

    Broken off, it goes on where it was when started again the same way.
    """
    from scanner.training.train_line_readers import train_crop_reader

    train_crop_reader(data, models, seed, epochs, click.echo)


@train.command(epilog=example_epilog("digitscan train text-lines --data ~/digit-data"))
@data_option
@_seed_option
@click.option("--epochs", type=click.IntRange(min=1), help="Rounds of training; without it, about an hour of them.")
@_models_option
def text_lines(data: Path | None, seed: int, epochs: int | None, models: Path) -> None:
    """Train the neural network that reads the numbers along a line of a page.

    It learns from pages that this program makes up and reads as far as that.
    Broken off, it goes on where it was when started again the same way.
    """
    from scanner.training.train_line_readers import train_text_line_reader

    train_text_line_reader(data, models, seed, epochs, click.echo)


@train.command(epilog=example_epilog("digitscan train pages --data ~/digit-data"))
@data_option
@_seed_option
@click.option("--epochs", type=click.IntRange(min=1), help="Rounds of training; without it, about an hour of them.")
@_models_option
def pages(data: Path | None, seed: int, epochs: int | None, models: Path) -> None:
    """Train the neural network that tells what the ink on a page is.

    It learns from pages that this program makes up; digits of a data folder are
    written on them beside its own.  Broken off, it goes on where it was when
    started again the same way.
    """
    from scanner.training.train_page_network import train_page_network

    train_page_network(data, models, seed, epochs, click.echo)


@train.command(epilog=example_epilog("digitscan train svm --data ~/digit-data --models my-models/"))
@data_option
@_seed_option
@_models_option
def svm(data: Path | None, seed: int, models: Path) -> None:
    """Train the support vector machine that the network is compared with."""
    from scanner.training.train_digits import train_digit_svm

    train_digit_svm(data, models, seed, click.echo)
