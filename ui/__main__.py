"""``python -m ui``: the same as ``wenbao``."""

from ui.cli import main

if __name__ == "__main__":
    main()
