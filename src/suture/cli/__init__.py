"""Verbs, output, failures. The only place where ports meet what stands behind them."""
