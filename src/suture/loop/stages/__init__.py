"""The stages of a run, one file each, named as the ledger has them."""
