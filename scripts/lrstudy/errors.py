"""The one exception for mistakes that the user can mend."""

import os


class StudyError(Exception):
    """A mistake in the data or the config, said in one line: what is wrong, where, and what would be right."""


class Damaged(StudyError):
    """A file of our own making whose bytes are not those that were written; `path` names it."""

    def __init__(self, path: str | os.PathLike, reason: str):
        self.path = path
        super().__init__(f"{path}: damaged ({reason}); it is removed, and the next run makes it again")
