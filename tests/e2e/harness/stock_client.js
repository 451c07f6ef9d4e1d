// SPDX-License-Identifier: Apache-2.0

// A program: calls the controller with @grpc/grpc-js, as an administrator or as a host.
//
//   node stock_client.js admin|host ADDRESS CERTIFICATE KEY CA

'use strict';

const assert = require('assert');
const fs = require('fs');
const grpc = require('@grpc/grpc-js');

const HELLO = Buffer.from([0x0a, 0x00]);  // AgentMessage.hello
const SERVING = Buffer.from([0x08, 0x01]);  // HealthCheckResponse.status
const same = (bytes) => bytes;

const [who, address, certificate, key, ca] = process.argv.slice(2);
const client = new grpc.Client(
    address,
    grpc.credentials.createSsl(...[ca, key, certificate].map((path) => fs.readFileSync(path))), {
      'grpc.ssl_target_name_override': 'controller.firebreak',
      'grpc.keepalive_time_ms': 20000,
      'grpc.max_send_message_length': -1,
    });

function soon(seconds = 60) {
  return {deadline: new Date(Date.now() + seconds * 1000)};
}

// What becomes of a call with one request and one answer.
function unary(method, request = Buffer.alloc(0), metadata = new grpc.Metadata()) {
  return new Promise((resolve) => {
    client.makeUnaryRequest(method, same, same, request, metadata, soon(), (error, answer) =>
        resolve({code: error ? error.code : grpc.status.OK, answer}));
  });
}

// What becomes of a stream; `act` may do something with it.
function stream(method, act) {
  return new Promise((resolve) => {
    const call = client.makeBidiStreamRequest(method, same, same, new grpc.Metadata(), soon());
    const messages = [];
    call.on('data', (message) => {
      messages.push(message);
      act(call, messages.length);
    });
    call.on('error', () => {});
    call.on('status', (status) => resolve({code: status.code, messages}));
    act(call, 0);
  });
}

async function expect(method, request, code) {
  const outcome = await unary(method, request);
  assert.strictEqual(outcome.code, code, `${method}, ${request.length} bytes`);
}

async function asAnyone(method) {
  const metadata = new grpc.Metadata();
  metadata.set('x-some', 'metadata');
  metadata.set('x-some-bin', Buffer.from([0, 255]));
  const outcome = await unary(method, Buffer.alloc(0), metadata);
  assert.strictEqual(outcome.code, grpc.status.OK);
  assert.deepStrictEqual((await unary('/grpc.health.v1.Health/Check')).answer, SERVING);
  const many = await Promise.all(Array.from({length: 100}, () => unary(method)));
  assert(many.every((one) => one.code === grpc.status.OK));
}

async function asHost() {
  const reach = '/firebreak.v1.Fleet/Reach';
  const connect = '/firebreak.v1.Fleet/Connect';
  await asAnyone(reach);
  await expect('/firebreak.v1.Fleet/Nothing', HELLO, grpc.status.UNIMPLEMENTED);
  await expect('/firebreak.v1.Admin/GetVersion', Buffer.alloc(0), grpc.status.PERMISSION_DENIED);
  await expect(reach, Buffer.from([0xff]), grpc.status.INVALID_ARGUMENT);
  await expect(reach, Buffer.alloc(17 << 20), grpc.status.RESOURCE_EXHAUSTED);
  // The host has nothing more to say.
  const over = await stream(connect, (call, messages) => {
    if (messages === 0) {
      call.write(HELLO);
      call.end();
    }
  });
  assert.strictEqual(over.code, grpc.status.OK);
  const givenUp = await stream(connect, (call, messages) => {
    if (messages === 0) call.write(HELLO);
    if (messages === 1) call.cancel();
  });
  assert.strictEqual(givenUp.code, grpc.status.CANCELLED);
  assert.strictEqual(givenUp.messages.length, 1);
  const late = new Promise((resolve) => {
    const call = client.makeBidiStreamRequest(connect, same, same, new grpc.Metadata(), soon(0.5));
    call.on('data', () => {});
    call.on('error', () => {});
    call.on('status', (status) => resolve(status.code));
    call.write(HELLO);
  });
  assert.strictEqual(await late, grpc.status.DEADLINE_EXCEEDED);
  assert.strictEqual((await unary(reach)).code, grpc.status.OK);
}

async function asAdministrator() {
  const version = '/firebreak.v1.Admin/GetVersion';
  await asAnyone(version);
  await expect('/firebreak.v1.Admin/Nothing', HELLO, grpc.status.UNIMPLEMENTED);
  await expect('/firebreak.v1.Fleet/Reach', Buffer.alloc(0), grpc.status.PERMISSION_DENIED);
  await expect('/firebreak.v1.Admin/Apply', Buffer.alloc(17 << 20),
               grpc.status.RESOURCE_EXHAUSTED);
  const services = await stream(
      '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo', (call, messages) => {
        if (messages === 0) call.write(Buffer.from([0x3a, 0x00]));  // list_services
        if (messages === 1) call.end();
      });
  assert(services.messages[0].includes('firebreak.v1.Admin'));
  assert.strictEqual((await unary(version)).code, grpc.status.OK);
}

(who === 'host' ? asHost() : asAdministrator()).then(() => {
  client.close();
  console.log('all is well');
}, (error) => {
  console.error(error);
  process.exit(1);
});
