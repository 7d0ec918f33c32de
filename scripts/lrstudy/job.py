"""What every script does around its work: its log file, and one line for a user's mistake."""

import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrstudy.errors import StudyError


def run(main: Callable[[Any, Any, dict], None], snakemake: Any) -> None:
    """Call `main(input, output, settings)` of a script, where `settings` are the rule's params, see `settings_of`.

    Everything that it prints goes to the rule's log. A `StudyError` ends it with one line, `error: …`, instead of a
    traceback.
    """
    console = os.dup(sys.stderr.fileno())
    try:
        _log_to(snakemake.log[0])
        main(snakemake.input, snakemake.output, settings_of(snakemake.params))
    except StudyError as error:
        _fail(str(error), console)
    except KeyboardInterrupt:
        _fail("interrupted", console)
    except MemoryError as error:
        _fail(f"{', '.join(snakemake.output)}: not enough memory: {error}", console)
    except OSError as error:  # a full disk, a folder that may not be written to, …
        _fail(f"{error.filename or ', '.join(snakemake.output)}: {error.strerror or error}", console)


def settings_of(params: Any) -> dict[str, Any]:
    """Return a rule's params by name, those that are a dict of their own name and a value as that value."""
    alone = {name: isinstance(value, dict) and list(value) == [name] for name, value in params.items()}
    return {name: value[name] if alone[name] else value for name, value in params.items()}


def _log_to(path: str) -> None:
    with open(path, "w", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(message)s")


def _fail(message: str, console: int) -> None:
    """End the job with one line in its log, or on the console where the log's disk is full."""
    line = f"error: {message}"
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        os.write(console, f"{line}\n".encode())
    sys.exit(1)


def errors_since(start: float) -> list[str]:
    """Return the last `error: …` in the log of each job that failed since `start`, seconds since the epoch."""
    found = []
    for path in sorted(set(Path("results").glob("**/logs/**/*.log"))):
        text = f"\n{path.read_text(encoding='utf-8', errors='replace')}" if path.stat().st_mtime >= start else ""
        if "\nerror: " in text:
            message = text.rpartition("\nerror: ")[2].strip()
            found.append(f"error: {message}")
        elif "\nTraceback " in text:
            found.append(f"error: see {path}: {text.strip().splitlines()[-1]}")
    return found


def remove_damaged(errors: list[str]) -> None:
    """Remove the files that these lines call damaged, so that the next run makes them again.

    No job removes one itself: others may be about to read it, and Snakemake would not say what is wrong with it.
    """
    for path in filter(None, (re.match(r"error: (.*): damaged \(", line) for line in errors)):
        Path(path[1]).unlink(missing_ok=True)


def without_records() -> list[str]:
    """Return a warning where results are here without Snakemake's records of how they were made."""
    if not any(Path("results").glob("*/*")) or any(Path(".snakemake").glob("metadata/*")):
        return []
    return [
        "results/ is here without Snakemake's records of how it was made (.snakemake), so edits made since cannot be "
        "seen; add --forceall to make everything anew"
    ]
