"""A package with doctests, at the path that the page names."""

from pathlib import Path

CODE = '''"""Amounts."""


def with_tip(cents, percent):
    """Return the amount with a tip, rounded down to whole cents.

    >>> with_tip(1000, 15)
    1150
    >>> with_tip(999, 10)
    1098
    """
    return cents * (100 + percent) // 100


def share(cents, people):
    """Share an amount among people; the first ones pay the cents that are left over.

    >>> share(1000, 3)
    [334, 333, 333]
    >>> share(5, 5)
    [1, 1, 1, 1, 1]
    """
    each, over = divmod(cents, people)
    return [each + (payer < over) for payer in range(people)]
'''

Path("src/mypackage").mkdir(parents=True)
Path("src/mypackage/amounts.py").write_text(CODE)
