"""Write config/README.md: every key of the config files, from the descriptions in their schemas.

Run from the project's root: PYTHONPATH=scripts .venv/bin/python scripts/tools/describe_config.py
"""

import json
from pathlib import Path

import yaml

from lrstudy import io

ROOT = Path(__file__).resolve().parents[2]
FILES = {"config": "config.yaml", "study": "studies/NAME.yaml", "datasets": "datasets.yaml"}


def rows(schema: dict, key: str = "") -> list[str]:
    """Return a table row for every key below `key` that the schema describes."""
    found = []
    for name, part in (schema.get("properties") or {}).items():
        path = f"{key}.{name}" if key else name
        if part and "description" in part:
            found.append(f"| `{path}` | {kind(part)} | {' '.join(part['description'].split())} | {default(part)} |")
        if part:
            found += rows(part, path)
    below = schema.get("additionalProperties")
    if isinstance(below, dict) and "properties" in below:
        found += rows(below, f"{key}.NAME" if key else "NAME")
    items = schema.get("items")
    return found + (rows(items, f"{key}[]") if isinstance(items, dict) else [])


def kind(part: dict) -> str:
    """Return a key's type in words."""
    if "enum" in part:
        return " or ".join(f"`{value}`" for value in part["enum"])
    kinds = part.get("type", "list" if "$ref" in part else "see right")
    return (
        " or ".join(kinds if isinstance(kinds, list) else [kinds]).replace("array", "list").replace("object", "mapping")
    )


def default(part: dict) -> str:
    """Return a key's default, if the schema has one."""
    return f"`{json.dumps(part['default'])}`" if "default" in part else ""


def text() -> str:
    """Return the whole of config/README.md."""
    parts = ["# The config, key by key\n\nMade from `workflow/schemas/` by `scripts/tools/describe_config.py`.\n"]
    for name, file in FILES.items():
        schema = yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text(encoding="utf-8"))
        head = "| key | type | what | default |\n| --- | --- | --- | --- |\n"
        parts.append(f"## {file}\n\n{schema['description']}\n\n{head}" + "\n".join(rows(schema)) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    io.write_text(ROOT / "config/README.md", text())
