import { Inject, Injectable } from '@nestjs/common';
import { ClientKafka } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { DomainEvent } from '../events.js';

export const KAFKA = 'KAFKA';

@Injectable()
export class Publisher {
  constructor(@Inject(KAFKA) private readonly client: ClientKafka) {}

  /** Resolves once the broker has acknowledged it (acks=all, the default of kafkajs). */
  async publish(topic: string, key: string, value: DomainEvent): Promise<void> {
    await lastValueFrom(this.client.emit(topic, { key, value }));
  }
}
