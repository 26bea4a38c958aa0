/** Missing in kafkajs' own types: the queue of requests of one connection. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    readonly throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}

/** One connection. kafkajs reuses the object after a disconnect. */
declare module 'kafkajs/src/network/connection.js' {
  export default class Connection {
    constructor(options: object);
    chunks: Buffer[];
    bytesBuffered: number;
    bytesNeeded: number;
    isConnected(): boolean;
    connect(): Promise<unknown>;
    send(request: object): Promise<unknown>;
    disconnect(): Promise<unknown>;
  }
}

/** A member's view of its group. */
declare module 'kafkajs/src/consumer/consumerGroup.js' {
  export default class ConsumerGroup {
    readonly memberId: string | null;
    fetch(nodeId: string): Promise<unknown>;
  }
}

declare module 'kafkajs/src/protocol/error.js' {
  export function createErrorFromCode(code: number): Error;
}

/** Reader of the protocol's bytes. */
declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(buffer: Buffer);
    readVarInt(): number;
    readVarIntArray(read: (decoder: Decoder) => { key: string }): { key: string }[];
  }
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js' {
  import type { IHeaders } from 'kafkajs';
  import type Decoder from 'kafkajs/src/protocol/decoder.js';
  export default function decodeRecord(decoder: Decoder, context: object): { headers: IHeaders };
}
