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
    constructor(options: object);
    readonly memberId: string | null;
    readonly groupId: string;
    readonly cluster: {
      refreshMetadata(): Promise<void>;
      findGroupCoordinator(of: { groupId: string }): Promise<object>;
    };
    coordinator: object;
    fetch(nodeId: string): Promise<unknown>;
    recoverFromOffsetOutOfRange(error: unknown): Promise<void>;
    joinAndSync(): Promise<void>;
    recoverFromFetch(error: Error): Promise<void>;
    heartbeat(options: object): Promise<void>;
  }
}

declare module 'kafkajs/src/protocol/error.js' {
  export function createErrorFromCode(code: number): Error;
}

/** The request Fetch, in all of its versions. */
declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  export interface FetchRequest {
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
    }[];
  }
  export interface FetchedPartition {
    readonly partition: number;
    readonly errorCode: number;
    readonly highWatermark: string;
    readonly messages: readonly object[];
  }
  interface Fetch {
    readonly request: object;
    readonly response: { decode(bytes: Buffer): Promise<object>; parse(decoded: object): Promise<object> };
  }
  const fetchApi: { protocol: (api: { version: number }) => (request: FetchRequest) => Fetch };
  export default fetchApi;
}

/** The request Produce, in all of its versions. */
declare module 'kafkajs/src/protocol/requests/produce/index.js' {
  export interface ProduceRequest {
    readonly acks: number;
    readonly timeout: number;
    readonly compression?: number;
    readonly transactionalId?: string;
    readonly producerId?: unknown;
    readonly producerEpoch?: number;
    readonly topicData: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number | string;
        readonly firstSequence?: number;
        readonly messages: readonly import('kafkajs').Message[];
      }[];
    }[];
  }
  interface Produce {
    readonly request: { encode(): Promise<{ readonly buffer: Buffer }> };
    readonly response: object;
  }
  const produceApi: { protocol: (api: { version: number }) => (request: ProduceRequest) => Produce };
  export default produceApi;
}

/** CRC-32C. */
declare module 'kafkajs/src/protocol/recordBatch/crc32C/index.js' {
  const crc32c: (bytes: Buffer) => number;
  export default crc32c;
}
