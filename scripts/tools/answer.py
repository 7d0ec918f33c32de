"""Print the answers of studies, the files `answer.txt`: those that are named, or all that are there.

A target of the workflow ends with this, and `make answer` is this.
"""

import sys
from pathlib import Path


def main(paths: list[str]) -> None:
    """Print the files at `paths`, or every answer in results/; ends with one line where there is none."""
    found = paths or sorted(map(str, Path("results").glob("*/studies/*/answer.txt")))
    if not found:
        sys.exit("error: there is no answer here yet; run `make study` first")
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack a character
    for path in found:
        print(Path(path).read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
