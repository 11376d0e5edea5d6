"""The only place that puts concrete parts behind ports."""
