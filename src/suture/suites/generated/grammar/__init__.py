"""Suite ``grammar``: small Python functions, composed of steps, each executed for its tests."""
