#!/bin/sh
# Fetches the OpenAPI documents of other projects out of their npm packages, unless they are there. Nothing of theirs is run.
set -eu
cd "$(dirname "$0")"
out=node_modules/.documents
mkdir -p "$out"
[ -f "$out/done" ] && [ "$out/done" -nt documents.sha256 ] && exit 0

# take PACKAGE PATH NAME
take() {
    archive=$(cd "$out" && npm pack --silent --ignore-scripts "$1")
    tar -xOf "$out/$archive" "package/$2" >"$out/$3"
    rm "$out/$archive"
}
take @okta/openapi@2.15.0 dist/spec.json okta.json
take @digdir/dialogporten-schema@1.118.6 swagger.verified.json dialogporten.json
take @blockfrost/openapi@0.1.93 openapi.yaml blockfrost.yaml
(cd "$out" && sha256sum --check --quiet ../../documents.sha256)
touch "$out/done"
