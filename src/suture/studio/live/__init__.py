"""The live studio: a web app on this machine alone, which gives out the same fragments that a file packs."""
