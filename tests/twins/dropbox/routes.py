"""The endpoints, each with the argument, scope and style that the Stone contract gives it."""

from __future__ import annotations

from typing import Any

from dropbox import auth, files, users

from tests.twins.dropbox import accounts, listing, oauth
from tests.twins.dropbox.calls import Call, Route
from tests.twins.dropbox.ledger import note_write
from tests.twins.dropbox.listing import Cursor, Nonsense, Reset, told
from tests.twins.dropbox.refusals import bad, conflict
from tests.twins.dropbox.thumbnails import thumbnail
from tests.twins.dropbox.tree import Lookup, TooManyTags


def list_folder(call: Call) -> Any:
    """The first page."""
    return _page(call, _begin(call))


def latest_cursor(call: Call) -> Any:
    """A cursor after everything."""
    cursor = _begin(call)
    while True:
        found = listing.page(call.state, cursor)
        cursor = found.cursor
        if not found.more:
            return {"cursor": str(cursor)}


def list_more(call: Call) -> Any:
    """A later page."""
    try:
        cursor = Cursor.parse(call.argument.cursor)
    except Nonsense as error:
        raise bad(call.route, 'request body: cursor: Invalid "cursor" parameter') from error
    if cursor.root != call.account.root or cursor.base != call.base:
        raise bad(call.route, "request body: cursor: is of another account or another root")
    if call.fault is not None and call.fault.kind == "reset":
        raise conflict("reset")
    if call.fault is not None and call.fault.kind == "still":
        return {"entries": [], "cursor": str(cursor), "has_more": True}
    return _page(call, cursor)


def get_metadata(call: Call) -> Any:
    """What is known of a file or folder."""
    return _told(call, _need(call, call.argument.path))


def download(call: Call) -> Any:
    """The bytes of a file."""
    row = _need(call, call.argument.path, "file")
    if not row["downloadable"]:
        raise conflict("unsupported_file")
    return call.tree.data(row), _told(call, row), "application/octet-stream"


def get_thumbnail(call: Call) -> Any:
    """A small picture of a picture."""
    if not call.argument.resource.is_path():
        raise conflict("access_denied")
    row = _need(call, call.argument.resource.get_path(), "file")
    form = call.argument.format._tag if call.argument.format is not None else "jpeg"
    size = call.argument.size._tag if call.argument.size is not None else "w64h64"
    mode = call.argument.mode._tag if call.argument.mode is not None else "strict"
    data = thumbnail(row["display"], row["hash"], lambda: call.tree.data(row), form, size, mode)
    return data, {"file_metadata": _told(call, row)}, f"image/{form}"


def tags_add(call: Call) -> Any:
    """Add one tag to one item."""
    row, text = _need(call, call.argument.path), call.argument.tag_text.lower()
    try:
        changed = call.tree.tag(row, text)
    except TooManyTags as error:
        raise conflict("too_many_tags") from error
    note_write(call.state, call.route, call.account.id, row["path"], row["id"], text, changed)
    return None


def tags_remove(call: Call) -> Any:
    """Take one tag from one item."""
    row, text = _need(call, call.argument.path), call.argument.tag_text.lower()
    if not call.tree.untag(row, text):
        raise conflict("tag_not_present")
    note_write(call.state, call.route, call.account.id, row["path"], row["id"], text, True)
    return None


def tags_get(call: Call) -> Any:
    """The tags of several items; one that is not there fails all."""
    rows = [_need(call, path) for path in call.argument.paths]
    return {
        "paths_to_tags": [
            {
                "path": _told(call, row)["path_display"],
                "tags": [{".tag": "user_generated_tag", "tag_text": tag} for tag in call.tree.tags(row)],
            }
            for row in rows
        ]
    }


def upload(call: Call) -> Any:
    """Write a file."""
    path = call.place(call.argument.path)
    entry = call.tree.put(path, call.body)
    told_entry: dict[str, Any] = _told(call, call.tree.need(entry))
    del told_entry[".tag"]
    return told_entry


def delete(call: Call) -> Any:
    """Delete a file or folder."""
    row = _need(call, call.argument.path, outer="path_lookup")
    call.tree.delete(row["display"])
    return {"metadata": _told(call, row)}


def move(call: Call) -> Any:
    """Move or rename a file or folder."""
    row, to = _need(call, call.argument.from_path, outer="from_lookup"), call.place(call.argument.to_path)
    if call.tree.at(to) is not None and to.lower() != row["path"]:
        raise conflict("to", "conflict", "file")
    call.tree.move(row["display"], to)
    return {"metadata": _told(call, call.tree.need(to))}


def revoke(call: Call) -> Any:
    """Disable the token, and its refresh token."""
    oauth.revoke(call.state, call.access)
    return None


def _begin(call: Call) -> Cursor:
    said = call.argument
    if said.shared_link is not None:
        raise bad(call.route, "the twin lists no shared links")
    place = call.place(said.path)
    try:
        if place.startswith("id:"):
            place = call.tree.need(place, "folder")["path"]
        return listing.begin(
            call.state, call.tree, call.base, place, recursive=bool(said.recursive),
            limit=said.limit or listing.LIMIT, all_files=said.include_non_downloadable_files is not False,
        )  # fmt: skip
    except Lookup as error:
        raise conflict("path", error.tag) from error


def _page(call: Call, cursor: Cursor) -> Any:
    try:
        found = listing.page(call.state, cursor)
    except Reset as error:
        raise conflict("reset") from error
    except Lookup as error:
        raise conflict("path", error.tag) from error
    entries = [told(row, call.base) for row in found.rows]
    return {"entries": entries, "cursor": str(found.cursor), "has_more": found.more}


def _need(call: Call, path: str, kind: str = "", outer: str = "path") -> Any:
    try:
        row = call.tree.need(call.place(path), kind)
        if not row["path"].startswith(call.base + "/"):
            raise Lookup()
        return row
    except Lookup as error:
        raise conflict(outer, error.tag) from error


def _told(call: Call, row: Any) -> Any:
    return told(row, call.base)


READ, WRITE = "files.metadata.read", "files.metadata.write"
ROUTES = {
    "users/get_current_account": Route(
        users.get_current_account.arg_type, "account_info.read", lambda call: accounts.described(call.account)
    ),
    "auth/token/revoke": Route(auth.token_revoke.arg_type, "", revoke),
    "files/list_folder": Route(files.list_folder.arg_type, READ, list_folder),
    "files/list_folder/continue": Route(files.list_folder_continue.arg_type, READ, list_more),
    "files/list_folder/get_latest_cursor": Route(files.list_folder_get_latest_cursor.arg_type, READ, latest_cursor),
    "files/get_metadata": Route(files.get_metadata.arg_type, READ, get_metadata),
    "files/download": Route(files.download.arg_type, "files.content.read", download, style="download"),
    "files/get_thumbnail_v2": Route(files.get_thumbnail_v2.arg_type, "files.content.read", get_thumbnail, "download"),
    "files/tags/add": Route(files.tags_add.arg_type, WRITE, tags_add, writes=True),
    "files/tags/remove": Route(files.tags_remove.arg_type, WRITE, tags_remove, writes=True),
    "files/tags/get": Route(files.tags_get.arg_type, READ, tags_get),
    "files/upload": Route(files.upload.arg_type, "files.content.write", upload, style="upload", writes=True),
    "files/delete_v2": Route(files.delete_v2.arg_type, "files.content.write", delete, writes=True),
    "files/move_v2": Route(files.move_v2.arg_type, "files.content.write", move, writes=True),
}
