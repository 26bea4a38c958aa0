import { it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { KafkajsBroker } from '../src/driver/kafkajs-broker.js';
import { BrokerProxy } from './broker-proxy.js';
import { RealBroker } from './real-broker.js';

const real = new RealBroker();
const proxy = new BrokerProxy();

/** https://kafka.apache.org/protocol#protocol_api_keys */
const LIST_OFFSETS = 2;
const METADATA = 3;

const nothing = async () => undefined;

it.each([
  ['describes its cluster', METADATA, (broker: KafkajsBroker) => broker.clusterId()],
  ['reads its log', LIST_OFFSETS, (broker: KafkajsBroker) => broker.readLog([real.topic], { last: 1 }, nothing)],
])(
  'a broker that goes away once it is connected is waited for, with a line: %s',
  async (_what, cut, ask) => {
    await real.start(6);
    const lines: string[] = [];
    const broker = real.broker([`127.0.0.1:${proxy.port}`], {
      reachTimeoutMs: Infinity,
      log: (_level, line) => void lines.push(line),
    });
    proxy.cuts.add(cut);
    const answer = ask(broker);
    await eventually(() => lines.some((line) => line.startsWith('KAFKA_BROKERS')), 60_000);
    proxy.cuts.clear();
    await answer;
  },
  90_000,
);
