"""What a prompt shows that an answer can be held to before it is given."""

from enum import StrEnum


class Grounds(StrEnum):
    """From the strongest to none."""

    EXAMPLES = "examples"
    """Assertions, or calls with their results."""
    SCHEMA = "schema"
    """A JSON Schema, or the tables of a database."""
    TOOLS = "tools"
    """The tools that may be called."""
    FORM = "form"
    """Only the kind of job: the answer parses, and is not cut off."""
    NOTHING = "nothing"
