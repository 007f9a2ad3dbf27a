"""The pandoc filter: the document's JSON on stdin, the answered document on stdout."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run as ``pandoc --filter mdiff-pandoc``; the first argument names the writer.

    Exit code 1 when a request failed and the document says ``on-error: fail``, or an equality is
    refuted and it says ``check: fail``.
    """
    if len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help"):
        print("mdiff-pandoc is a filter: pandoc notes.md --filter mdiff-pandoc -o notes.html")
        return
    from mdiff_pandoc.document.convert import convert

    options = os.environ.get("PANDOC_READER_OPTIONS", "")
    done = convert(
        sys.stdin.buffer.read(),
        sys.argv[1] if len(sys.argv) > 1 else "html",
        file=os.environ.get("MDIFF_FILE", "document"),
        quiet=os.environ.get("MDIFF_REPORT") == "quiet",
        verbose=os.environ.get("MDIFF_REPORT") == "verbose",
        check=os.environ.get("MDIFF_CHECK", ""),
        markdown=not options or "tex_math" in options,
        css=bool(os.environ.get("MDIFF_CSS")),
    )
    for line in done.report:
        print(line, file=sys.stderr)
    if done.fatal:
        sys.exit(1)
    sys.stdout.buffer.write(done.json)


if __name__ == "__main__":
    main()
