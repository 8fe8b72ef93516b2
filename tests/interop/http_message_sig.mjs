// The same with the package http-message-sig.
import { readFileSync } from "node:fs";
import { createHmac, timingSafeEqual } from "node:crypto";
import { appendSignature, createSignature, verifySignature } from "http-message-sig";

const task = JSON.parse(readFileSync(0, "utf8"));
const mac = (base) => createHmac("sha256", task.secret).update(base).digest();
const request = new Request(task.url, { method: task.method, headers: task.headers });

async function sign() {
    const signer = { algorithm: "hmac-sha256", sign: async (base) => new Uint8Array(mac(base)) };
    const fields = await createSignature(request, {
        label: "kwik",
        components: task.fields,
        parameters: {
            created: Math.floor(Date.now() / 1000), alg: signer.algorithm, keyid: task.keyid, nonce: task.nonce, tag: "kwik",
        },
        signer,
    });
    return Object.fromEntries(appendSignature(request.headers, fields));
}

async function verify() {
    const verifier = {
        algorithm: "hmac-sha256",
        verify: async (base, signature) => timingSafeEqual(mac(base), signature),
    };
    await verifySignature(request, {
        policy: {
            algorithms: ["hmac-sha256"], requiredComponents: task.fields, requiredParameters: ["created", "keyid"],
            maxAge: 300, clockSkew: 30,
        },
        resolveVerifier: (candidate) => (candidate.parameters.keyid === task.keyid ? verifier : undefined),
    });
    return true;
}

console.log(JSON.stringify(await (task.action === "verify" ? verify() : sign())));
