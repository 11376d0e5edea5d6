"""``python -m suture`` is ``suture``."""

from suture.cli.main import main

if __name__ == "__main__":
    main()
