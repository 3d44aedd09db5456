"""What the page must know before anybody logs in."""

from importlib.metadata import version

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import JsonAnswer
from api.windhover.caller import Shared
from api.windhover.models import Configuration

router = APIRouter(tags=["configuration"])


@router.get("/config", response_model=Configuration)
async def read_configuration(resources: Shared) -> Response:
    """The tile server to draw maps with, and the version."""
    return JsonAnswer({"tile_url": resources.settings.tile_url, "version": version("windhover")})
