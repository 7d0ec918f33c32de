"""The one exception for mistakes that the user can mend."""


class StudyError(Exception):
    """A mistake in the data or the config, said in one line: what is wrong, where, and what would be right."""
