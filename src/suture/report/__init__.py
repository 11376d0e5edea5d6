"""Reports: every number in them comes from the ledger or from a file a stage vouched for."""
