"""The stages of a repair, and `heal`, which runs them all. Stages receive ports; only the CLI picks what is behind."""
