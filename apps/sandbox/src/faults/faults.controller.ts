import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Faults, faultsChange, faultsState } from './faults.js';

@ApiTags('faults')
@Controller('faults')
export class FaultsController {
  constructor(private readonly faults: Faults) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: faultsState })
  current() {
    return this.faults.current();
  }

  @Put()
  @ApiOperation({
    summary: 'Turn faults on or off',
    description:
      'A section in the body replaces the whole section: fields left out are reset. A missing section stays as it is. ' +
      '{} changes nothing; {"payments":{},"mail":{}} ends all faults. With forSeconds, its sections end by themselves.',
  })
  @ApiResponse({ status: 200, standardSchema: faultsState })
  change(@Body({ schema: faultsChange }) change: z.output<typeof faultsChange>) {
    return this.faults.change(change);
  }
}
