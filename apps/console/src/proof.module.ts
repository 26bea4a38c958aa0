import { Module } from '@nestjs/common';
import { PinoLogger } from '@orderflow/telemetry';
import { JournalRuntime } from './adapters/journal-runtime.js';
import { SumsOfJournal } from './adapters/proof/journal-sums.js';
import { PostgresAudits } from './adapters/proof/postgres-audits.js';
import { Audits } from './domain/proof/audits.js';
import { Sums } from './domain/proof/sums.js';
import { ProofController } from './http/proof.controller.js';

/** The page Proof. */
@Module({
  controllers: [ProofController],
  providers: [
    {
      provide: Audits,
      inject: [JournalRuntime],
      useFactory: ({ parts: { database } }: JournalRuntime) => new PostgresAudits(database),
    },
    {
      provide: Sums,
      inject: [JournalRuntime, PinoLogger],
      useFactory: ({ parts: { database } }: JournalRuntime, log: PinoLogger) => {
        log.setContext('proof');
        return new SumsOfJournal(database, log);
      },
    },
  ],
})
export class ProofModule {}
