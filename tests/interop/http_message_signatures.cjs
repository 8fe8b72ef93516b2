// Signs one request with the package http-message-signatures, as its documentation says. Reads a description
// from standard input, prints the fields of the signed request; or verifies one, and prints the verdict.
const { httpbis: { signMessage, verifyMessage }, createSigner, createVerifier } = require("http-message-signatures");

async function main(task) {
    const message = { method: task.method, url: task.url, headers: task.headers };
    if (task.action === "verify") {
        const verifier = {
            id: task.keyid, algs: ["hmac-sha256"], verify: createVerifier(task.secret, "hmac-sha256"),
        };
        return verifyMessage({
            keyLookup: async ({ keyid }) => (keyid === task.keyid ? verifier : null),
            requiredFields: task.fields,
        }, message);
    }
    const signed = await signMessage({
        key: createSigner(task.secret, "hmac-sha256", task.keyid),
        name: "kwik",
        fields: task.fields,
        params: ["created", "keyid", "alg", "expires", "nonce", "tag"],
        paramValues: { nonce: task.nonce, tag: "kwik" },
    }, message);
    return signed.headers;
}

const task = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
main(task).then((result) => console.log(JSON.stringify(result)));
