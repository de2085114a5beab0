"""Turns docs/openapi.yaml into the JSON that the server answers with, as a C++ source. Needs PyYAML; build time only."""

import json
import sys

import yaml

TEMPLATE = """// Made from docs/openapi.yaml by api/openapi/embed.py.
#include "api/openapi/document.hpp"

namespace decklog::api {{

std::string_view openapi_document() {{
    return R"decklog({document})decklog";
}}

}}  // namespace decklog::api
"""


def main(source: str, target: str) -> None:
    with open(source, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    with open(target, "w", encoding="utf-8") as file:
        file.write(TEMPLATE.format(document=text))


main(sys.argv[1], sys.argv[2])
