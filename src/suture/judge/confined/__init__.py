"""What runs inside the sandbox, and the wire format both sides speak.

Standard library only, and nothing of Suture: the sandbox sees this one package and a bare
Python. Tests and expected values never come here.
"""
