"""The command line's entry point."""

from callside.cli.main import main

if __name__ == "__main__":
    main()
