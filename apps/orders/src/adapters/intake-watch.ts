import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { type Database, type Log, Loop, readBacklog, systemClock } from '@orderflow/durable';
import { counter, gauges } from '@orderflow/telemetry';
import {
  afterReading,
  type Intake,
  type IntakeSettings,
  openIntake,
  readingEveryMs,
  secondsUntilOpen,
} from '../domain/intake.js';

const refused = counter(
  'orderflow_orders_refused_total',
  'Orders that were refused because too many are pending to be decided in time.',
);

/** Reads the backlog of orders again and again, and decides by it whether further ones are accepted. */
export class IntakeWatch extends Loop implements Intake, OnApplicationBootstrap, OnModuleDestroy {
  private state = openIntake;

  constructor(
    private readonly database: Database,
    private readonly settings: IntakeSettings,
    private readonly log: Log,
  ) {
    super('intake', readingEveryMs(settings.deadlineSeconds), { clock: systemClock, log });
    gauges(
      { orderflow_intake_wait_seconds: { help: 'The time that an order placed now would wait for its decision.' } },
      () => ({ orderflow_intake_wait_seconds: this.state.waitSeconds }),
      () => undefined,
    );
  }

  get isOpen(): boolean {
    return this.state.isOpen;
  }

  refuse(): number {
    refused.add({});
    return secondsUntilOpen(this.state, this.settings);
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.stop();
  }

  override async step(): Promise<boolean> {
    const { open, appended } = await readBacklog(this.database);
    // Each order appends a record when it is placed, and another one when it is confirmed or cancelled.
    const reading = { at: systemClock.elapsed() / 1_000, pending: open, changes: appended };
    const wasOpen = this.isOpen;
    this.state = afterReading(this.state, reading, this.settings);
    const { isOpen, waitSeconds } = this.state;
    if (isOpen !== wasOpen)
      this.log.warn(
        { pending: open, waitSeconds },
        isOpen ? 'orders are accepted again' : 'orders are refused: too many are pending',
      );
    return false;
  }
}
