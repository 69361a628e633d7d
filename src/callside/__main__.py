"""The command line's entry point."""

import sys

from callside import __version__


def main() -> None:
    """Print the version."""
    sys.stdout.write(f"callside {__version__}\n")


if __name__ == "__main__":
    main()
