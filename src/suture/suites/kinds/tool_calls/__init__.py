"""Kind ``tool-calls``: which functions an answer calls, read from text and compared with what is wanted."""
