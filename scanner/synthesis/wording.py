"""Random texts of synthetic pages and crops: words, names, dates, prices, formulas, numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    Generator = np.random.Generator


def word_list(words: str) -> tuple[str, ...]:
    """Split words at the blanks."""
    return tuple(words.split())


_COMMON_WORDS = word_list(
    "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but "
    "not what all were we when your can said there use an each which she do how their if will up other about out many "
    "then them these so some her would make like him into time has look two more write go see number no way could "
    "people my than first water been call who oil its now find long down day did get come made may part"
)
_SYLLABLES = word_list(
    "al an ar ba be bo ca ce ci co da de di do el en er es fa fe fi ga ge go ha he in is ka la le li lo lu ma me mi mo "
    "na ne ni no nu on or pa pe pi po qua ra re ri ro sa se si so su ta te ti to tra tu um un ur us va ve vi vo ya ze"
)
_ENDINGS = ("", "", "", "m", "n", "r", "s", "t", "l", "st", "nd", "ng")
_FIELD_NAMES = word_list(
    "Name Surname Address City Date Signature Amount Total Account Reference Telephone Email Department Position "
    "Class Subject Group Teacher Student Number Birthday Invoice Order Customer Item Quantity Price Paid Balance "
    "Reading Meter Serial Weight Height Temperature Pressure Result Score Marks Room Shift Operator Checked Remarks"
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MONTHS = word_list("January February March April May June July August September October November December")
_UNITS = ("kg", "mm", "km", "EUR", "kWh", "l", "m", "%", "pcs", "C", "h", "min")


def choose(rng: Generator, options: Sequence[str]) -> str:
    """Choose an option at random."""
    return options[int(rng.integers(len(options)))]


def random_word(rng: Generator) -> str:
    """A common or an invented word, in lower case."""
    if rng.random() < 0.4:
        return choose(rng, _COMMON_WORDS)
    return "".join(choose(rng, _SYLLABLES) for _ in range(int(rng.integers(1, 5)))) + choose(rng, _ENDINGS)


def random_name(rng: Generator) -> str:
    """An invented word with a capital."""
    return "".join(choose(rng, _SYLLABLES) for _ in range(int(rng.integers(2, 4)))).capitalize() + choose(rng, _ENDINGS)


def random_letters(rng: Generator, count: int) -> str:
    """``count`` letters as in comb fields: names and addresses without blanks, codes, the alphabet."""
    kind = rng.random()
    if kind < 0.6:
        letters = ""
        while len(letters) < count:
            letters += random_name(rng) if rng.random() < 0.7 else random_word(rng)
        return letters[:count]
    if kind < 0.85:
        return "".join(choose(rng, _LETTERS) for _ in range(count))
    start = int(rng.integers(len(_LETTERS)))
    return (_LETTERS * 3)[start : start + count]


def random_field_name(rng: Generator) -> str:
    """The name of a form field."""
    if rng.random() < 0.75:
        return choose(rng, _FIELD_NAMES)
    return random_name(rng) + (f" {random_word(rng)}" if rng.random() < 0.5 else "")


def random_heading(rng: Generator) -> str:
    """A heading of two to five words, some with a number."""
    words = [random_name(rng) if rng.random() < 0.6 else random_word(rng) for _ in range(int(rng.integers(2, 6)))]
    if rng.random() < 0.35:
        words.append(
            choose(
                rng,
                (str(rng.integers(1, 30)), str(rng.integers(1990, 2031)), f"{rng.integers(1, 9)}.{rng.integers(1, 9)}"),
            )
        )
    return " ".join(words).capitalize() if rng.random() < 0.3 else " ".join(words)


def random_running_words(rng: Generator, count: int, number_share: float) -> list[str]:
    """``count`` words of text with capitals, stops and commas; the share ``number_share`` of them are numbers."""
    words: list[str] = []
    capital = True
    for _ in range(count):
        text = random_printed_number(rng) if rng.random() < number_share else random_word(rng)
        if capital:
            text = text.capitalize()
        ending = rng.random()
        capital = ending < 0.1
        words.append(text + ("." if ending < 0.1 else "," if ending < 0.17 else ""))
    return words


def random_printed_number(rng: Generator) -> str:
    """A number as in print: with a unit, in brackets, as a price, time, date or reference."""
    n = int(10 ** rng.uniform(0, 4))
    forms = (
        f"{n}",
        f"({n % 60 + 1})",
        f"{n / 100:.2f}",
        f"{n:,}",
        f"${n / 10:.2f}",
        random_time_of_day(rng),
        random_date(rng),
        random_telephone_number(rng),
        f"{choose(rng, 'ABCDEFGHKLMNPRSTXZ')}{rng.integers(1, 999)}",
        f"{n % 500} {choose(rng, _UNITS)}",
        f"{n % 100}%",
        f"{rng.integers(1, 5)}/{rng.integers(2, 9)}",
        f"{rng.integers(1, 9)}.{rng.integers(1, 9)}.{rng.integers(1, 9)}",
        f"{rng.integers(1900, 2040)}",
        f"{rng.integers(1, 30)}th",
        f"No. {n}",
    )
    return forms[int(rng.integers(len(forms)))]


def random_time_of_day(rng: Generator) -> str:
    """A time of day."""
    return f"{rng.integers(0, 24):02d}{choose(rng, (':', ':', ':', '.', ''))}{rng.integers(0, 60):02d}"


def random_date(rng: Generator) -> str:
    """A date in one of the usual formats."""
    day, month, year = (int(rng.integers(*limits)) for limits in ((1, 29), (1, 13), (1980, 2031)))
    separator = choose(rng, ("/", ".", "-"))
    forms = (
        f"{day:02d}{separator}{month:02d}{separator}{year}",
        f"{year}-{month:02d}-{day:02d}",
        f"{_MONTHS[month - 1]} {day}, {year}",
        f"{day} {_MONTHS[month - 1][:3]} {year}",
    )
    return forms[int(rng.integers(len(forms)))]


def random_telephone_number(rng: Generator) -> str:
    """A telephone number."""
    a, b, c = (int(n) for n in rng.integers(100, 999, 3))
    return choose(
        rng, (f"({a}) {b}-{c * 9 + 1000}", f"0{a} {b} {c}", f"+{a % 90 + 10} {b} {c}{a}", f"{b}-{c * 9 + 1000}")
    )


def random_price(rng: Generator) -> str:
    """An amount of money."""
    value = float(10 ** rng.uniform(0, 4))
    return choose(rng, (f"{value:.2f}", f"{value:,.2f}", f"$ {value:.0f}", f"{value:.2f} EUR", f"{value:.0f}"))


def random_formula(rng: Generator) -> str:
    """A short equation."""
    a, b, c = (int(n) for n in rng.integers(1, 60, 3))
    x = choose(rng, "xyzntk")
    forms = (
        f"{x} = {a} + {b}{x} - {c}",
        f"f({x}) = {a}{x} + {b}",
        f"{a} + {b} = {a + b}",
        f"({a} - {x})/{b} = {c}",
        f"{a} x {b} = ?",
        f"A = ({a}, {b}, {c})",
        f"{a}% of {b} = {c}",
    )
    return choose(rng, forms)


def random_number_with_unit(rng: Generator) -> str:
    """A number, one in five with its unit: "10 %", "$ 250", "98°", "#7"."""
    number = random_written_number(rng)
    if rng.random() < 0.8:
        return number
    form = choose(rng, ("{} %", "{}%", "{} %", "{}°", "$ {}", "${}", "#{}", "# {}"))
    return form.format(number)


def random_written_number(rng: Generator) -> str:
    """A number as written by hand: whole, or with decimals or thousands separators."""
    kind = rng.random()
    if kind < 0.62:
        digits = int(rng.choice([1, 2, 3, 4, 5, 6, 7, 9], p=[0.1, 0.24, 0.24, 0.17, 0.1, 0.07, 0.04, 0.04]))
        return str(int(rng.integers(1, 10))) + random_digits(rng, digits - 1)
    if kind < 0.68:
        return random_digits(rng, int(rng.integers(3, 7)))
    if kind < 0.92:
        return f"{10 ** rng.uniform(0, 2.6):.{rng.integers(1, 3)}f}".replace(".", "." if rng.random() < 0.6 else ",")
    return f"{int(10 ** rng.uniform(3, 5.5)):,}".replace(",", "." if rng.random() < 0.5 else ",")


def random_digits(rng: Generator, count: int) -> str:
    """Draw ``count`` digits."""
    return "".join(map(str, rng.integers(0, 10, count)))
