import { Module } from '@nestjs/common';
import { ServiceRuntime } from '@orderflow/durable';
import { DeadCallsController } from './calls/dead-calls.controller.js';
import { DeadCalls } from './calls/dead-calls.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.js';
import { ExpiredController } from './expired/expired.controller.js';
import { ExpiredRanges } from './expired/expired-ranges.js';

/** `/dead-letters` of a service. It needs the service's `DurableModule`. */
@Module({
  controllers: [DeadCallsController, ExpiredController, DeadLettersController],
  providers: [
    {
      provide: DeadLetters,
      inject: [ServiceRuntime],
      useFactory: ({ database, dependencies, connections, instance }: ServiceRuntime) =>
        new DeadLetters({ ...dependencies, database, connections, groups: instance.groups }),
    },
    {
      provide: ExpiredRanges,
      inject: [ServiceRuntime],
      useFactory: ({ database, dependencies: { log } }: ServiceRuntime) => new ExpiredRanges({ database, log }),
    },
    {
      provide: DeadCalls,
      inject: [ServiceRuntime],
      useFactory: ({ database, dependencies, instance }: ServiceRuntime) =>
        new DeadCalls({
          ...dependencies,
          database,
          commands: instance.main.commands,
          settlements: instance.settlements,
          confidential: instance.confidential,
        }),
    },
  ],
})
export class DeadLettersModule {}
