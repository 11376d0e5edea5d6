"""Files that appear whole or not at all, and are not believed before they are checked."""
