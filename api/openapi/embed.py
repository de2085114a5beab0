"""Turns docs/openapi.yaml into the JSON that the server answers with, as a C++ source. Needs PyYAML; build time only."""

import json
import sys

import yaml

TEMPLATE = """// Made from docs/openapi.yaml by api/openapi/embed.py.
#include "api/openapi/document.hpp"

#include <string>

namespace decklog::api {{

std::string_view openapi_document() {{
    static const std::string document = std::string(){parts};
    return document;
}}

}}  // namespace decklog::api
"""


PART = 16_000  # characters: a compiler need not take a literal of more than 65,536 bytes


def main(source: str, target: str) -> None:
    with open(source, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    parts = "".join(
        f'\n        .append(R"decklog({text[at : at + PART]})decklog")' for at in range(0, len(text), PART)
    )
    with open(target, "w", encoding="utf-8") as file:
        file.write(TEMPLATE.format(parts=parts))


main(sys.argv[1], sys.argv[2])
