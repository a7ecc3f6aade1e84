// SPDX-License-Identifier: MPL-2.0

// Drives a mock with Twilio's own library for Node.js: every call that the mock serves. The
// arguments are the mock's URL, an account SID, and its auth token. The test in tools/twilio-go
// runs it, and checks that no call is missing.

import assert from "node:assert/strict";
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import twilio from "twilio";

const [base, accountSid, authToken] = process.argv.slice(2);
const identity = "sdk-robot-0001";

// ToMock sends the library's requests to the mock.
class ToMock extends twilio.RequestClient {
  request(options) {
    return super.request({ ...options, uri: options.uri.replace(/^https:\/\/(verify|conversations)\.twilio\.com/, base) });
  }
}

const client = twilio(accountSid, authToken, { httpClient: new ToMock() });
await drive(client.verify.v2);
await templates(client.verify.v2);
await credentials(client.conversations.v1);

async function drive(verify) {
  const service = await services(verify);
  await entities(service);
  await totpFactor(service.entities(identity));
  await pushFactor(service.entities(identity));
  await webhooks(service);
  await accessTokens(service);
  await rateLimits(service);
  await messagingConfigurations(service);
  assert.equal(await service.remove(), true);
  await assert.rejects(service.fetch(), { status: 404, code: 20404 });
}

async function services(verify) {
  const created = await verify.services.create({ friendlyName: "SDK", codeLength: 8 });
  const service = verify.services(created.sid);
  await service.update({ friendlyName: "SDK, renamed", "totp.issuer": "Example" });
  const fetched = await service.fetch();
  assert.equal(fetched.friendlyName, "SDK, renamed");
  assert.equal(fetched.codeLength, 8);
  const sids = (await verify.services.list({ pageSize: 1 })).map((s) => s.sid);
  assert.ok(sids.includes(created.sid));
  return service;
}

async function entities(service) {
  for (const name of [identity, "sdk-robot-0002", "sdk-robot-0003"]) {
    const created = await service.entities.create({ identity: name });
    assert.equal((await service.entities(name).fetch()).sid, created.sid);
  }
  assert.equal((await service.entities.list({ pageSize: 2 })).length, 3);
  assert.equal(await service.entities("sdk-robot-0003").remove(), true);
}

async function totpFactor(entity) {
  const created = await entity.newFactors.create({
    friendlyName: "Robot", factorType: "totp", "config.skew": 2, "config.timeStep": 60, metadata: { use: "deploy" },
  });
  const factor = entity.factors(created.sid);
  const code = totp(created.binding.secret, 60);
  assert.equal((await factor.update({ authPayload: code })).status, "verified");
  await factor.update({ friendlyName: "Robot, renamed", "config.skew": 1 });
  assert.equal((await factor.fetch()).friendlyName, "Robot, renamed");
  assert.deepEqual((await entity.factors.list()).map((f) => f.sid), [created.sid]);

  const challenge = await entity.challenges.create({ factorSid: created.sid });
  assert.equal(challenge.status, "pending");
  assert.equal((await entity.challenges(challenge.sid).update({ authPayload: code })).status, "approved");
  assert.equal((await entity.challenges(challenge.sid).fetch()).status, "approved");
  assert.equal((await entity.challenges.list({ factorSid: created.sid, status: "approved" })).length, 1);
  assert.equal(await factor.remove(), true);
}

async function pushFactor(entity) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const created = await entity.newFactors.create({
    friendlyName: "Phone", factorType: "push",
    "binding.alg": "ES256", "binding.publicKey": publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    "config.appId": "com.example.app", "config.notificationPlatform": "fcm", "config.notificationToken": "t".repeat(64), "config.sdkVersion": "1.0.0",
  });
  const signature = createSign("SHA256").update(created.sid).sign(privateKey, "base64");
  assert.equal((await entity.factors(created.sid).update({ authPayload: signature })).status, "verified");
  const challenge = await entity.challenges.create({
    factorSid: created.sid, "details.message": "Approve?", hiddenDetails: { ip: "192.0.2.1" },
    "details.fields": [{ label: "Host", value: "build-1" }],
  });
  assert.equal(challenge.status, "pending");
  const notification = await entity.challenges(challenge.sid).notifications.create({ ttl: 60 });
  assert.equal(notification.challengeSid, challenge.sid);
}

async function webhooks(service) {
  const created = await service.webhooks.create({
    friendlyName: "Events", eventTypes: ["factor.created", "factor.deleted"], webhookUrl: "https://example.com/events", version: "v2",
  });
  await service.webhooks(created.sid).update({ status: "disabled" });
  const fetched = await service.webhooks(created.sid).fetch();
  assert.equal(fetched.status, "disabled");
  assert.equal(fetched.eventTypes.length, 2);
  assert.equal((await service.webhooks.list()).length, 1);
  assert.equal(await service.webhooks(created.sid).remove(), true);
}

async function accessTokens(service) {
  const created = await service.accessTokens.create({ identity, factorType: "push", factorFriendlyName: "Phone", ttl: 120 });
  assert.ok(created.token);
  assert.equal((await service.accessTokens(created.sid).fetch()).entityIdentity, identity);
}

async function rateLimits(service) {
  const created = await service.rateLimits.create({ uniqueName: "end_user" });
  const limit = service.rateLimits(created.sid);
  await limit.update({ description: "by user" });
  assert.equal((await limit.fetch()).description, "by user");
  assert.deepEqual((await service.rateLimits.list()).map((l) => l.uniqueName), ["end_user"]);
  const bucket = limit.buckets((await limit.buckets.create({ max: 5, interval: 60 })).sid);
  await bucket.update({ max: 6 });
  const fetched = await bucket.fetch();
  assert.deepEqual([fetched.max, fetched.interval, fetched.rateLimitSid], [6, 60, created.sid]);
  assert.equal((await limit.buckets.list()).length, 1);
  assert.equal(await bucket.remove(), true);
  assert.equal(await limit.remove(), true);
}

async function messagingConfigurations(service) {
  const [first, second] = ["1", "2"].map((digit) => "MG" + digit.repeat(32));
  await service.messagingConfigurations.create({ country: "US", messagingServiceSid: first });
  const configuration = service.messagingConfigurations("US");
  await configuration.update({ messagingServiceSid: second });
  assert.equal((await configuration.fetch()).messagingServiceSid, second);
  assert.deepEqual((await service.messagingConfigurations.list()).map((c) => c.country), ["US"]);
  assert.equal(await configuration.remove(), true);
}

async function templates(verify) {
  const [template] = await verify.templates.list();
  assert.match(template.sid, /^HJ/);
  assert.ok(template.channels.includes("sms"));
}

async function credentials(conversations) {
  const created = await conversations.credentials.create({
    type: "apn", friendlyName: "iOS", certificate: "certificate", privateKey: "key", sandbox: true,
  });
  const credential = conversations.credentials(created.sid);
  await credential.update({ friendlyName: "iOS, renamed", privateKey: "new" });
  const fetched = await credential.fetch();
  assert.deepEqual([fetched.friendlyName, fetched.type, fetched.sandbox], ["iOS, renamed", "apn", "true"]);
  assert.deepEqual((await conversations.credentials.list()).map((c) => c.sid), [created.sid]);
  assert.equal(await credential.remove(), true);
}

// totp returns the current code of a secret in Base32.
function totp(secret, period) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/=+$/, "")].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / period)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const number = mac.readUInt32BE(mac[mac.length - 1] & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
