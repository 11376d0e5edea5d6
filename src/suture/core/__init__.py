"""Types and decisions. Pure: nothing here reads a file, starts a process or looks at a clock."""
