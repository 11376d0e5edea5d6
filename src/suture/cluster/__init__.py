"""Engines and judges of other machines, behind the same ports as those of this one. Ray starts and reaches them."""
