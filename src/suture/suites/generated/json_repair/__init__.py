"""Suite ``json-repair``: broken JSON in, the value it was meant to be out."""
