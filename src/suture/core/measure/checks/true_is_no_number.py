"""What pydantic would take for a number, and nobody means as one."""


def true_is_no_number(value: object) -> object:
    """Raises ValueError: true or false."""
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")  # noqa: TRY004 - pydantic reports ValueError
    return value
