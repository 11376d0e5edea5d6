"""Kind ``python``."""
