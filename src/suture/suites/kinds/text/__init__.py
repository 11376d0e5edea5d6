"""Kind ``text``: exact, one of, number, choice, contains, pattern. Nothing is run."""
