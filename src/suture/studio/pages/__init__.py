"""Pages and their fragments: the server gives a fragment out, and a file packs the same bytes."""
