"""Whether Scrapyd answers: exit code 0, or 1 with a line that says why not. Needs nothing but Python.

Asks with SCRAPYD_USERNAME and SCRAPYD_PASSWORD at SCRAPYD_HTTP_PORT (6800), as Scrapyd itself reads them.
"""

from __future__ import annotations

import json
import os
import sys
from base64 import b64encode
from http.client import HTTPException
from urllib.request import ProxyHandler, Request, build_opener

SECONDS = 10


def main() -> int:
    who = f"{os.environ.get('SCRAPYD_USERNAME', '')}:{os.environ.get('SCRAPYD_PASSWORD', '')}"
    url = f"http://127.0.0.1:{os.environ.get('SCRAPYD_HTTP_PORT', '6800')}/daemonstatus.json"
    request = Request(url, headers={"Authorization": f"Basic {b64encode(who.encode()).decode()}"})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=SECONDS) as answer:
            status = json.load(answer)
    except (OSError, HTTPException, ValueError) as error:
        print(f"{url}: {error}", file=sys.stderr)
        return 1
    print(json.dumps(status))
    return 0 if status.get("status") == "ok" else 1


if __name__ == "__main__":
    sys.exit(main())
