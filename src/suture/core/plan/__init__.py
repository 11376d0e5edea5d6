"""What a user writes, what it resolves to, and the ports the loop needs."""
