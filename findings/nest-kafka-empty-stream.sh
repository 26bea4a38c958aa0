#!/usr/bin/env bash
# NestJS 12.1.1 lets a handler of events return an Observable. Its Kafka server waits for the last value of it. A stream that
# completes without one (EMPTY, a filter that lets nothing pass) is an EmptyError there. For kafkajs that is a failure of
# eachMessage: it does not commit, the event that was handled is delivered again, and what stands behind it waits. A promise of
# undefined is a success, and so is an empty stream from a handler of requests.
# Fails when an empty stream of an event handler is a success.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm @nestjs/common@12.5.1 @nestjs/core@12.5.1 @nestjs/microservices@12.1.1 kafkajs@2.2.4 reflect-metadata@0.2.2 rxjs@7.8.2

cat >handle.mjs <<'JS'
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, ServerKafka } from '@nestjs/microservices';
import { EMPTY, filter, of } from 'rxjs';
class Handlers {
  promise() {
    return Promise.resolve();
  }
  oneValue() {
    return of(1);
  }
  empty() {
    return EMPTY;
  }
  filtered() {
    return of(1).pipe(filter((value) => value > 1));
  }
  request() {
    return EMPTY;
  }
}
Controller()(Handlers);
const handle = (decorator, name) => decorator(name)(Handlers.prototype, name, Object.getOwnPropertyDescriptor(Handlers.prototype, name));
for (const name of ['promise', 'oneValue', 'empty', 'filtered']) handle(EventPattern, name);
handle(MessagePattern, 'request');
class App {}
Module({ controllers: [Handlers] })(App);

// In place of a broker: eachMessage is kept, and called as the consumer of kafkajs calls it.
let eachMessage;
const nothing = async () => {};
const consumer = { connect: nothing, disconnect: nothing, events: {}, on() {}, subscribe: nothing };
consumer.run = async (options) => ({ eachMessage } = options);
const producer = { connect: nothing, disconnect: nothing, events: {}, on() {}, send: nothing };
class Server extends ServerKafka {
  async createClient() {
    return { consumer: () => consumer, producer: () => producer };
  }
}
const app = await NestFactory.createMicroservice(App, { strategy: new Server({}), logger: false });
await app.listen();
const reply = { kafka_correlationId: Buffer.from('1'), kafka_replyTopic: Buffer.from('replies') };
for (const topic of ['promise', 'oneValue', 'empty', 'filtered', 'request']) {
  const message = { key: null, value: Buffer.from('{}'), headers: topic === 'request' ? reply : {} };
  const outcome = await eachMessage({ topic, partition: 0, message, heartbeat: nothing }).then(
    () => 'resolves',
    (error) => `rejects: ${error.name}, ${error.message}`,
  );
  console.log(topic.padEnd(8), '| eachMessage', outcome);
}
await app.close();
JS

expect node handle.mjs <<'SEEN'
promise  | eachMessage resolves
oneValue | eachMessage resolves
empty    | eachMessage rejects: EmptyError, no elements in sequence
filtered | eachMessage rejects: EmptyError, no elements in sequence
request  | eachMessage resolves
SEEN
