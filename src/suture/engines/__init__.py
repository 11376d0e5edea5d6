"""Text generation behind one port: ``open_engine`` gives a ``Generator`` for one GGUF pack."""
