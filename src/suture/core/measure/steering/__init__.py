"""Which policy of a route is asked: what their answers were worth, folded into counts, and the draw. Pure."""
