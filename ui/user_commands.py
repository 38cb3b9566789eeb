"""``wenbao user``: who may log in to the chat app, in the password file of ``WENBAO_USERS``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="user",
    help="Who may log in to the chat app: add, remove, list, and tokens for programs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

FileOption = Annotated[
    Path | None,
    typer.Option("--users", metavar="FILE", help="The file.  \\[default: WENBAO_USERS]"),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The name to log in with.")]


@app.command()
def add(
    name: NameArgument,
    role: Annotated[
        str, typer.Option(metavar="reader|editor", help="An editor may change the corpus.")
    ] = "reader",
    file: FileOption = None,
) -> None:
    """Add a user, or set the role and password of one; asks for the password.

    Where there is no terminal the password is the first line of the standard input.
    """
    from ui.users import ROLES, add_user, require_name

    chosen = next((each for each in ROLES if each == role), None)
    if chosen is None:
        raise typer.BadParameter(f"{role!r}: give --role reader or --role editor")
    path = _file(file)
    require_name(name)
    known = add_user(path, name, chosen, _password(name))
    print(f"{'changed' if known else 'added'}: {name} ({chosen}) in {path}")


@app.command()
def remove(name: NameArgument, file: FileOption = None) -> None:
    """Remove a user; who has logged in as this user is out at once."""
    from ui.users import remove_user

    remove_user(_file(file), name)
    print(f"removed: {name}")


@app.command(name="list")
def list_users(file: FileOption = None) -> None:
    """List the users: name, role, and whether programs have a token."""
    from ui.users import read_users

    for user in read_users(_file(file)).values():
        print(f"{user.name:<20} {user.role}{'  token' if user.token else ''}")


@app.command()
def token(name: NameArgument, file: FileOption = None) -> None:
    """Make a token for the programs of a user, and print it: it is shown this once.

    The token of before is worth nothing any more.
    """
    from ui.users import make_token

    print(make_token(_file(file), name))


def _file(given: Path | None) -> Path:
    """Return the password file: the one given, else that of the settings."""
    from index.types import CorpusError
    from rag.config import load_settings

    path = given or load_settings().users
    if path is None:
        raise CorpusError(
            "no password file is named: set WENBAO_USERS to one, such as /var/lib/wenbao/users, or "
            "give --users FILE"
        )
    return path


def _password(name: str) -> str:
    """Return the password that is typed twice, unseen; from a pipe, its first line."""
    from getpass import getpass

    from index.types import CorpusError

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass(f"password for {name}: ")
    if getpass("once more: ") != password:
        raise CorpusError("these were two different passwords: nothing is changed")
    return password
