"""What every script does around its work: its log file, and one line for a user's mistake."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lrstudy.files import records
from lrstudy.files.errors import Damaged, StudyError


@contextlib.contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Send everything a job prints to its log file; end a `StudyError` with one line instead of a traceback.

    Beside each file that the job has made it writes the file's record. The line starts with `error: ` and closes the
    log, where the Snakefile's `onerror` finds it. A file found damaged is removed, so that the next run makes just
    that one again. The process ends with the block, so that nothing may stand behind it.
    """
    try:
        _log_to(snakemake.log[0])
        yield
        for path in snakemake.output:
            records.write(path, snakemake.params.digest, snakemake.rule)
        _leave()
    except StudyError as error:
        if isinstance(error, Damaged):
            Path(error.path).unlink(missing_ok=True)
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("interrupted")
    except MemoryError as error:
        _fail(f"{', '.join(snakemake.output)}: not enough memory: {error}")
    except OSError as error:  # a full disk, a folder that may not be written to, …
        _fail(f"{error.filename or ', '.join(snakemake.output)}: {error.strerror or error}")


def _log_to(path: str) -> None:
    with open(path, "w", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(message)s")


def _leave() -> None:
    """End the process at once: all is written, and taking down Python with its libraries takes a fifth of a job."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def _fail(message: str) -> None:
    with contextlib.suppress(OSError):  # the disk that is full is the log's too
        print(f"error: {message}", file=sys.stderr, flush=True)
    sys.exit(1)
