"""Dropbox's own SDK works on the twin as it does on Dropbox."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import dropbox
import pytest
import requests
from dropbox import common, exceptions, files
from PIL import Image
from requests.adapters import HTTPAdapter

from tests.twins.dropbox import Fault, Twin
from tests.twins.dropbox.oauth import MEANING


class Moved(HTTPAdapter):
    """Leads every address of Dropbox to the twin: the SDK itself knows no other."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        assert request.url is not None
        request.url = self._twin.url + "/" + request.url.split("/", 3)[3]
        return super().send(request, *args, **more)


@pytest.fixture
def twin() -> Iterator[Twin]:
    with Twin() as served:
        yield served


@pytest.fixture
def sdk(twin: Twin) -> Iterator[dropbox.Dropbox]:
    tokens = twin.tokens(sorted(MEANING))
    with requests.Session() as session:
        session.mount("https://", Moved(twin))
        yield dropbox.Dropbox(
            oauth2_access_token=tokens["access_token"], oauth2_refresh_token=tokens["refresh_token"],
            app_key=twin.client, session=session, max_retries_on_error=0, max_retries_on_rate_limit=0,
        )  # fmt: skip


def test_the_sdk_uploads_lists_moves_and_deletes(twin: Twin, sdk: dropbox.Dropbox) -> None:
    made = sdk.files_upload(b"bytes", "/Aurora/ä.jpg")
    twin.set(page_size=1)
    page = sdk.files_list_folder("", recursive=True)
    entries = list(page.entries)
    while page.has_more:
        page = sdk.files_list_folder_continue(page.cursor)
        entries += page.entries
    assert [one.path_display for one in entries] == ["/Aurora", "/Aurora/ä.jpg"]
    assert entries[1].id == made.id == sdk.files_get_metadata("/aurora/Ä.jpg").id
    sdk.files_move_v2("/Aurora/ä.jpg", "/b.jpg")
    assert sdk.files_get_metadata(made.id).path_display == "/b.jpg"
    sdk.files_delete_v2("/b.jpg")
    with pytest.raises(exceptions.ApiError) as caught:
        sdk.files_get_metadata("/b.jpg")
    assert caught.value.error.get_path().is_not_found()


def test_the_sdk_downloads_and_sees_thumbnails(twin: Twin, sdk: dropbox.Dropbox) -> None:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(out, "JPEG")
    twin.put("/größe.jpg", out.getvalue())
    told, answer = sdk.files_download("/größe.jpg")
    assert answer.content == out.getvalue()
    assert told.size == len(answer.content)
    told, answer = sdk.files_get_thumbnail_v2(
        files.PathOrLink.path("/größe.jpg"), size=files.ThumbnailSize.w640h480, mode=files.ThumbnailMode.bestfit
    )
    assert told.file_metadata.name == "größe.jpg"
    assert Image.open(io.BytesIO(answer.content)).size == (640, 427)


def test_the_sdk_tags(twin: Twin, sdk: dropbox.Dropbox) -> None:
    twin.put("/a.jpg", b"a")
    sdk.files_tags_add("/a.jpg", "Aurora")
    (found,) = sdk.files_tags_get(["/a.jpg"]).paths_to_tags
    assert [one.get_user_generated_tag().tag_text for one in found.tags] == ["aurora"]
    sdk.files_tags_remove("/a.jpg", "aurora")
    with pytest.raises(exceptions.ApiError) as caught:
        sdk.files_tags_remove("/a.jpg", "aurora")
    assert caught.value.error.is_tag_not_present()


def test_the_sdk_renews_its_token_and_hears_refusals(twin: Twin, sdk: dropbox.Dropbox) -> None:
    twin.expire_tokens()
    assert sdk.users_get_current_account().email == "ada@example.com"
    twin.plan(Fault("rate", "files/*", seconds=4))
    with pytest.raises(exceptions.RateLimitError) as caught:
        sdk.files_list_folder("")
    assert caught.value.backoff == 4
    twin.plan(Fault("error", "files/*"))
    with pytest.raises(exceptions.InternalServerError):
        sdk.files_list_folder("")
    twin.plan(Fault("reset", "files/list_folder/continue"))
    with pytest.raises(exceptions.ApiError) as broken:
        sdk.files_list_folder_continue(sdk.files_list_folder("").cursor)
    assert broken.value.error.is_reset()
    with pytest.raises(exceptions.PathRootError):
        sdk.with_path_root(common.PathRoot.root("1")).files_list_folder("")
    sdk.auth_token_revoke()
    with pytest.raises(exceptions.AuthError):
        sdk.users_get_current_account()


def test_the_sdk_authorises_with_pkce(twin: Twin) -> None:
    session: dict[str, str] = {}
    back = "http://127.0.0.1:8765/connect/dropbox/back"
    flow = dropbox.DropboxOAuth2Flow(
        twin.client, back, session, "csrf", use_pkce=True, token_access_type="offline",
        scope=["files.metadata.read", "account_info.read"],
    )  # fmt: skip
    with flow.requests_session as browser:
        browser.mount("https://", Moved(twin))
        asked = flow.start().replace("https://www.dropbox.com", twin.url)
        came = twin.consent(asked)
        got = flow.finish({"state": came.state, "code": came.code})
    assert got.refresh_token
    assert set(got.scope.split()) == {"files.metadata.read", "account_info.read"}
    assert got.account_id == twin.id
