"""What is printed and written on made-up pages: words, sentences, dates, prices, numbers as they stand in print."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    Generator = np.random.Generator


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_COMMON = _listed(
    "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but "
    "not what all were we when your can said there use an each which she do how their if will up other about out many "
    "then them these so some her would make like him into time has look two more write go see number no way could "
    "people my than first water been call who oil its now find long down day did get come made may part"
)
_SYLLABLES = _listed(
    "al an ar ba be bo ca ce ci co da de di do el en er es fa fe fi ga ge go ha he in is ka la le li lo lu ma me mi mo "
    "na ne ni no nu on or pa pe pi po qua ra re ri ro sa se si so su ta te ti to tra tu um un ur us va ve vi vo ya ze"
)
_ENDINGS = ("", "", "", "m", "n", "r", "s", "t", "l", "st", "nd", "ng")
_FIELDS = _listed(
    "Name Surname Address City Date Signature Amount Total Account Reference Telephone Email Department Position "
    "Class Subject Group Teacher Student Number Birthday Invoice Order Customer Item Quantity Price Paid Balance "
    "Reading Meter Serial Weight Height Temperature Pressure Result Score Marks Room Shift Operator Checked Remarks"
)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_MONTHS = _listed("January February March April May June July August September October November December")
_UNITS = ("kg", "mm", "km", "EUR", "kWh", "l", "m", "%", "pcs", "C", "h", "min")


def chosen(rng: Generator, options: Sequence[str]) -> str:
    """One of the options."""
    return options[int(rng.integers(len(options)))]


def word(rng: Generator) -> str:
    """A common word or one that only looks like one, in small letters."""
    if rng.random() < 0.4:
        return chosen(rng, _COMMON)
    return "".join(chosen(rng, _SYLLABLES) for _ in range(int(rng.integers(1, 5)))) + chosen(rng, _ENDINGS)


def name(rng: Generator) -> str:
    """A word with a capital."""
    return "".join(chosen(rng, _SYLLABLES) for _ in range(int(rng.integers(2, 4)))).capitalize() + chosen(rng, _ENDINGS)


def lettered(rng: Generator, count: int) -> str:
    """``count`` letters as they stand in boxes: names and addresses without blanks, codes, the alphabet."""
    kind = rng.random()
    if kind < 0.6:
        letters = ""
        while len(letters) < count:
            letters += name(rng) if rng.random() < 0.7 else word(rng)
        return letters[:count]
    if kind < 0.85:
        return "".join(chosen(rng, _ALPHABET) for _ in range(count))
    start = int(rng.integers(len(_ALPHABET)))
    return (_ALPHABET * 3)[start : start + count]


def field_name(rng: Generator) -> str:
    """What a field of a form is called."""
    if rng.random() < 0.75:
        return chosen(rng, _FIELDS)
    return name(rng) + (f" {word(rng)}" if rng.random() < 0.5 else "")


def heading(rng: Generator) -> str:
    """Two to five words, with a number now and then."""
    words = [name(rng) if rng.random() < 0.6 else word(rng) for _ in range(int(rng.integers(2, 6)))]
    if rng.random() < 0.35:
        words.append(
            chosen(
                rng,
                (str(rng.integers(1, 30)), str(rng.integers(1990, 2031)), f"{rng.integers(1, 9)}.{rng.integers(1, 9)}"),
            )
        )
    return " ".join(words).capitalize() if rng.random() < 0.3 else " ".join(words)


def sentences(rng: Generator, count: int, numerals: float) -> list[str]:
    """``count`` words of running text with capitals and stops; a share ``numerals`` of them are numbers."""
    words: list[str] = []
    capital = True
    for _ in range(count):
        text = numeral(rng) if rng.random() < numerals else word(rng)
        if capital:
            text = text.capitalize()
        ending = rng.random()
        capital = ending < 0.1
        words.append(text + ("." if ending < 0.1 else "," if ending < 0.17 else ""))
    return words


def numeral(rng: Generator) -> str:
    """A number as it stands in print: with a unit, in brackets, as a price, time, date or reference."""
    n = int(10 ** rng.uniform(0, 4))
    forms = (
        f"{n}",
        f"({n % 60 + 1})",
        f"{n / 100:.2f}",
        f"{n:,}",
        f"${n / 10:.2f}",
        clock(rng),
        date(rng),
        telephone(rng),
        f"{chosen(rng, 'ABCDEFGHKLMNPRSTXZ')}{rng.integers(1, 999)}",
        f"{n % 500} {chosen(rng, _UNITS)}",
        f"{n % 100}%",
        f"{rng.integers(1, 5)}/{rng.integers(2, 9)}",
        f"{rng.integers(1, 9)}.{rng.integers(1, 9)}.{rng.integers(1, 9)}",
        f"{rng.integers(1900, 2040)}",
        f"{rng.integers(1, 30)}th",
        f"No. {n}",
    )
    return forms[int(rng.integers(len(forms)))]


def clock(rng: Generator) -> str:
    """A time of day."""
    return f"{rng.integers(0, 24):02d}{chosen(rng, (':', ':', ':', '.', ''))}{rng.integers(0, 60):02d}"


def date(rng: Generator) -> str:
    """A date in one of the usual orders."""
    day, month, year = (int(rng.integers(*limits)) for limits in ((1, 29), (1, 13), (1980, 2031)))
    mark = chosen(rng, ("/", ".", "-"))
    forms = (
        f"{day:02d}{mark}{month:02d}{mark}{year}",
        f"{year}-{month:02d}-{day:02d}",
        f"{_MONTHS[month - 1]} {day}, {year}",
        f"{day} {_MONTHS[month - 1][:3]} {year}",
    )
    return forms[int(rng.integers(len(forms)))]


def telephone(rng: Generator) -> str:
    """A telephone number."""
    a, b, c = (int(n) for n in rng.integers(100, 999, 3))
    return chosen(
        rng, (f"({a}) {b}-{c * 9 + 1000}", f"0{a} {b} {c}", f"+{a % 90 + 10} {b} {c}{a}", f"{b}-{c * 9 + 1000}")
    )


def price(rng: Generator) -> str:
    """An amount of money."""
    value = float(10 ** rng.uniform(0, 4))
    return chosen(rng, (f"{value:.2f}", f"{value:,.2f}", f"$ {value:.0f}", f"{value:.2f} EUR", f"{value:.0f}"))


def formula(rng: Generator) -> str:
    """A short equation."""
    a, b, c = (int(n) for n in rng.integers(1, 60, 3))
    x = chosen(rng, "xyzntk")
    forms = (
        f"{x} = {a} + {b}{x} - {c}",
        f"f({x}) = {a}{x} + {b}",
        f"{a} + {b} = {a + b}",
        f"({a} - {x})/{b} = {c}",
        f"{a} x {b} = ?",
        f"A = ({a}, {b}, {c})",
        f"{a}% of {b} = {c}",
    )
    return chosen(rng, forms)


def amount(rng: Generator) -> str:
    """A number, one in five with its unit: "10 %", "$ 250", "98°", "#7"."""
    number = written_number(rng)
    if rng.random() < 0.8:
        return number
    form = chosen(rng, ("{} %", "{}%", "{} %", "{}°", "$ {}", "${}", "#{}", "# {}"))
    return form.format(number)


def written_number(rng: Generator) -> str:
    """A number as people write one: whole, now and then with decimals or thousands' points."""
    kind = rng.random()
    if kind < 0.62:
        digits = int(rng.choice([1, 2, 3, 4, 5, 6, 7, 9], p=[0.1, 0.24, 0.24, 0.17, 0.1, 0.07, 0.04, 0.04]))
        return str(int(rng.integers(1, 10))) + "".join(map(str, rng.integers(0, 10, digits - 1)))
    if kind < 0.68:
        return "".join(map(str, rng.integers(0, 10, int(rng.integers(3, 7)))))
    if kind < 0.92:
        return f"{10 ** rng.uniform(0, 2.6):.{rng.integers(1, 3)}f}".replace(".", "." if rng.random() < 0.6 else ",")
    return f"{int(10 ** rng.uniform(3, 5.5)):,}".replace(",", "." if rng.random() < 0.5 else ",")
