import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.results.json_stream import entry_text, json_safe, stream_json_document

texts = st.text(st.characters(), max_size=9) | st.sampled_from(["\n", "\u2028", "a\r\n\n", "\n}", "\udcff"])
values = st.recursive(
    texts | st.integers() | st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=9,
)


@given(st.dictionaries(texts, values, min_size=1, max_size=3), st.lists(values, max_size=3))
def test_the_chunks_are_exactly_the_document(head: dict[str, object], entries: list[object]) -> None:
    head.pop("list", None)
    head["first"] = 1
    whole = json.dumps({**head, "list": entries}, ensure_ascii=False, indent=1) + "\n"
    assert "".join(stream_json_document(head, "list", map(entry_text, entries))) == whole


def test_what_json_cannot_hold_is_refused_or_made_text() -> None:
    infinite = float("-inf")
    with pytest.raises(ValueError, match="JSON"):
        list(stream_json_document({"a": infinite}, "list", []))
    values = (infinite, float("nan"), 0.5, 3, True, "nan")
    assert [json_safe(value) for value in values] == ["-inf", "nan", 0.5, 3, True, "nan"]
