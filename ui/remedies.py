"""What an error of the operating system tells the user to do."""

import errno
import os

_REMEDIES = {
    errno.ENOSPC: "free some disk space and run it again",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f)",
    errno.EDQUOT: "free some disk space and run it again",
    errno.EACCES: "change its permissions or choose another place",
    errno.EPERM: "change its permissions or choose another place",
    errno.EROFS: "choose a folder that can be written",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.EISDIR: "name a file, not a folder",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EMFILE: "close other programs or raise the limit of open files",
}


def told(error: OSError) -> str:
    """Return the error as one line: the file, what happened, and the remedy where one is known."""
    place = f"{os.fsdecode(error.filename)}: " if error.filename else ""
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{place}{error.strerror or error}" + (f": {remedy}" if remedy else "")
