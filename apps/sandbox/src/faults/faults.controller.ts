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
    summary: 'Make the outside world fail, or heal it',
    description:
      'A section that is named is replaced as a whole: fields left out go back to harmless. A section that is not named stays. ' +
      'So {} changes nothing, and {"payments":{},"mail":{}} ends all faults.',
  })
  @ApiResponse({ status: 200, standardSchema: faultsState })
  change(@Body({ schema: faultsChange }) change: z.output<typeof faultsChange>) {
    return this.faults.change(change);
  }
}
