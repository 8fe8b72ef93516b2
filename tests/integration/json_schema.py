"""As much of JSON Schema 2020-12 as openapi.json and configs/schema.json use. A keyword that is not known is a problem: it would hold nothing."""

import re

SILENT = {"$schema", "$defs", "title", "description", "default", "minLength", "maxLength"}
KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
FORMATS = {"date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "date": r"\d{4}-\d\d-\d\d"}


def is_kind(value, kind):
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, KINDS[kind])


def problems_of(value, schema, document, at="$"):
    """Sentences about what does not fit; empty when all does."""
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return problems_of(value, target, document, at)
    problems = []
    for keyword, operand in schema.items():
        problems += check(keyword, operand, value, schema, document, at)
    return problems


def check(keyword, operand, value, schema, document, at):
    if keyword == "type":
        kinds = operand if isinstance(operand, list) else [operand]
        return [] if any(is_kind(value, kind) for kind in kinds) else [f"{at} is not {kinds}: {value!r}"]
    if keyword == "enum":
        return [] if value in operand else [f"{at} is none of {operand}: {value!r}"]
    if keyword == "properties":
        return [problem for name, inner in operand.items() if isinstance(value, dict) and name in value
                for problem in problems_of(value[name], inner, document, f"{at}.{name}")]
    if keyword == "required":
        return [f"{at} lacks {name}" for name in operand if isinstance(value, dict) and name not in value]
    if keyword == "additionalProperties":
        extra = set(value) - set(schema.get("properties", {})) if isinstance(value, dict) else set()
        if operand is False:
            return [f"{at} has {name}" for name in extra]
        return [p for name in extra for p in problems_of(value[name], operand, document, f"{at}.{name}")]
    if keyword == "items":
        items = value if isinstance(value, list) else []
        return [p for i, item in enumerate(items) for p in problems_of(item, operand, document, f"{at}[{i}]")]
    if keyword in ("minItems", "maxItems"):
        is_right = len(value) >= operand if keyword == "minItems" else len(value) <= operand
        return [] if is_right else [f"{at}: {keyword} {operand}"]
    if keyword in ("minimum", "maximum"):
        is_right = value >= operand if keyword == "minimum" else value <= operand
        return [] if is_right else [f"{at}: {keyword} {operand}: {value}"]
    if keyword == "pattern":
        return [] if re.search(operand, value) else [f"{at}: not {operand}"]
    if keyword == "format":
        is_right = operand in FORMATS and (value is None or re.fullmatch(FORMATS[operand], value))
        return [] if is_right else [f"{at}: not {operand}: {value!r}"]
    if keyword == "anyOf":
        return [] if any(not problems_of(value, one, document, at) for one in operand) else [f"{at} fits none of anyOf"]
    if keyword == "propertyNames":
        return [p for name in value for p in problems_of(name, operand, document, f"{at}.{name}")]
    if keyword in ("minProperties", "maxProperties"):
        is_right = len(value) >= operand if keyword == "minProperties" else len(value) <= operand
        return [] if is_right else [f"{at}: {keyword} {operand}"]
    if keyword == "uniqueItems":
        return [] if all(item not in value[:i] for i, item in enumerate(value)) else [f"{at}: an item stands twice"]
    return [] if keyword in SILENT else [f"the schema uses {keyword}"]
