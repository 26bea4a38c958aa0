import { Module } from '@nestjs/common';
import { ServiceRuntime } from '@orderflow/durable';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.js';

/** `/dead-letters` of a service. It needs the service's `DurableModule`. */
@Module({
  controllers: [DeadLettersController],
  providers: [
    {
      provide: DeadLetters,
      inject: [ServiceRuntime],
      useFactory: ({ database, dependencies, connections, instance }: ServiceRuntime) =>
        new DeadLetters({ ...dependencies, database, connections, groups: instance.groups }),
    },
  ],
})
export class DeadLettersModule {}
