"""The rule by which a record becomes a row of CSV, and the way back."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
import pyarrow as pa

from sabah.dataset import fields

_UNSAFE: Final = re.compile(r"[\\\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ESCAPED: Final = re.compile(r"\\(?:u([0-9a-f]{4})|\\)")
_FORMULA: Final = tuple("=+-@＝＋－＠'")
"""A cell that begins with one of these signs is a formula to a spreadsheet; one that begins with the `'` would be taken for such a cell."""


def columns(names: str) -> list[str]:
    """Of the CSV file; those of `sources` are `sources.headline` and so on."""
    return list(fields.columns("flat", names))


def flatten(record: dict[str, Any], names: str = "sabah") -> list[str]:
    r"""Cells in the order of `columns(names)`, from a record under its own names.

    Null is an empty cell. Lists are JSON. In texts a backslash is doubled and a control character other than a line feed is `\u001b`; one that begins with
    `=`, `+`, `-`, `@`, their full-width forms or `'` gets a `'` before it.
    """
    cells = []
    for field in fields.FIELDS:
        value = record.get(field.name)
        if pa.types.is_struct(field.type):
            cells += [_cell((value or {}).get(part.name)) for part in field.type]
        elif field.name == "images":
            cells.append(_cell(fields.named_images(value or [], names)))
        else:
            cells.append(_cell(value))
    return cells + [_cell(record.get(name)) for name in fields.CLUSTER]


def unflatten(row: dict[str, str], names: str = "sabah") -> dict[str, Any]:
    """The record under its own names of a row of an export with `names`, read by `csv.DictReader` or by pandas with `dtype=str, keep_default_na=False`."""
    record: dict[str, Any] = {}
    types = fields.json_types() | fields.cluster_types()
    own = {fields.renamed(name, names): name for name in types}
    images = {called: key for key, called in fields.IMAGE_NAMES.items()} if names == "schema.org" else {}
    for called, cell in row.items():
        outer, _, inner = own.get(called, called).partition(".")
        if inner:
            record.setdefault(outer, {})[inner] = _value(cell, pa.string())
        else:
            record[outer] = _value(cell, types[outer])
    if images:
        record["images"] = [{images[key]: value for key, value in image.items()} for image in record["images"]]
    return record


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return escape(orjson.dumps(value).decode())
    return escape(value) if isinstance(value, str) else str(value)


def escape(text: str) -> str:
    if _UNSAFE.search(text):
        text = _UNSAFE.sub(_code, text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def unescape(cell: str) -> str:
    text = cell.removeprefix("'")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "\\", text) if "\\" in text else text


def _code(found: re.Match[str]) -> str:
    return "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):04x}"


def _value(cell: str, type_: pa.DataType) -> Any:
    if not cell:
        return None
    if pa.types.is_list(type_):
        return orjson.loads(unescape(cell))
    return int(cell) if pa.types.is_integer(type_) else unescape(cell)
