"""``python -m cxanalysis.cli``, for where the command is not on the path."""

from cxanalysis.cli.app import app

if __name__ == "__main__":
    app()
