"""The API's description for people: one page, written from the OpenAPI document; no scripts, so no internet needed."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

router = APIRouter()

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
summary { cursor: pointer; padding: .4rem 0 } summary code { font-size: 1rem } pre { overflow-x: auto; padding: .8rem;
background: color-mix(in srgb, currentColor 7%, transparent) } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0 } .method { display: inline-block;
width: 4.5rem; font-weight: 700 } section { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
"""


@router.get("/docs", include_in_schema=False)
async def read_documentation(request: Request) -> Response:
    """The page."""
    return HTMLResponse(documentation_page(request.app.openapi()), headers={"Cache-Control": "no-cache"})


def documentation_page(document: dict[str, Any]) -> str:
    """HTML of an OpenAPI 3.1 document: every operation with its parameters, bodies and answers; every shape once."""
    info = document["info"]
    base = document["servers"][0]["url"]
    operations = "".join(
        _operation(base + path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    shapes = "".join(_shape(name, schema) for name, schema in document.get("components", {}).get("schemas", {}).items())
    title = f"{escape(info['title'])} HTTP API {escape(info['version'])}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1><p>{escape(info.get('description', ''))}</p>"
        f'<p>For programs: <a href="openapi.json">openapi.json</a></p>'
        f"<h2>Requests</h2>{operations}<h2>Shapes</h2>{shapes}</html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = [
        (f"{parameter['name']} ({parameter['in']})", _type(parameter["schema"]), parameter.get("description", ""))
        for parameter in operation.get("parameters", [])
    ]
    rows += [("body", _content(operation["requestBody"]), "")] if "requestBody" in operation else []
    rows += [
        (f"answer {status}", _content(answer), answer.get("description", ""))
        for status, answer in operation["responses"].items()
    ]
    token = "" if operation.get("security") else " <em>no token needed</em>"
    return (
        f'<section><details><summary><span class="method">{method.upper()}</span><code>{escape(path)}</code>{token}'
        f"</summary><p>{escape(operation.get('description', ''))}</p>{_table(rows)}</details></section>"
    )


def _shape(name: str, schema: dict[str, Any]) -> str:
    needed = schema.get("required", [])
    rows = [
        (field + ("" if field in needed else " (optional)"), _type(of), of.get("description", ""))
        for field, of in schema.get("properties", {}).items()
    ]
    return (
        f'<section id="{escape(name)}"><h3>{escape(name)}</h3><p>{escape(schema.get("description", ""))}</p>'
        f"{_table(rows)}</section>"
    )


def _table(rows: list[tuple[str, str, str]]) -> str:
    cells = "".join(
        f"<tr><th><code>{escape(name)}</code></th><td>{kind}</td><td>{escape(note)}</td></tr>"
        for name, kind, note in rows
    )
    return f"<table>{cells}</table>"


def _content(part: dict[str, Any]) -> str:
    return ", ".join(
        f"{_type(content.get('schema', {}))} <small>{escape(media_type)}</small>"
        for media_type, content in part.get("content", {}).items()
    )


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words, with links to shapes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{escape(name)}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    words = [schema.get("title", "object") if schema.get("type") == "object" else schema.get("type", "any value")]
    words += [schema["format"]] if "format" in schema else []
    words += [f"{word} {schema[key]}" for word, key in (("from", "minimum"), ("to", "maximum")) if key in schema]
    return escape(" ".join(words))
