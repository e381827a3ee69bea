"""WARC files as tests need them, written by warcio."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterable

HTML = ("Content-Type", "text/html; charset=UTF-8")


class Writer(WARCWriter):  # type: ignore[misc]  # has no types
    """Into memory; `data` is what it has written."""

    def __init__(self, *, gzip: bool = True) -> None:
        self.file = io.BytesIO()
        super().__init__(self.file, gzip=gzip)

    def _create_temp_file(self) -> io.BytesIO:
        return io.BytesIO()  # warcio's own is left for the garbage collector to close, which warns

    @property
    def data(self) -> bytes:
        return self.file.getvalue()

    def add(
        self, url: str, at: str, body: bytes | str, headers: Iterable[tuple[str, str]] = (HTML,), status: str = "200 OK",
        kind: str = "response", protocol: str = "HTTP/1.1", **fields: str,
    ) -> int:  # fmt: skip
        """A record with an HTTP answer, in which nothing is repaired; its offset. `at` is ISO 8601 with Z."""
        offset = self.file.tell()
        head: Any = StatusAndHeaders(status, list(headers), protocol=protocol)
        data = body.encode() if isinstance(body, str) else body
        named = {"WARC-Date": at} | {name.replace("_", "-"): value for name, value in fields.items()}
        self.write_record(
            self.create_warc_record(url, kind, io.BytesIO(data), http_headers=head, warc_headers_dict=named)
        )
        return offset

    def add_other(self, kind: str, url: str, at: str, block: bytes, content: str) -> None:
        """A record without an HTTP answer."""
        self.write_record(
            self.create_warc_record(
                url, kind, io.BytesIO(block), warc_content_type=content, warc_headers_dict={"WARC-Date": at}
            )
        )
