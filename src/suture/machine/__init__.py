"""What this machine is: how many processors this process may use, and of which class they are."""
