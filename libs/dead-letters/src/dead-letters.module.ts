import { Module } from '@nestjs/common';
import { ServiceRuntime } from '@orderflow/durable';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.js';

/** `/dead-letters` of a service: its `DurableModule` must be imported beside it. */
@Module({
  controllers: [DeadLettersController],
  providers: [
    {
      provide: DeadLetters,
      inject: [ServiceRuntime],
      useFactory: (runtime: ServiceRuntime) => new DeadLetters(runtime.operated),
    },
  ],
})
export class DeadLettersModule {}
