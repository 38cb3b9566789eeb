"""What a file is by its first bytes, whatever its name says."""

# What each kind of file starts with, and what it is called.
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive, or a document of Word, Excel or EPUB"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    *((b"BZh%d" % level, "a bzip2 archive") for level in range(1, 10)),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an old Word or Excel"),
    (b"{\\rtf", "a document in RTF"),
    (b"%!PS", "a PostScript document"),
    *((b"ID3" + bytes([version]), "a sound recording") for version in (2, 3, 4)),
    (b"OggS", "a sound recording"),
)
_TAR = (257, b"ustar")


def kind_of(data: bytes) -> str:
    """Return what ``data`` is that is no plain text, in a few words; empty when nothing is told."""
    at, mark = _TAR
    if data.startswith(mark, at):
        return "a tar archive"
    return next((kind for start, kind in _SIGNATURES if data.startswith(start)), "")
